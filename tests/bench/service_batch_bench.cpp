// A batch of the service beside the same batch in process: one key, one template, one level (B-T, local authority);
// each freezes the template, cuts the fonts, makes and stores every contract. service_batch_bench [ROWS] [DATABASE];
// prints one JSON object. Roster's check, acceptance and making are timed apart.
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <sys/resource.h>

#include "contracts/batch.h"
#include "contracts/batches/batch_intake.h"
#include "contracts/press.h"
#include "core/file.h"
#include "server/batches/batch_desk.h"
#include "storage/segment_document_store.h"
#include "templates/sample_roster.h"
#include "tests/support/sealing.h"

namespace {

using namespace qianda;

// Of all threads of this process: what a machine that others use as well does not change much.
double cpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto secondsOf = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime);
}

double secondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t rows = count > 1 ? std::stoull(arguments[1]) : 10'000;
  const test::TempFolder folder;
  storage::Database database(count > 2 ? arguments[2] : "sqlite:" + (folder / "bench.sqlite").string());
  test::Sealing parts(database);
  const contracts::Actor keeper{"bench", "user:keeper", "", ""}, hr{"bench", "api_key:hr", "", ""};
  const std::string seal = parts.makeSeal(keeper, core::DocumentId::random().text());
  const std::string grant = parts.propose(keeper, seal, hr.name, static_cast<std::int64_t>(rows));
  database.write([&](storage::Transaction& t) { contracts::approveGrant(t, hr, grant, core::now()); });
  const auto form = parts.desk.form("labour-general");
  std::ostringstream csv;
  templates::writeSampleRoster(*form, rows, 1, core::chinaDate(core::now()), csv);

  std::optional<contracts::CheckedRoster> roster;
  const double checking = secondsOf([&] {
    roster.emplace(contracts::checkRosterOctets(*parts.desk.frozen(form->id), csv.str(), "",
                                                core::chinaDate(core::now()), parts.desk.threads()));
  });
  std::string batch;
  const double accepting = secondsOf([&] {
    const auto answer =
        contracts::acceptBatch(database, hr, *form, *roster,
                               {core::DocumentId::random().text(), seal, true, {}, parts.desk.level()}, core::now());
    batch = std::get<contracts::AcceptedBatch>(answer).batch.id;
  });

  double processCpu = 0, serviceCpu = 0;
  const auto inProcess = [&] {
    const signing::ThrowawayCredential credential = signing::makeThrowawayCredential("p256", "珠海示例科技有限公司");
    contracts::PressOptions options;
    options.seal.ownerName = credential.credential.subjectName;
    options.level = signing::Level::kT;
    signing::CadesOptions cades;
    cades.time = parts.signing.time();
    contracts::BatchRequest request;
    request.form = form;
    request.roster = roster->csv.path();
    request.rosterSha256 = request.signerSha256 = "bench";
    request.rows = rows;
    request.threads = parts.desk.threads();
    const double cpu = cpuSeconds();
    const double seconds = secondsOf([&] {
      storage::SegmentDocumentStore store(folder / core::DocumentId::random().text());
      contracts::Press press(form, std::make_shared<signing::CadesSigner>(credential.credential, cades), options);
      press.prepareFonts(roster->verdict.characters);
      contracts::runBatch(store, press, request);
    });
    processCpu += (cpuSeconds() - cpu) / 2;
    return seconds;
  };
  const double before = inProcess();
  double making = 0;
  for (const auto& lease : storage::leaseWork(database, {"batch"}, core::now(), std::chrono::hours(1), 10)) {
    if (lease.subject != batch) continue;
    const std::atomic<bool> stopping = false;
    const double cpu = cpuSeconds();
    making = secondsOf([&] { contracts::runAcceptedBatch(parts.desk.house(), lease, stopping); });
    serviceCpu = cpuSeconds() - cpu;
  }
  const double after = inProcess();
  const double reference = (before + after) / 2;
  const auto perSecond = [&](double seconds) { return seconds > 0 ? static_cast<double>(rows) / seconds : 0; };
  std::cout << "{\"rows\":" << rows << ",\"database\":\""
            << (database.dialect() == storage::Dialect::kSqlite ? "sqlite" : "postgresql")
            << "\",\"threads\":" << parts.desk.threads() << ",\"check_seconds\":" << checking
            << ",\"accept_seconds\":" << accepting << ",\"service_per_second\":" << perSecond(making)
            << ",\"in_process_per_second\":" << perSecond(reference) << ",\"ratio\":" << reference / making
            << ",\"service_cpu_us_per_row\":" << 1e6 * serviceCpu / static_cast<double>(rows)
            << ",\"in_process_cpu_us_per_row\":" << 1e6 * processCpu / static_cast<double>(rows) << "}\n";
  return 0;
}
