#include "contracts/batches/batch_record.h"
#include "core/error.h"
#include "core/file.h"
#include "core/unlinked_file.h"
#include "server/api/batch_routes.h"
#include "server/api/zip_stream.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "storage/document_store.h"
#include "storage/sql/database.h"
#include "templates/xlsx/writer.h"

namespace qianda::server {
namespace {

using contracts::BatchRecord;
using storage::Transaction;

constexpr std::size_t kPage = 1000;

struct ResultRow {
  contracts::BatchRowState row;
  std::string envelopeState, document;  // the newest revision's; of an erased one "erased" and ""
};

// Rows behind `after`, with what became of their envelopes.
std::vector<ResultRow> pageOf(storage::Database& database, const BatchRecord& batch, std::int64_t after) {
  std::vector<ResultRow> page;
  database.read([&](Transaction& t) {
    page.clear();
    for (auto& row : contracts::listBatchRows(t, batch, after, kPage)) page.push_back({std::move(row), "", ""});
    for (const storage::Row& found : t.query(
             "SELECT b.row_number, CASE WHEN x.envelope IS NULL THEN e.state ELSE 'erased' END, CASE WHEN x.envelope "
             "IS "
             "NULL THEN r.document ELSE '' END FROM batch_rows b JOIN envelopes e ON e.id = b.envelope JOIN "
             "envelope_revisions r ON r.envelope = e.id AND r.number = e.revision LEFT JOIN erasures x ON x.envelope = "
             "e.id WHERE b.batch = $1 AND b.row_number > $2 AND b.row_number <= $3",
             {batch.id, after, after + static_cast<std::int64_t>(kPage)})) {
      ResultRow& row = page.at(static_cast<std::size_t>(found.number(0) - after - 1));
      row.envelopeState = found.text(1);
      row.document = found.text(2);
    }
  });
  return page;
}

template <typename Visit>
void forEachRow(storage::Database& database, const BatchRecord& batch, Visit visit) {
  for (std::int64_t after = 0; after < batch.rows; after += static_cast<std::int64_t>(kPage)) {
    for (const ResultRow& row : pageOf(database, batch, after)) visit(row);
  }
}

BatchRecord findBatch(Services& services, const Request& request) {
  return services.database->looked<BatchRecord>([&](Transaction& t) {
    return contracts::getBatch(t, request.principal.organisation, request.parameter("batch"));
  });
}

const std::vector<std::string>& header() {
  static const std::vector<std::string> kHeader = {"行",       "姓名",        "状态", "合同状态",
                                                   "合同编号", "首版SHA-256", "说明", "文件"};
  return kHeader;
}

std::string fileNameOf(const ResultRow& row) {
  if (row.document.empty()) return "";
  std::string number = std::to_string(row.row.row);
  if (number.size() < 6) number.insert(0, 6 - number.size(), '0');
  return std::string(row.envelopeState == "completed" ? "completed/" : "open/") + number + "-" + row.row.envelope +
         ".pdf";
}

std::vector<std::string> cellsOf(const ResultRow& row) {
  return {std::to_string(row.row.row),
          row.row.name,
          row.row.state,
          row.envelopeState,
          row.row.envelope,
          row.row.sha256,
          row.row.reason,
          fileNameOf(row)};
}

}  // namespace

// "completed/": everybody signed; "open/": as far as it came, for the organisation's own eyes. The list says which rows
// have no file, and why.
Response getBatchDocuments(Services& services, const Request& request) {
  const BatchRecord batch = findBatch(services, request);
  Response response;
  response.mediaType = "application/zip";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + batch.id + ".zip\"");
  response.stream = [&services, batch](BodyWriter& out) {
    ZipStream zip([&out](std::string_view octets) { out.write(octets); });
    std::string list = "\xEF\xBB\xBF" + templates::csvRecord(header());
    forEachRow(*services.database, batch, [&](const ResultRow& row) {
      list += templates::csvRecord(cellsOf(row));
      if (row.document.empty()) return;
      const auto id = core::DocumentId::parse(row.document);
      if (!id) throw core::Error(core::ErrorCode::kCorrupt, "document " + row.document + " has no id");
      zip.add(fileNameOf(row), services.documents->read(*id), batch.createdAt);
    });
    zip.add("results.csv", list, batch.createdAt);
    zip.finish();
  };
  return response;
}

Response getBatchResults(Services& services, const Request& request) {
  const BatchRecord batch = findBatch(services, request);
  const std::string format = request.findQuery("format").value_or("xlsx");
  Response response;
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + batch.id + "." + format + "\"");
  if (format == "csv") {
    response.mediaType = "text/csv; charset=utf-8";
    response.stream = [&services, batch](BodyWriter& out) {
      out.write("\xEF\xBB\xBF" + templates::csvRecord(header()));
      forEachRow(*services.database, batch,
                 [&](const ResultRow& row) { out.write(templates::csvRecord(cellsOf(row))); });
    };
    return response;
  }
  if (format != "xlsx") throw Problem(400, "query_invalid", "format: xlsx or csv");
  const core::UnlinkedFile file;
  templates::XlsxTable table(file.path(), "结果", header(), {8, 16, 10, 12, 30, 66, 40, 50});
  forEachRow(*services.database, batch,
             [&](const ResultRow& row) { table.add(cellsOf(row), row.row.state == "failed"); });
  table.finish();
  response.mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  response.body = core::readFile(file.path());
  return response;
}

}  // namespace qianda::server
