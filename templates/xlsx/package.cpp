#include "templates/xlsx/package.h"

#include <algorithm>
#include <exception>
#include <fstream>

#include <archive.h>
#include <archive_entry.h>
#include <expat.h>

#include "core/error.h"
#include "core/file.h"
#include "core/handle.h"

namespace qianda::templates::xlsx {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::size_t kChunk = 64u << 10;
constexpr std::size_t kLongestText = 1u << 20;  // octets of names and attributes of one element

int freeArchive(archive* handle) { return archive_read_free(handle); }
void freeParser(XML_Parser parser) { XML_ParserFree(parser); }

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorCode::kInvalidInput, message); }

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : archive_(archive_read_new()) {
    if (!archive_) throw Error(ErrorCode::kSystem, "no memory for an archive");
    archive_read_support_format_zip_seekable(archive_.get());
    if (archive_read_open_filename(archive_.get(), file.c_str(), kChunk) != ARCHIVE_OK) fail();
  }
  // Its name; false at the end.
  bool next(std::string& name) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) return false;
    if (result < ARCHIVE_WARN) fail();
    if (archive_entry_is_encrypted(entry)) refuse("the workbook is encrypted; save it without a password");
    const char* path = archive_entry_pathname(entry);
    name = path ? path : "";
    return true;
  }
  std::string_view read() {
    const la_ssize_t count = archive_read_data(archive_.get(), buffer_, sizeof buffer_);
    if (count < 0) fail();
    return {buffer_, static_cast<std::size_t>(count)};
  }

 private:
  [[noreturn]] void fail() {
    const char* reason = archive_error_string(archive_.get());
    refuse(std::string("not an XLSX workbook, or a damaged one: ") + (reason ? reason : "cannot be unpacked"));
  }
  core::Handle<archive, &freeArchive> archive_;
  char buffer_[kChunk];
};

std::string_view localName(const char* name) {
  const std::string_view text(name);
  const std::size_t colon = text.rfind(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

// Expat calls back through C: exceptions wait in `failure` until it has returned.
class Parse {
 public:
  Parse(const std::string& part, XmlHandler& handler)
      : part_(part), handler_(handler), parser_(XML_ParserCreate("UTF-8")) {
    if (!parser_) throw Error(ErrorCode::kSystem, "no memory for a parser");
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &onStart, &onEnd);
    XML_SetCharacterDataHandler(parser_.get(), &onText);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &onDoctype);
  }
  void feed(std::string_view octets, bool isLast) {
    const auto status = XML_Parse(parser_.get(), octets.data(), static_cast<int>(octets.size()), isLast);
    if (failure_) std::rethrow_exception(failure_);
    if (status == XML_STATUS_OK) return;
    refuse(part_ + " of the workbook is no well-formed XML: line " +
           std::to_string(XML_GetCurrentLineNumber(parser_.get())) + ", " +
           XML_ErrorString(XML_GetErrorCode(parser_.get())));
  }

 private:
  template <typename Action>
  void guard(Action action) {
    if (failure_) return;
    try {
      action();
    } catch (...) {
      failure_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }
  static void onStart(void* self, const char* name, const char** attributes) {
    auto& parse = *static_cast<Parse*>(self);
    parse.guard([&] {
      if (++parse.depth_ > Package::kDeepest) refuse(parse.part_ + " of the workbook is nested too deeply");
      std::size_t octets = std::string_view(name).size();
      for (const char** at = attributes; *at; ++at) octets += std::string_view(*at).size();
      if (octets > kLongestText) refuse(parse.part_ + " of the workbook has an element that is too long");
      parse.handler_.start(localName(name), XmlHandler::Attributes(attributes));
    });
  }
  static void onEnd(void* self, const char* name) {
    auto& parse = *static_cast<Parse*>(self);
    --parse.depth_;
    parse.guard([&] { parse.handler_.end(localName(name)); });
  }
  static void onText(void* self, const char* text, int length) {
    auto& parse = *static_cast<Parse*>(self);
    parse.guard([&] { parse.handler_.text({text, static_cast<std::size_t>(length)}); });
  }
  static void onDoctype(void* self, const char*, const char*, const char*, int) {
    auto& parse = *static_cast<Parse*>(self);
    parse.guard(
        [&] { refuse(parse.part_ + " of the workbook has a document type declaration, which no workbook needs"); });
  }

  const std::string& part_;
  XmlHandler& handler_;
  core::Handle<XML_ParserStruct, &freeParser> parser_;
  std::size_t depth_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

std::string_view XmlHandler::Attributes::find(std::string_view name) const {
  for (const char** at = pairs_; *at; at += 2) {
    if (localName(*at) == name) return at[1];
  }
  return {};
}

void Package::refuseOtherKinds() const {
  std::string head(8, '\0');
  std::ifstream(file_, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  if (head == "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {  // a compound file (MS-CFB)
    std::string name;
    for (const char c : std::string_view("EncryptedPackage")) name += {c, '\0'};
    if (core::readFile(file_).find(name) != std::string::npos) {
      refuse("the workbook is encrypted; save it without a password");
    }
    refuse("this is a workbook of the old kind (.xls); save it as .xlsx");
  }
  if (!head.starts_with("PK\x03\x04")) refuse("this is no XLSX workbook: it does not begin like one");
}

Package::Package(std::filesystem::path file, std::uint64_t largestPart)
    : file_(std::move(file)), largestPart_(largestPart) {
  refuseOtherKinds();
  Reader reader(file_);
  for (std::string name; reader.next(name);) {
    if (parts_.size() == kMostParts) refuse("the workbook has more than " + std::to_string(kMostParts) + " parts");
    parts_.push_back(name);
  }
  if (has("content.xml")) refuse("this is an OpenDocument spreadsheet; save it as .xlsx");
  if (has("xl/workbook.bin")) refuse("this is a binary workbook (.xlsb); save it as .xlsx");
  if (!has("xl/workbook.xml")) refuse("this ZIP file is no XLSX workbook: it has no xl/workbook.xml");
}

bool Package::has(const std::string& part) const {
  return std::find(parts_.begin(), parts_.end(), part) != parts_.end();
}

void Package::parse(const std::string& part, XmlHandler& handler) const {
  Reader reader(file_);
  std::string name;
  do {
    if (!reader.next(name)) refuse("the workbook has no part " + part);
  } while (name != part);
  Parse parse(part, handler);
  std::uint64_t octets = 0;
  for (;;) {
    const std::string_view chunk = reader.read();
    octets += chunk.size();
    if (octets > largestPart_) {
      refuse(part + " of the workbook unpacks to more than " + std::to_string(largestPart_ >> 20) + " MiB");
    }
    parse.feed(chunk, chunk.empty());
    if (chunk.empty()) return;
  }
}

}  // namespace qianda::templates::xlsx
