// A ZIP archive written as it grows, to wherever octets go: one file at a time in memory, nothing on disk. Sizes stand
// behind the data; beyond 65,535 files or 4 GiB the archive is ZIP64 (APPNOTE 4.3.14, 4.5.3). One thread.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::server {

class ZipStream {
 public:
  using Sink = std::function<void(std::string_view)>;  // what it throws ends the archive and goes on to the caller
  explicit ZipStream(Sink sink);
  ~ZipStream();

  // `name`: UTF-8. PDFs are compressed already and are stored as they are.
  void add(const std::string& name, std::string_view octets, core::Instant at);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::server
