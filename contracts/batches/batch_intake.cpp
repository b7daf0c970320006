#include "contracts/batches/batch_intake.h"

#include <algorithm>
#include <fstream>
#include <map>

#include "contracts/envelope/details.h"
#include "contracts/seals/seals.h"
#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "core/text.h"
#include "signing/pades/prepared_signature.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"
#include "storage/work/work_queue.h"
#include "templates/roster.h"
#include "templates/text_file.h"
#include "templates/xlsx/writer.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;
using templates::Fault;

constexpr std::size_t kPart = 256u << 10;  // octets of a roster in one row of the database

std::string sha256Of(const std::vector<std::string>& parts) {
  signing::HashState hash(signing::DigestAlgorithm::kSha256);
  for (const std::string& part : parts) hash.update(core::viewOf(std::to_string(part.size()) + ":" + part + ","));
  return core::toHex(hash.finish());
}

bool isEarlier(const Fault& a, const Fault& b) { return std::pair(a.row, a.column) < std::pair(b.row, b.column); }

void addFaults(RosterVerdict& verdict, std::vector<Fault> faults) {
  for (Fault& fault : faults) {
    (templates::isBlocking(fault) ? verdict.faults : verdict.warnings).push_back(std::move(fault));
  }
  for (std::vector<Fault>* list : {&verdict.faults, &verdict.warnings}) {
    std::stable_sort(list->begin(), list->end(), isEarlier);
  }
}

// As UTF-8 without a byte order mark; what has no known encoding stays as it is, for the check to name.
void copyText(std::string_view octets, core::UnlinkedFile& csv) {
  core::UnlinkedFile raw;
  raw.append(octets);
  templates::TextFile text(raw.path());
  if (text.fault()) return csv.append(octets);
  for (std::string_view chunk; !(chunk = text.nextChunk()).empty();) csv.append(chunk);
}

std::string digestOf(const std::filesystem::path& file) {
  signing::HashState hash(signing::DigestAlgorithm::kSha256);
  std::ifstream in(file, std::ios::binary);
  std::string buffer(kPart, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    hash.update(core::viewOf(std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount()))));
  }
  return core::toHex(hash.finish());
}

}  // namespace

void checkBatchForm(const templates::Template& form) {
  const auto refuse = [&](const std::string& reason) {
    throw Error(ErrorCode::kUnsupported, "template " + form.id + " cannot be sent by batch: " + reason);
  };
  for (const char* party : {"employer", "worker"}) {
    const bool isThere = std::any_of(form.parties.begin(), form.parties.end(),
                                     [&](const templates::Party& one) { return one.name == party; });
    if (!isThere) refuse(std::string("it has no party ") + party);
  }
  for (const templates::Party& party : form.parties) {
    if (party.name != "employer" && party.name != "worker")
      refuse("its party " + party.name + " is neither employer nor worker");
  }
  for (const char* field : {"worker_name", "worker_id_no", "worker_phone"}) {
    if (form.findField(field) == templates::Template::npos) refuse(std::string("it has no field ") + field);
  }
}

CheckedRoster checkRosterOctets(const templates::FrozenTemplate& frozen, std::string_view octets,
                                const std::string& sheet, core::Date signingDay, unsigned threads) {
  CheckedRoster roster;
  if (templates::looksLikeWorkbook(octets)) {
    core::UnlinkedFile book;
    book.append(octets);
    std::ofstream csv(roster.csv.path(), std::ios::binary);
    roster.workbook = templates::convertXlsx(book.path(), csv, sheet);
    if (!csv.flush()) throw Error(ErrorCode::kSystem, "cannot write the roster");
  } else {
    copyText(octets, roster.csv);
  }
  roster.sha256 = digestOf(roster.csv.path());
  roster.verdict = checkRoster(frozen, roster.csv.path(), signingDay, threads);
  if (roster.workbook) {
    templates::nameCells(*roster.workbook, roster.verdict.faults);
    templates::nameCells(*roster.workbook, roster.verdict.warnings);
    addFaults(roster.verdict, roster.workbook->faults);
  }
  if (roster.verdict.rows > kMostBatchRows) {
    Fault fault;
    fault.rule = "rows";
    fault.limit = std::to_string(kMostBatchRows);
    fault.computed = std::to_string(roster.verdict.rows);
    fault.messageZh = "一个批次最多 " + fault.limit + " 行。";
    fault.messageEn = "A batch has at most " + fault.limit + " rows.";
    addFaults(roster.verdict, {std::move(fault)});
  }
  return roster;
}

void writeFaults(const templates::FrozenTemplate& frozen, const CheckedRoster& roster, TableKind kind,
                 const std::filesystem::path& file) {
  std::map<std::uint64_t, std::string> texts;  // by row
  for (const auto* list : {&roster.verdict.faults, &roster.verdict.warnings}) {
    for (const Fault& fault : *list) {
      std::string& text = texts[fault.row];
      text += (text.empty() ? "" : "\n") + std::string(templates::isBlocking(fault) ? "" : "提示：") +
              (fault.cell.empty() ? "" : fault.cell + " ") + fault.messageZh;
    }
  }
  const std::shared_ptr<const templates::Template> form(std::shared_ptr<void>(), &frozen.form());
  templates::RosterReader reader(form, roster.csv.path());
  std::vector<std::string> header = reader.headers();
  header.insert(header.begin(), {"行", "问题"});
  std::optional<templates::XlsxTable> table;
  std::ofstream csv;
  const auto add = [&](const std::vector<std::string>& cells, bool isFaulty) {
    if (table) return table->add(cells, isFaulty);
    csv << templates::csvRecord(cells);
  };
  if (kind == TableKind::kXlsx) {
    table.emplace(file, "问题", header, std::vector<int>{8, 60});
  } else {
    csv.open(file, std::ios::binary);
    csv << "\xEF\xBB\xBF" << templates::csvRecord(header);
  }
  if (const auto whole = texts.find(0); whole != texts.end()) add({"", whole->second}, true);
  for (templates::RosterRow row; reader.next(row);) {
    const auto found = texts.find(row.row);
    std::vector<std::string> cells = row.cells;
    cells.insert(cells.begin(), {std::to_string(row.row), found == texts.end() ? "" : found->second});
    add(cells, found != texts.end());
  }
  if (table) table->finish();
  if (!table && !csv.flush()) throw Error(ErrorCode::kSystem, "cannot write " + file.string());
}

namespace {

BatchRecord recordOf(const Actor& actor, const templates::Template& form, const CheckedRoster& roster,
                     const BatchOrder& order, core::Instant now) {
  BatchRecord batch;
  batch.id = core::DocumentId::at(now).text();
  batch.organisation = actor.organisation;
  batch.idempotencyKey = order.idempotencyKey;
  batch.templateId = form.id;
  batch.templateVersion = form.version;
  batch.seal = order.seal;
  batch.employerFirst = order.employerFirst;
  batch.level = signing::nameOf(order.level);
  batch.expires = order.expires;
  for (const char32_t character : roster.verdict.characters.characters()) {
    if (character != 0) core::appendUtf8(batch.characters, character);
  }
  batch.rows = static_cast<std::int64_t>(roster.verdict.rows);
  batch.createdBy = actor.name;
  batch.createdAt = batch.changedAt = now;
  batch.requestSha256 = sha256Of({form.id, form.version, form.sourceSha256, roster.sha256, order.seal,
                                  order.employerFirst ? "first" : "last",
                                  std::to_string(order.expires.time_since_epoch().count()), batch.level});
  return batch;
}

// Cut between characters: the parts are texts of their own.
void saveRoster(Transaction& transaction, const std::string& batch, std::string_view octets) {
  std::vector<storage::Values> parts;
  while (!octets.empty()) {
    std::size_t size = std::min(octets.size(), kPart);
    while (size < octets.size() && (static_cast<unsigned char>(octets[size]) & 0xC0) == 0x80) --size;
    parts.push_back({batch, static_cast<std::int64_t>(parts.size()), std::string(octets.substr(0, size))});
    octets.remove_prefix(size);
  }
  transaction.insertAll("INSERT INTO batch_roster (batch, part, octets) VALUES", 3, parts);
}

AcceptedBatch sameRequest(BatchRecord earlier, const BatchRecord& wanted) {
  if (earlier.requestSha256 == wanted.requestSha256) return {std::move(earlier), false};
  throw Error(ErrorCode::kConflict,
              "the idempotency key " + wanted.idempotencyKey + " belongs to another request: batch " + earlier.id);
}

// An employer who seals last needs a grant, too, but its uses count when it seals.
std::optional<SealRefusal> reserve(Transaction& transaction, const Actor& actor, BatchRecord& batch,
                                   core::Instant now) {
  auto answer = reserveSeal(transaction, actor, {batch.seal, batch.templateId, "batch:" + batch.id, batch.rows}, now);
  if (auto* refusal = std::get_if<SealRefusal>(&answer)) return std::move(*refusal);
  const std::string& reservation = std::get<SealReservation>(answer).id;
  if (batch.employerFirst) {
    batch.reservation = reservation;
  } else {
    releaseSeal(transaction, reservation);
  }
  return std::nullopt;
}

}  // namespace

std::variant<AcceptedBatch, SealRefusal> acceptBatch(storage::Database& database, const Actor& actor,
                                                     const templates::Template& form, const CheckedRoster& roster,
                                                     const BatchOrder& order, core::Instant now) {
  using Answer = std::variant<AcceptedBatch, SealRefusal>;
  const BatchRecord wanted = recordOf(actor, form, roster, order, now);
  const std::string octets = core::readFile(roster.csv.path());
  const auto findEarlier = [&](Transaction& transaction) {
    return findBatchByKey(transaction, actor.organisation, order.idempotencyKey);
  };
  try {
    return database.written<Answer>([&](Transaction& transaction) -> Answer {
      if (auto earlier = findEarlier(transaction)) return sameRequest(std::move(*earlier), wanted);
      BatchRecord batch = wanted;
      if (auto refusal = reserve(transaction, actor, batch, now)) return std::move(*refusal);
      insertBatch(transaction, batch);
      saveRoster(transaction, batch.id, octets);
      insertShards(transaction, batch, order.shardRows, now);
      storage::appendAudit(transaction, {"organisation:" + batch.organisation, batch.organisation, now,
                                         "batch.accepted", actor.name, actor.peer, actor.device,
                                         jsonOf({{"batch", batch.id},
                                                 {"template", batch.templateId},
                                                 {"rows", batch.rows},
                                                 {"roster_sha256", roster.sha256}})});
      storage::publish(
          transaction,
          {batch.organisation, batch.id, "batch.accepted", jsonOf({{"batch", batch.id}, {"rows", batch.rows}})}, now);
      return AcceptedBatch{std::move(batch), true};
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict) throw;
    // A twin of the request may have been faster.
    auto earlier = database.looked<std::optional<BatchRecord>>(findEarlier);
    if (!earlier) throw;
    return sameRequest(std::move(*earlier), wanted);
  }
}

core::UnlinkedFile loadRoster(storage::Database& database, const std::string& batch) {
  core::UnlinkedFile file;
  std::int64_t part = 0;
  for (bool isThere = true; isThere; ++part) {
    database.read([&](Transaction& transaction) {
      const auto row =
          transaction.findRow("SELECT octets FROM batch_roster WHERE batch = $1 AND part = $2", {batch, part});
      isThere = row.has_value();
      if (row) file.append(row->text(0));
    });
  }
  if (part == 1) throw Error(ErrorCode::kCorrupt, "the roster of batch " + batch + " is not there");
  return file;
}

}  // namespace qianda::contracts
