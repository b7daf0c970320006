#include "storage/backup/sqlite_copy.h"

#include <sqlite3.h>

#include "core/error.h"
#include "core/handle.h"
#include "storage/catalogue.h"
#include "storage/segment_file.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;
using Handle = core::Handle<sqlite3, &sqlite3_close_v2>;

constexpr int kBusyMs = 30'000;

}  // namespace

void copySqlite(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::create_directories(to.parent_path());
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(from.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const Handle handle(opened);
  if (result != SQLITE_OK) throw Error(ErrorCode::kUnavailable, from.string() + ": " + sqlite3_errmsg(opened));
  sqlite3_busy_timeout(opened, kBusyMs);
  core::Handle<sqlite3_stmt, &sqlite3_finalize> statement;
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(opened, "VACUUM INTO ?", -1, &prepared, nullptr);
  statement.reset(prepared);
  sqlite3_bind_text(prepared, 1, to.c_str(), -1, SQLITE_TRANSIENT);
  if (sqlite3_step(prepared) != SQLITE_DONE) {
    throw Error(ErrorCode::kUnavailable, "cannot copy " + from.string() + ": " + sqlite3_errmsg(opened));
  }
}

std::map<std::string, std::uint64_t> segmentsOf(const std::filesystem::path& catalogue) {
  std::map<std::string, std::uint64_t> segments;
  for (const SegmentEntry& segment : Catalogue(catalogue, true).listSegments()) {
    segments[segmentFileName(segment.number)] = segment.committed;
  }
  return segments;
}

}  // namespace qianda::storage
