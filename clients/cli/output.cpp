#include "clients/cli/output.h"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "core/file.h"

namespace qianda::cli {
namespace {

std::string_view severityName(templates::Severity severity) {
  static constexpr std::string_view kNames[] = {"block", "warn", "inform"};
  return kNames[static_cast<std::size_t>(severity)];
}

}  // namespace

JsonObject::Ptr newObject() { return new JsonObject(Poco::JSON_PRESERVE_KEY_ORDER); }
JsonArray::Ptr newArray() { return new JsonArray; }

void printJson(const JsonObject::Ptr& object) {
  object->stringify(std::cout);
  std::cout << std::endl;
}

void printJson(const JsonArray::Ptr& array) {
  array->stringify(std::cout);
  std::cout << std::endl;
}

JsonObject::Ptr toJson(const templates::Fault& fault) {
  JsonObject::Ptr object = newObject();
  object->set("row", fault.row);
  object->set("column", static_cast<std::uint64_t>(fault.column));
  object->set("field", fault.field);
  object->set("value", fault.value);
  object->set("rule", fault.rule);
  object->set("severity", std::string(severityName(fault.severity)));
  object->set("article", fault.article);
  object->set("computed", fault.computed);
  object->set("limit", fault.limit);
  object->set("message", fault.messageEn);
  object->set("message_zh", fault.messageZh);
  return object;
}

JsonArray::Ptr toJson(const std::vector<templates::Fault>& faults) {
  JsonArray::Ptr array = newArray();
  for (const templates::Fault& fault : faults) array->add(toJson(fault));
  return array;
}

ProgressBar::ProgressBar(std::string label) : label_(std::move(label)), isTerminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (shown_) std::fputc('\n', stderr);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t all) {
  if (!isTerminal_ || all == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (shown_ && done < all && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  shown_ = true;
  constexpr std::uint64_t kWidth = 40;
  const auto filled = static_cast<std::size_t>(done * kWidth / all);
  std::fprintf(stderr, "\r%s [%s%s] %s/%s ", label_.c_str(), std::string(filled, '#').c_str(),
               std::string(kWidth - filled, '.').c_str(), grouped(done).c_str(), grouped(all).c_str());
  std::fflush(stderr);
}

std::string readPassphrase(const std::string& keyFile, const std::string& passFile) {
  std::filesystem::path path = passFile;
  if (passFile.empty()) {
    path = std::filesystem::path(keyFile).parent_path() / "passphrase";
    if (!std::filesystem::exists(path)) return {};
  }
  constexpr std::size_t kLongest = 4096;
  std::string text = core::readFile(path, kLongest);
  text.erase(std::min(text.size(), text.find_first_of("\r\n")));
  return text;
}

unsigned coreCount() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace qianda::cli
