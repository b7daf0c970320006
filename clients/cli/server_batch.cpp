#include "clients/cli/server_batch.h"

#include <chrono>
#include <iostream>

#include <qianda/client/batches.h>

#include "clients/cli/output.h"
#include "clients/cli/server_json.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/file.h"

namespace qianda::cli {
namespace {

using client::Batch;
using client::CreatedBatch;
using client::Fault;

void tell(const Fault& fault, const char* before = "") {
  std::cerr << before << "row " << fault.row;
  if (fault.column > 0) std::cerr << ", column " << fault.column;
  if (!fault.cell.empty()) std::cerr << " (" << fault.cell << ")";
  if (!fault.field.empty()) std::cerr << ", " << fault.field;
  std::cerr << ": " << fault.code << ": " << fault.messageEn << "\n";
}

void tellRest(const std::vector<Fault>& told, std::int64_t all, const char* what) {
  const auto count = static_cast<std::int64_t>(told.size());
  if (all > count) std::cerr << "and " << grouped(static_cast<std::uint64_t>(all - count)) << " more " << what << "\n";
}

JsonObject::Ptr verdictOf(bool isValid, std::int64_t rows, const std::vector<Fault>& faults, std::int64_t faultCount,
                          const std::vector<Fault>& warnings, std::int64_t warningCount) {
  JsonObject::Ptr object = newObject();
  object->set("valid", isValid);
  object->set("rows", rows);
  if (!isValid) {
    object->set("contracts", 0);
    object->set("created", 0);
  }
  object->set("faults", toJson(faults));
  object->set("fault_count", faultCount);
  object->set("warnings", toJson(warnings));
  object->set("warning_count", warningCount);
  return object;
}

int refuse(const JsonObject::Ptr& verdict, const std::vector<Fault>& faults, std::int64_t count, bool json) {
  for (const Fault& fault : faults) tell(fault);
  tellRest(faults, count, "faults");
  std::cerr << "qianda: the roster has " << grouped(static_cast<std::uint64_t>(count))
            << " faults; nothing was created\n";
  if (json) printJson(verdict);
  return 1;
}

int check(client::Client& service, const ServerBatch& wanted, const client::BatchOrder& order) {
  const client::RosterCheck found = client::checkRoster(service, order, std::filesystem::path(wanted.roster));
  const auto verdict =
      verdictOf(found.isValid, found.rows, found.faults, found.faultCount, found.warnings, found.warningCount);
  if (!found.isValid) return refuse(verdict, found.faults, found.faultCount, wanted.json);
  std::cerr << grouped(static_cast<std::uint64_t>(found.rows)) << " rows, no faults, "
            << grouped(static_cast<std::uint64_t>(found.warningCount)) << " warnings\n";
  if (wanted.json) printJson(verdict);
  return 0;
}

// The same order of the same roster is the same batch, as of the batches made here.
std::string keyOf(const client::BatchOrder& order, const std::string& roster) {
  std::string all;
  for (const std::string& part : {order.templateId, order.seal, order.signingOrder, order.deadline, order.sheet,
                                  core::sha256Hex(core::readFile(roster))}) {
    all += std::to_string(part.size()) + ":" + part;
  }
  return "auto:" + core::sha256Hex(all);
}

Batch follow(client::Client& service, const Batch& begun) {
  ProgressBar bar("sealing");
  std::string told = "running";
  return client::waitForBatch(service, begun.id, {.onProgress = [&](const Batch& now) {
                                if (now.state.starts_with("pending_") && now.state != told) {
                                  std::cerr << "waits (" << now.state << "): " << now.reason << "\n";
                                }
                                told = now.state;
                                bar.show(static_cast<std::uint64_t>(now.made + now.failed),
                                         static_cast<std::uint64_t>(now.rows));
                              }});
}

void print(const ServerBatch& wanted, const CreatedBatch& created, const Batch& batch, double seconds,
           std::uint64_t octets) {
  const std::int64_t now = created.wasThere ? batch.made - created.batch.made : batch.made;
  JsonObject::Ptr object = newObject();
  object->set("valid", true);
  object->set("batch_id", batch.id);
  object->set("idempotency_key", created.idempotencyKey);
  object->set("state", batch.state);
  object->set("level", batch.level);
  object->set("pending", client::isOver(batch) ? 0 : batch.rows - batch.made - batch.failed);
  object->set("reason", batch.reason);
  object->set("template", batch.templateId);
  object->set("template_version", batch.templateVersion);
  object->set("seal", batch.seal);
  object->set("rows", batch.rows);
  object->set("contracts", batch.made);
  object->set("created", now);
  object->set("existing", batch.made - now);
  object->set("failed", batch.failed);
  object->set("seconds", seconds);
  object->set("contracts_per_second", seconds > 0 ? static_cast<double>(now) / seconds : 0);
  object->set("bytes", octets);
  object->set("out", wanted.out);
  object->set("faults", newArray());
  object->set("warnings", toJson(created.warnings));
  object->set("warning_count", created.warningCount);
  printJson(object);
}

int make(client::Client& service, const ServerBatch& wanted, const client::BatchOrder& order) {
  const auto begun = std::chrono::steady_clock::now();
  CreatedBatch created;
  try {
    created = client::createBatch(service, order, std::filesystem::path(wanted.roster));
  } catch (const client::Error& error) {
    if (error.code() != "roster_invalid") throw;
    const client::ErrorDetails& said = error.details();
    return refuse(verdictOf(false, said.rows, said.faults, said.faultCount, said.warnings, said.warningCount),
                  said.faults, said.faultCount, wanted.json);
  }
  for (const Fault& warning : created.warnings) tell(warning, "warning: ");
  tellRest(created.warnings, created.warningCount, "warnings");
  const Batch batch = wanted.noWait ? created.batch : follow(service, created.batch);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
  std::uint64_t octets = 0;
  if (!wanted.out.empty()) octets = client::downloadBatch(service, batch.id, wanted.out).octets;
  std::cerr << "batch " << batch.id << ": " << batch.state << ", " << grouped(static_cast<std::uint64_t>(batch.made))
            << " of " << grouped(static_cast<std::uint64_t>(batch.rows)) << " contracts"
            << (batch.reason.empty() ? "" : ": " + batch.reason) << "\n";
  if (wanted.json) print(wanted, created, batch, spent.count(), octets);
  return wanted.noWait ? 0 : statusOf(batch.state, batch.failed);
}

}  // namespace

int statusOf(const std::string& state, std::int64_t failed) {
  if (state == "failed") return 3;
  return state == "complete" && failed == 0 ? 0 : 1;
}

int batchOnServer(const ServerBatch& wanted) {
  client::Client service = connect(wanted.server);
  client::BatchOrder order{.templateId = wanted.form,
                           .seal = wanted.seal,
                           .signingOrder = wanted.signingOrder,
                           .deadline = wanted.deadline,
                           .sheet = wanted.sheet,
                           .idempotencyKey = wanted.idempotencyKey};
  if (wanted.validateOnly) return check(service, wanted, order);
  if (wanted.seal.empty()) throw core::Error(core::ErrorCode::kUsage, "--seal is required: the id of a seal");
  if (wanted.noWait && !wanted.out.empty()) {
    throw core::Error(core::ErrorCode::kUsage, "--out waits for the batch, which --no-wait does not");
  }
  if (order.idempotencyKey.empty()) order.idempotencyKey = keyOf(order, wanted.roster);
  return make(service, wanted, order);
}

}  // namespace qianda::cli
