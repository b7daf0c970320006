#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <fmt/format.h>

#include "clients/cli/commands.h"
#include "contracts/batch.h"
#include "core/error.h"
#include "core/time.h"
#include "storage/segment_document_store.h"

namespace qianda::cli {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr int kDamaged = 3;

struct StoreArguments {
  std::filesystem::path data, out;
  std::string batch;
  bool json = false;
};

storage::SegmentDocumentStore openForReading(const StoreArguments& arguments) {
  storage::StoreOptions options;
  options.readOnly = true;
  return storage::SegmentDocumentStore(arguments.data, options);
}

void print(const Object& object) {
  object.stringify(std::cout);
  std::cout << '\n';
}

Object inOrder() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Object jsonOf(const storage::Damage& damage) {
  Array affected;
  for (const storage::DocumentRow& document : damage.affected) {
    Object row = inOrder();
    row.set("id", document.id.text()).set("batch", document.batchId).set("row", document.row);
    affected.add(row);
  }
  Object object = inOrder();
  object.set("segment", damage.segment).set("offset", damage.offset).set("problem", damage.problem);
  return object.set("affected", affected);
}

int check(const StoreArguments& arguments) {
  storage::SegmentDocumentStore store = openForReading(arguments);
  const std::vector<storage::Damage> found = store.check();
  if (arguments.json) {
    Array damage;
    for (const storage::Damage& entry : found) damage.add(jsonOf(entry));
    Object object = inOrder();
    print(object.set("sound", found.empty()).set("damage", damage));
  } else {
    for (const storage::Damage& entry : found) {
      std::cout << fmt::format("{} at {}: {}; {} documents affected\n", entry.segment, entry.offset, entry.problem,
                               entry.affected.size());
      for (const storage::DocumentRow& document : entry.affected) {
        std::cout << fmt::format("  {} (batch {}, row {})\n", document.id.text(), document.batchId, document.row);
      }
    }
    if (found.empty()) std::cout << "every record is sound\n";
  }
  return found.empty() ? 0 : kDamaged;
}

int list(const StoreArguments& arguments) {
  storage::SegmentDocumentStore store = openForReading(arguments);
  Array batches;
  for (const storage::BatchRow& batch : store.listBatches()) {
    const std::uint64_t documents = store.countDocuments(batch.id);
    if (!arguments.json) {
      std::cout << fmt::format("{}  {}  {} {}  {} of {} documents  {}\n", batch.id, core::isoInstant(batch.createdAt),
                               batch.templateId, batch.templateVersion, documents, batch.rows, batch.state);
      continue;
    }
    Object object = inOrder();
    object.set("id", batch.id).set("idempotency_key", batch.idempotencyKey).set("template", batch.templateId);
    object.set("template_version", batch.templateVersion).set("rows", batch.rows).set("documents", documents);
    batches.add(object.set("state", batch.state).set("created_at", core::isoInstant(batch.createdAt)));
  }
  if (arguments.json) {
    Object object = inOrder();
    print(object.set("batches", batches));
  }
  return 0;
}

int exportBatch(const StoreArguments& arguments) {
  storage::SegmentDocumentStore store = openForReading(arguments);
  if (!store.findBatch(arguments.batch)) {
    throw core::Error(core::ErrorCode::kNotFound, "there is no batch " + arguments.batch);
  }
  const contracts::ExportOutcome outcome = contracts::exportBatch(store, arguments.batch, arguments.out);
  for (const std::string& sentence : outcome.damaged) std::cerr << "damaged: " << sentence << '\n';
  std::cerr << fmt::format("{} documents in {}\n", outcome.files, arguments.out.string());
  return outcome.damaged.empty() ? 0 : kDamaged;
}

}  // namespace

std::vector<Command> addStoreCommands(CLI::App& root) {
  auto arguments = std::make_shared<StoreArguments>();
  CLI::App* store = root.add_subcommand("store", "Look into a document store");
  store->require_subcommand(1);
  auto add = [&](const char* name, const char* description) {
    CLI::App* command = store->add_subcommand(name, description);
    command->add_option("--data", arguments->data, "The store's folder")->required();
    return command;
  };
  CLI::App* checking = add("check", "Read every record; exit 3 and list the damage if there is any");
  CLI::App* listing = add("list", "List the batches");
  for (CLI::App* command : {checking, listing}) {
    command->add_flag("--json", arguments->json, "One JSON object on standard output");
  }
  CLI::App* exporting = add("export", "Write the documents of a batch as ROW-ID.pdf");
  exporting->add_option("--batch", arguments->batch, "The batch's id")->required();
  exporting->add_option("--out", arguments->out, "The folder to write to")->required();

  return {{checking, [=] { return check(*arguments); }},
          {listing, [=] { return list(*arguments); }},
          {exporting, [=] { return exportBatch(*arguments); }}};
}

}  // namespace qianda::cli
