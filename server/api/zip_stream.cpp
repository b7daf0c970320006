#include "server/api/zip_stream.h"

#include <utility>

#include <archive.h>
#include <archive_entry.h>

#include "core/error.h"

namespace qianda::server {

struct ZipStream::State {
  Sink sink;
  archive* out = nullptr;
  std::exception_ptr failure;

  static la_ssize_t write(archive*, void* self, const void* octets, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    try {
      state.sink({static_cast<const char*>(octets), size});
      return static_cast<la_ssize_t>(size);
    } catch (...) {  // no exception passes through C
      state.failure = std::current_exception();
      return -1;
    }
  }
  void check(la_ssize_t result) {
    if (failure) std::rethrow_exception(failure);
    if (result >= ARCHIVE_WARN) return;
    const char* reason = archive_error_string(out);
    throw core::Error(core::ErrorCode::kSystem, std::string("cannot write the archive: ") + (reason ? reason : ""));
  }
};

ZipStream::ZipStream(Sink sink) : state_(std::make_unique<State>()) {
  state_->sink = std::move(sink);
  state_->out = archive_write_new();
  if (!state_->out) throw core::Error(core::ErrorCode::kSystem, "no memory for an archive");
  archive_write_set_format_zip(state_->out);
  archive_write_zip_set_compression_store(state_->out);
  archive_write_set_format_option(state_->out, "zip", "hdrcharset", "UTF-8");
  archive_write_set_bytes_per_block(state_->out, 64 << 10);
  archive_write_set_bytes_in_last_block(state_->out, 1);
  state_->check(archive_write_open(state_->out, state_.get(), nullptr, &State::write, nullptr));
}

ZipStream::~ZipStream() {
  if (!state_->out) return;
  archive_write_fail(state_->out);
  archive_write_free(state_->out);
}

void ZipStream::add(const std::string& name, std::string_view octets, core::Instant at) {
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname_utf8(entry, name.c_str());
  archive_entry_set_size(entry, static_cast<la_int64_t>(octets.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_mtime(entry, std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count(), 0);
  const int result = archive_write_header(state_->out, entry);
  archive_entry_free(entry);
  state_->check(result);
  while (!octets.empty()) {
    const la_ssize_t count = archive_write_data(state_->out, octets.data(), octets.size());
    state_->check(count);
    if (count == 0) throw core::Error(core::ErrorCode::kSystem, "the archive takes no more octets");
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
}

void ZipStream::finish() {
  state_->check(archive_write_close(state_->out));
  archive_write_free(std::exchange(state_->out, nullptr));
}

}  // namespace qianda::server
