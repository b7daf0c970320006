#include "delivery/bench_court.h"

#include <algorithm>

#include <openssl/rand.h>

#include "core/base64.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/id.h"
#include "delivery/cases/case_store.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/post/parcel_work.h"
#include "delivery/service/record_store.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;

constexpr std::int64_t kRecordsPerCase = 10, kCasesPerCommit = 50;

CaseFile inventedCase(const std::string& number, core::Date day) {
  CaseFile file;
  file.number = number;
  file.cause = "劳动报酬";
  file.court = "示例市劳动人事争议仲裁委员会";
  CaseParty worker, employer;
  worker.role = "applicant";
  worker.name = "林示例";
  worker.idNumber = "000000199001010015";
  employer.role = "respondent";
  employer.kind = "organisation";
  employer.name = "珠海示例科技有限公司";
  employer.idNumber = "91000000100000000X";
  file.parties = {worker, employer};
  for (const char* party : {"0", "1"}) {
    ServiceAddress address;
    address.party = party;
    address.phone = "13800000001";
    address.province = "广东省";
    address.city = "珠海市";
    address.district = "香洲区";
    address.street = "示例路1号";
    address.ground = AddressGround::kConfirmed;
    address.since = day;
    file.addresses.push_back(address);
  }
  return file;
}

// A case, a step that issued it a document for each record, and the records with a postal attempt each.
void makeCase(Transaction& t, std::int64_t records, core::Instant at, std::vector<BenchAttempt>& attempts) {
  const core::Date day = core::fromDays(core::toDays(core::chinaDate(at)) - 30);
  const std::string id =
      createCase(t, kBenchClerk, inventedCase("示例〔" + core::DocumentId::random().text() + "〕号", day), day, at);
  const CaseFile file = getCase(t, kBenchClerk.organisation, id);
  const std::string step = core::DocumentId::at(at).text();
  t.insertAll(
      "INSERT INTO issued_steps (id, organisation, case_id, step, idempotency_key, request_digest, actor, at_ms) "
      "VALUES",
      8,
      {{step, kBenchClerk.organisation, id, std::string("accept"), step, std::string(), kBenchClerk.name,
        storage::msOf(at)}});
  for (std::int64_t i = 0; i < records; ++i) {
    const CaseParty& party = file.parties[static_cast<std::size_t>(i) % file.parties.size()];
    const auto address = std::find_if(file.addresses.begin(), file.addresses.end(),
                                      [&](const ServiceAddress& one) { return one.party == party.id; });
    const std::string document = core::DocumentId::at(at).text();
    t.insertAll(
        "INSERT INTO court_documents (id, organisation, case_id, step, kind, title, party, sha256, size, pages, seal, "
        "created_by, created_ms) VALUES",
        13,
        {{document, kBenchClerk.organisation, id, step, std::string("response_notice"), std::string("应诉通知书"),
          party.id, core::sha256Hex(document), std::int64_t{1}, std::int64_t{1}, std::string(), kBenchClerk.name,
          storage::msOf(at)}});
    const std::string record = insertRecord(t, kBenchClerk, {id, step, party.id, "", {document}}, at);
    const std::string attempt = startAttempt(t, kBenchClerk, record, {ServiceMethod::kPostal, address->id}, at);
    recompute(t, kBenchClerk, record, at);
    attempts.push_back({record, attempt});
  }
}

struct TrackStep {
  const char *code, *name, *words;
};
constexpr TrackStep kTrack[] = {{"203", "收寄计费信息", "已收寄"},
                                {"305", "离开处理中心", "离开珠海处理中心"},
                                {"306", "到达投递机构", "到达香洲投递部"},
                                {"702", "投递邮件接收-下段", "正在投递"},
                                {"704", "投递结果反馈-妥投", nullptr}};
static_assert(std::size(kTrack) == kBenchEvents);
// Of the parties of a case, in turn: a person and an organisation.
constexpr const char* kSignatures[] = {"已妥投，签收人：林示例（本人），证件号已登记",
                                       "已妥投，签收人：珠海示例科技有限公司（单位收发章），证件号已登记"};

}  // namespace

std::vector<BenchAttempt> makeBenchAttempts(storage::Database& database, std::int64_t count) {
  const core::Instant at = core::now() - std::chrono::hours(20);
  std::vector<BenchAttempt> attempts;
  database.write([&](Transaction& t) {
    setSender(t, kBenchClerk, {"示例仲裁院", "07560000000", "519000", "广东省", "珠海市", "香洲区", "示例大道1号"}, at);
  });
  while (static_cast<std::int64_t>(attempts.size()) < count) {
    std::vector<BenchAttempt> made;
    database.write([&](Transaction& t) {
      made.clear();
      for (std::int64_t i = 0; i < kCasesPerCommit; ++i) {
        const std::int64_t missing = count - static_cast<std::int64_t>(attempts.size() + made.size());
        if (missing <= 0) return;
        makeCase(t, std::min(missing, kRecordsPerCase), at, made);
      }
    });
    attempts.insert(attempts.end(), made.begin(), made.end());
  }
  return attempts;
}

PartnerSettings inventBenchPartner() {
  core::Bytes key(16);
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) throw Error(ErrorCode::kSystem, "no random octets");
  PartnerSettings settings;
  settings.name = kBenchPartner;
  settings.protocol = "china_post";
  settings.address = "http://127.0.0.1:1";
  settings.keys = {core::toBase64(key)};
  settings.senderNo = "1100000000001";
  settings.authorization = core::toBase64(key);
  settings.window = std::chrono::hours(24);  // they are all made before
  return settings;
}

PushMessage makeBenchPush(const PartnerSettings& settings, const std::string& waybill, std::size_t step,
                          std::size_t item, core::Instant now) {
  const TrackStep& told = kTrack[step];
  const std::string json = R"({"waybillNo":")" + waybill + R"(","opTime":")" +
                           postTime(now - std::chrono::hours(10) + std::chrono::hours(step)) + R"(","opCode":")" +
                           told.code + R"(","opName":")" + told.name + R"(","opDesc":")" +
                           (told.words ? told.words : kSignatures[item % std::size(kSignatures)]) +
                           R"(","opOrgCode":"51900001","opOrgName":"香洲投递部","deliverCode":")" +
                           (step + 1 == kBenchEvents ? "10" : "") + R"(","attemptDeliveryCode":""})";
  const std::string text = R"({"logitcsInterface":")" + sealSm4(json, settings.keys.front(), settings.pushesCarryKey) +
                           R"(","method":"040002","msgType":")" + settings.msgType + R"(","senderNo":")" +
                           settings.senderNo + R"(","serialNo":")" + waybill + "-" + std::to_string(step) +
                           R"(","timeStamp":")" + postTime(now) + R"(","version":")" + settings.version + R"("})";
  PushMessage message;
  message.headers = {{"content-type", "application/json"}};
  message.body.assign(text.begin(), text.end());
  message.peer = "127.0.0.1";
  return message;
}

}  // namespace qianda::delivery
