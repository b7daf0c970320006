#include "contracts/evidence/zip_file.h"

#include <cerrno>
#include <exception>
#include <set>
#include <utility>

#include <archive.h>
#include <archive_entry.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using EntryHandle = core::Handle<archive_entry, &archive_entry_free>;
using WriteHandle = core::Handle<archive, &archive_write_free>;
using ReadHandle = core::Handle<archive, &archive_read_free>;

void require(archive* file, int result, const std::string& what) {
  if (result >= ARCHIVE_OK) return;
  const char* text = archive_error_string(file);
  throw Error(ErrorCode::kSystem, what + ": " + (text ? text : "unknown error"));
}

// Plain names with folders: no drive, no root, no way up, no control character.
bool isSafeName(std::string_view name) {
  if (name.empty() || name.size() > 500 || name.front() == '/' || name.find('\\') != name.npos) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ':') return false;
  }
  return (std::string("/") + std::string(name) + "/").find("/../") == std::string::npos;
}

}  // namespace

struct ZipWriter::State {
  Sink sink;
  std::exception_ptr failure;  // of the sink: C code is not thrown through
  WriteHandle file{archive_write_new()};

  static la_ssize_t write(archive* file, void* self, const void* octets, std::size_t size) {
    auto* state = static_cast<State*>(self);
    try {
      state->sink({static_cast<const char*>(octets), size});
      return static_cast<la_ssize_t>(size);
    } catch (...) {
      state->failure = std::current_exception();
      archive_set_error(file, EIO, "the reader is gone");
      return -1;
    }
  }
  void check(int result, const std::string& what) {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
    require(file.get(), result, what);
  }
};

ZipWriter::ZipWriter(Sink sink) : state_(std::make_unique<State>()) {
  state_->sink = std::move(sink);
  archive* file = state_->file.get();
  require(file, archive_write_set_format_zip(file), "ZIP");
  require(file, archive_write_set_format_option(file, "zip", "hdrcharset", "UTF-8"), "ZIP");
  require(file, archive_write_set_bytes_per_block(file, 64 << 10), "ZIP");
  require(file, archive_write_set_bytes_in_last_block(file, 1), "ZIP");
  state_->check(archive_write_open(file, state_.get(), nullptr, &State::write, nullptr), "ZIP");
}

ZipWriter::~ZipWriter() {
  if (state_->file) archive_write_fail(state_->file.get());  // what was not closed stays cut
}

void ZipWriter::add(const std::string& name, std::string_view octets, core::Instant modified) {
  if (!isSafeName(name)) throw Error(ErrorCode::kSystem, "not a name for a member: " + name);
  const EntryHandle entry(archive_entry_new());
  archive_entry_set_pathname_utf8(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(octets.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count(),
                          0);
  state_->check(archive_write_header(state_->file.get(), entry.get()), name);
  const la_ssize_t written = archive_write_data(state_->file.get(), octets.data(), octets.size());
  state_->check(written == static_cast<la_ssize_t>(octets.size()) ? ARCHIVE_OK : ARCHIVE_FATAL, name);
}

void ZipWriter::close() {
  state_->check(archive_write_close(state_->file.get()), "ZIP");
  state_->file.reset();
}

std::vector<ZipMember> readZip(std::string_view octets, std::size_t mostOctets, std::size_t mostMembers) {
  const auto refuse = [](const std::string& reason) { throw Error(ErrorCode::kInvalidInput, reason); };
  const ReadHandle file(archive_read_new());
  archive_read_support_format_zip(file.get());
  if (archive_read_open_memory(file.get(), octets.data(), octets.size()) != ARCHIVE_OK) refuse("not a ZIP file");
  std::vector<ZipMember> members;
  std::set<std::string> names;
  std::size_t total = 0;
  archive_entry* entry = nullptr;
  for (int result; (result = archive_read_next_header(file.get(), &entry)) != ARCHIVE_EOF;) {
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) refuse("not a sound ZIP file");
    const char* path = archive_entry_pathname_utf8(entry);
    if (!path) path = archive_entry_pathname(entry);
    ZipMember member{path ? path : "", ""};
    if (!isSafeName(member.name)) refuse("a member whose name is not a plain one");
    if (!names.insert(member.name).second) refuse("two members are named " + member.name);
    if (members.size() == mostMembers) refuse("too many members");
    if (archive_entry_filetype(entry) != AE_IFREG) refuse(member.name + " is not a file");
    char buffer[64 << 10];
    for (la_ssize_t count; (count = archive_read_data(file.get(), buffer, sizeof buffer)) != 0;) {
      if (count < 0) refuse(member.name + " is damaged");
      total += static_cast<std::size_t>(count);
      if (total > mostOctets) refuse("the members are too large");
      member.octets.append(buffer, static_cast<std::size_t>(count));
    }
    members.push_back(std::move(member));
  }
  if (members.empty()) refuse("not a ZIP file, or an empty one");
  return members;
}

}  // namespace qianda::contracts
