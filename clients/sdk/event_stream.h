// Server-sent events (HTML Living Standard 9.2) from octets as they come: the data of each event, whatever its name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace qianda::client {

class EventStream {
 public:
  explicit EventStream(std::function<void(const std::string& data)> onEvent) : onEvent_(std::move(onEvent)) {}
  // An event is told when its empty line came; one that was cut off is not.
  void take(std::string_view octets) {
    for (const char c : octets) {
      if (c == '\n') {
        endLine();
      } else if (c != '\r') {
        line_ += c;
      }
    }
  }

 private:
  void endLine() {
    if (line_.empty()) {
      if (!data_.empty()) onEvent_(data_);
      data_.clear();
    } else if (line_.starts_with("data:")) {
      if (!data_.empty()) data_ += '\n';
      data_ += line_.substr(line_.starts_with("data: ") ? 6 : 5);
    }
    line_.clear();
  }
  std::function<void(const std::string&)> onEvent_;
  std::string line_, data_;
};

}  // namespace qianda::client
