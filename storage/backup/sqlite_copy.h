// Copies of SQLite files that others write to, as of one moment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace qianda::storage {

// `to` does not exist. The copy holds everything in one file, without a -wal beside it. Throws kUnavailable or kSystem.
void copySqlite(const std::filesystem::path& from, const std::filesystem::path& to);
// Of a document store's catalogue: each segment file's name and committed end.
std::map<std::string, std::uint64_t> segmentsOf(const std::filesystem::path& catalogue);

}  // namespace qianda::storage
