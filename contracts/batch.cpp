#include "contracts/batch.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "contracts/outage.h"
#include "contracts/pipeline.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/file.h"
#include "templates/roster.h"

namespace qianda::contracts {
namespace {

std::string digestOf(const BatchRequest& request, signing::Level level) {
  signing::HashState hash(signing::DigestAlgorithm::kSha256);
  std::vector<std::string> parts{request.form->id, request.form->version, request.form->sourceSha256,
                                 request.rosterSha256, request.signerSha256};
  if (level != signing::Level::kB) parts.emplace_back(signing::nameOf(level));
  for (const std::string& part : parts) {
    hash.update(core::viewOf(part));
    hash.update(core::viewOf(std::string_view("\0", 1)));
  }
  return core::toHex(hash.finish());
}

storage::BatchRow wantedBatch(const BatchRequest& request, signing::Level level) {
  storage::BatchRow row;
  row.id = core::DocumentId::random().text();
  row.requestDigest = digestOf(request, level);
  row.idempotencyKey = request.idempotencyKey.empty() ? "auto:" + row.requestDigest : request.idempotencyKey;
  row.templateId = request.form->id;
  row.templateVersion = request.form->version;
  row.rows = request.rows;
  row.state = "running";
  row.createdAt = core::now();
  row.level = signing::nameOf(level);
  return row;
}

std::uint64_t countSet(const std::vector<bool>& flags) {
  return static_cast<std::uint64_t>(std::count(flags.begin(), flags.end(), true));
}

}  // namespace

BatchOutcome runBatch(storage::DocumentStore& store, const Press& press, const BatchRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  BatchOutcome outcome;
  outcome.batch = store.openBatch(wantedBatch(request, press.level()));
  const std::vector<bool> existing = store.existingRows(outcome.batch.id, request.rows);
  outcome.existing = countSet(existing);
  const storage::Sha256 prefix = store.putPrefix(press.prefix());  // also of a complete batch: perhaps it mends it
  Outage outage(request.services);
  if (outcome.existing < request.rows) {
    templates::RosterReader reader(request.form, request.roster);
    PipelineSteps<templates::RosterRow, PressWorker> steps;
    steps.source = [&](templates::RosterRow& row) {
      while (!outage.exists() && reader.next(row)) {
        if (row.row > existing.size() || !existing[row.row - 1]) return true;
      }
      return false;
    };
    steps.startWorker = [&](unsigned) { return PressWorker(press); };
    steps.make = [&](templates::RosterRow& row, PressWorker& worker) -> std::optional<storage::NewDocument> {
      std::vector<templates::Fault> faults;
      const templates::Record record = reader.parse(row, faults);
      const auto fault = std::find_if(faults.begin(), faults.end(), templates::isBlocking);
      if (fault != faults.end()) throw core::Error(core::ErrorCode::kInvalidInput, describe(*fault));
      storage::NewDocument document;
      document.batchId = outcome.batch.id;
      document.row = row.row;
      document.prefix = prefix;
      document.createdAt = core::now();
      document.id = core::DocumentId::at(document.createdAt);
      return outage.unless([&] {
        document.tail = worker.make(record, document.id, document.createdAt);
        return std::move(document);
      });
    };
    PipelineSink sink;
    sink.store = [&](const Documents& documents) { store.append(documents); };
    if (request.progress) {
      sink.progress = [&](std::uint64_t stored) { request.progress(outcome.existing + stored, request.rows); };
    }
    PipelineOptions options;
    options.workers = request.threads;
    // A small batch is shared out among all workers, however many wait for a key or an authority far away.
    const std::size_t share = request.rows / (std::size_t{4} * std::max(1u, request.threads));
    options.chunk = std::clamp<std::size_t>(share, 1, options.chunk);
    outcome.created = runPipeline(steps, sink, options);
  }
  outcome.contracts = outcome.existing + outcome.created;
  if (outcome.contracts == request.rows && outcome.batch.state != "complete") {
    store.completeBatch(outcome.batch.id);
    outcome.batch.state = "complete";
  } else if (outage.exists()) {
    outcome.batch.state = request.services->waitingFor();
    outcome.batch.waitReason = outage.reason();
    store.suspendBatch(outcome.batch.id, outcome.batch.state, outcome.batch.waitReason);
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

namespace {

bool holds(const std::filesystem::path& path, const std::string& octets) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) != octets.size() || error) return false;
  return core::readFile(path) == octets;
}

}  // namespace

ExportOutcome exportBatch(storage::DocumentStore& store, const std::string& batchId,
                          const std::filesystem::path& folder,
                          const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw core::Error(core::ErrorCode::kSystem, "cannot create " + folder.string() + ": " + error.message());
  std::vector<storage::DocumentRow> rows;
  store.forEach(batchId, [&](const storage::DocumentRow& row) { rows.push_back(row); });
  ExportOutcome outcome;
  for (const storage::DocumentRow& row : rows) {
    std::string number = std::to_string(row.row);
    if (number.size() < 6) number.insert(0, 6 - number.size(), '0');
    const std::filesystem::path path = folder / (number + "-" + row.id.text() + ".pdf");
    try {
      const std::string octets = store.read(row.id);
      ++outcome.files;
      outcome.octets += octets.size();
      if (!holds(path, octets)) {
        core::writeFile(path, octets);
        ++outcome.written;
      }
    } catch (const core::Error& damage) {
      if (damage.code() != core::ErrorCode::kCorrupt) throw;
      outcome.damaged.push_back("row " + std::to_string(row.row) + ", document " + row.id.text() + ": " +
                                damage.what());
    }
    if (progress) progress(outcome.files + outcome.damaged.size(), rows.size());
  }
  return outcome;
}

}  // namespace qianda::contracts
