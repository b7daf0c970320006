#include "storage/backup/backup.h"

#include <fstream>
#include <map>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "core/child_process.h"
#include "core/error.h"
#include "core/file.h"
#include "core/handle.h"
#include "storage/backup/sqlite_copy.h"
#include "storage/segment_document_store.h"
#include "storage/store_lock.h"

namespace qianda::storage {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorCode;

constexpr const char *kManifest = "manifest.json", *kSqliteCopy = "qianda.sqlite", *kPostgresCopy = "database.dump";
constexpr int kFormat = 1;
constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::chrono::minutes kLongestDump{120};
constexpr std::size_t kChunk = 1u << 20;

struct Entry {
  std::uint64_t size = 0;
  std::string sha256;
};
using Manifest = std::map<std::string, Entry>;

Entry entryOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(ErrorCode::kSystem, "cannot read " + file.string());
  const core::Handle<EVP_MD_CTX, &EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::string chunk(kChunk, '\0');
  Entry entry;
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), in.gcount() > 0) {
    EVP_DigestUpdate(context.get(), chunk.data(), static_cast<std::size_t>(in.gcount()));
    entry.size += static_cast<std::uint64_t>(in.gcount());
  }
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest, &length);
  entry.sha256 = core::toHex({digest, length});
  return entry;
}

// The first `octets` of a file, durable. The copy may be read by its owner alone, as keys are among the files.
void copyFile(const fs::path& from, const fs::path& to, std::optional<std::uint64_t> octets = std::nullopt) {
  fs::create_directories(to.parent_path());
  std::ifstream in(from, std::ios::binary);
  const int descriptor = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (!in || descriptor < 0) throw Error(ErrorCode::kSystem, "cannot copy " + from.string() + " to " + to.string());
  std::string chunk(kChunk, '\0');
  std::uint64_t left = octets.value_or(UINT64_MAX);
  bool failed = false;
  while (left > 0 && !failed) {
    in.read(chunk.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, chunk.size())));
    const std::streamsize count = in.gcount();
    if (count == 0) break;
    failed = ::write(descriptor, chunk.data(), static_cast<std::size_t>(count)) != count;
    left -= static_cast<std::uint64_t>(count);
  }
  failed = failed || ::fsync(descriptor) != 0;
  ::close(descriptor);
  if (failed || (octets && left > 0)) {
    throw Error(ErrorCode::kSystem, "cannot copy all of " + from.string() + " to " + to.string());
  }
}

std::vector<std::string> filesBelow(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Keys, certificates and whatever else the data folder holds beside what is copied with care.
void copyOtherFiles(const fs::path& from, const fs::path& to) {
  for (const std::string& file : filesBelow(from)) {
    const bool isDatabase = file.find(".sqlite") != std::string::npos;
    if (!isDatabase && !file.starts_with("documents/")) copyFile(from / file, to / "files" / file);
  }
}

void copySegments(const fs::path& from, const fs::path& to) {
  copySqlite(from / "catalogue.sqlite", to / "catalogue.sqlite");
  for (const auto& [name, end] : segmentsOf(to / "catalogue.sqlite")) {
    copyFile(from / "segments" / name, to / "segments" / name, end);
  }
}

void dumpPostgres(const std::string& address, const fs::path& file) {
  const core::ChildAnswer answer = core::runChild({{"pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                                                    "--file=" + file.string(), "--dbname=" + address},
                                                   {},
                                                   {},
                                                   kLongestDump,
                                                   4096});
  if (answer.status != 0) throw Error(ErrorCode::kUnavailable, "pg_dump failed: " + answer.said);
}

std::string textOf(const BackupReport& report, const Manifest& manifest) {
  Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("format", kFormat);
  object.set("made", report.made);
  object.set("schema", report.schema);
  Poco::JSON::Array files;
  for (const auto& [name, entry] : manifest) {
    Poco::JSON::Object file(Poco::JSON_PRESERVE_KEY_ORDER);
    file.set("name", name);
    file.set("size", entry.size);
    file.set("sha256", entry.sha256);
    files.add(file);
  }
  object.set("files", files);
  std::ostringstream out;
  object.stringify(out, 1);
  return out.str() + "\n";
}

Manifest readManifest(const fs::path& backup, BackupReport& report) {
  if (!fs::exists(backup / kManifest)) {
    throw Error(ErrorCode::kNotFound, "there is no finished backup in " + backup.string());
  }
  Manifest manifest;
  try {
    Poco::JSON::Parser parser;
    const auto object = parser.parse(core::readFile(backup / kManifest)).extract<Poco::JSON::Object::Ptr>();
    if (object->getValue<int>("format") != kFormat) {
      throw Error(ErrorCode::kUnsupported, "the backup has a format this program does not know");
    }
    report.made = object->getValue<std::string>("made");
    report.schema = object->getValue<std::int64_t>("schema");
    for (const auto& value : *object->getArray("files")) {
      const auto file = value.extract<Poco::JSON::Object::Ptr>();
      manifest[file->getValue<std::string>("name")] = {file->getValue<std::uint64_t>("size"),
                                                       file->getValue<std::string>("sha256")};
    }
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kCorrupt, (backup / kManifest).string() + ": " + error.displayText());
  }
  for (const auto& [name, entry] : manifest) {
    report.octets += entry.size;
    ++report.files;
  }
  return manifest;
}

bool isEmptyFolder(const fs::path& folder) { return !fs::exists(folder) || fs::is_empty(folder); }

void restorePostgres(const fs::path& file, const std::string& address) {
  {
    Database database(address, {.migrate = false});
    database.read([&](Transaction& transaction) {
      if (!transaction.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' LIMIT 1").empty()) {
        throw Error(ErrorCode::kConflict, "the database " + database.name() + " is not empty");
      }
    });
  }
  const core::ChildAnswer answer = core::runChild({{"pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
                                                    "--single-transaction", "--dbname=" + address, file.string()},
                                                   {},
                                                   {},
                                                   kLongestDump,
                                                   4096});
  if (answer.status != 0) throw Error(ErrorCode::kUnavailable, "pg_restore failed: " + answer.said);
}

}  // namespace

BackupReport backUp(const BackupPlace& from, const fs::path& out) {
  if (fs::exists(out)) throw Error(ErrorCode::kConflict, out.string() + " exists already");
  const fs::path made = out.string() + ".unfinished";
  fs::remove_all(made);
  fs::create_directories(made);
  fs::permissions(made, fs::perms::owner_all);
  BackupReport report;
  report.made = core::isoInstant(core::now());
  // From before the database is copied: nothing is erased that its copy still names.
  std::optional<StoreLock> copying;
  if (from.hasSegments) copying.emplace(from.dataFolder / "documents" / kErasingLock, StoreLock::Hold::kShared);
  report.schema = Database(from.database, {.migrate = false}).schemaVersion();
  if (from.database.starts_with(kSqlitePrefix)) {
    copySqlite(from.database.substr(kSqlitePrefix.size()), made / kSqliteCopy);
  } else {
    dumpPostgres(from.database, made / kPostgresCopy);
  }
  if (from.hasSegments) copySegments(from.dataFolder / "documents", made / "documents");
  copyOtherFiles(from.dataFolder, made);
  Manifest manifest;
  for (const std::string& file : filesBelow(made)) {
    const Entry entry = entryOf(made / file);
    report.octets += entry.size;
    ++report.files;
    manifest[file] = entry;
  }
  core::writeFile(made / kManifest, textOf(report, manifest), true);
  fs::rename(made, out);
  return report;
}

BackupReport checkBackup(const fs::path& backup) {
  BackupReport report;
  const Manifest manifest = readManifest(backup, report);
  const auto damaged = [&](const std::string& file, const std::string& how) {
    return Error(ErrorCode::kCorrupt, "the backup's " + file + " " + how);
  };
  for (const auto& [name, entry] : manifest) {
    if (!fs::is_regular_file(backup / name)) throw damaged(name, "is missing");
    const Entry found = entryOf(backup / name);
    if (found.size != entry.size || found.sha256 != entry.sha256) throw damaged(name, "was changed");
  }
  for (const std::string& file : filesBelow(backup)) {
    if (file != kManifest && !manifest.contains(file)) throw damaged(file, "is not in its manifest");
  }
  return report;
}

BackupReport restoreBackup(const fs::path& backup, const BackupPlace& to) {
  const BackupReport report = checkBackup(backup);
  if (!isEmptyFolder(to.dataFolder)) throw Error(ErrorCode::kConflict, to.dataFolder.string() + " is not empty");
  const bool toSqlite = to.database.starts_with(kSqlitePrefix), fromSqlite = fs::exists(backup / kSqliteCopy);
  if (toSqlite != fromSqlite) {
    throw Error(ErrorCode::kUsage, std::string("the backup is of ") + (fromSqlite ? "SQLite" : "PostgreSQL") +
                                       ", the database it shall go into is not");
  }
  if (toSqlite) {
    const fs::path file = to.database.substr(kSqlitePrefix.size());
    if (fs::exists(file)) throw Error(ErrorCode::kConflict, file.string() + " exists already");
    copyFile(backup / kSqliteCopy, file);
  } else {
    restorePostgres(backup / kPostgresCopy, to.database);
  }
  for (const std::string& file : filesBelow(backup)) {
    if (file.starts_with("files/")) copyFile(backup / file, to.dataFolder / file.substr(6));
    if (file.starts_with("documents/")) copyFile(backup / file, to.dataFolder / file);
  }
  return report;
}

}  // namespace qianda::storage
