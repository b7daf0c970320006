#include "clients/cli/text_boxes.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <thread>

#include <Poco/SAX/Attributes.h>
#include <Poco/SAX/DefaultHandler.h>
#include <Poco/SAX/SAXException.h>
#include <Poco/SAX/SAXParser.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

extern char** environ;

namespace qianda::cli {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::uintmax_t kLargestAnswer = std::uintmax_t{256} << 20;  // octets

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qianda-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw Error(ErrorCode::kSystem, "cannot make a temporary folder: " + pattern);
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

pid_t start(const std::vector<std::string>& arguments, const std::string& errors) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT, 0600);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failure = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    throw Error(ErrorCode::kSystem,
                "cannot run " + arguments[0] + " (package poppler-utils): " + std::strerror(failure));
  }
  return child;
}

// The exit status. A child that takes too long or writes too much is ended.
int finish(pid_t child, const std::string& program, const std::string& answer, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto stop = [&](ErrorCode code, const std::string& reason) {
    ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    throw Error(code, program + " " + reason);
  };
  for (auto pause = std::chrono::milliseconds(1);; pause = std::min(pause * 2, std::chrono::milliseconds(20))) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 && errno != EINTR) throw Error(ErrorCode::kSystem, "cannot wait for " + program);
    if (std::chrono::steady_clock::now() > end) {
      stop(ErrorCode::kUnavailable, "did not end within " + std::to_string(limit.count()) + " ms");
    }
    std::error_code none;
    const std::uintmax_t size = std::filesystem::file_size(answer, none);
    if (!none && size > kLargestAnswer) stop(ErrorCode::kInvalidInput, "found more text than can be searched");
    std::this_thread::sleep_for(pause);
  }
}

// Words of hostile files may hold characters that XML 1.0 (2.2) does not allow.
std::string withXmlCharacters(const std::string& text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = core::nextCodePoint(text, at);
    const bool allowed = c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
    core::appendUtf8(clean, allowed ? c : U'\uFFFD');
  }
  return clean;
}

class WordReader : public Poco::XML::DefaultHandler {
 public:
  std::vector<WordPage> pages;

  void startElement(const Poco::XML::XMLString&, const Poco::XML::XMLString& name, const Poco::XML::XMLString&,
                    const Poco::XML::Attributes& attributes) override {
    if (name == "page") pages.emplace_back();
    if (name == "line" && !pages.empty()) pages.back().emplace_back();
    inWord_ = name == "word" && !pages.empty() && !pages.back().empty();
    if (!inWord_) return;
    const auto number = [&](const char* key) {
      const std::string text = attributes.getValue("", key);
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        throw Error(ErrorCode::kSystem, std::string("pdftotext gave a word the ") + key + " \"" + text + "\"");
      }
      return value;
    };
    pages.back().back().push_back({number("xMin"), number("yMin"), number("xMax"), number("yMax"), {}});
  }
  void endElement(const Poco::XML::XMLString&, const Poco::XML::XMLString&, const Poco::XML::XMLString&) override {
    inWord_ = false;
  }
  void characters(const Poco::XML::XMLChar text[], int start, int length) override {
    if (inWord_) pages.back().back().back().text.append(text + start, static_cast<std::size_t>(length));
  }

 private:
  bool inWord_ = false;
};

}  // namespace

std::vector<WordPage> parseWords(const std::string& xhtml) {
  WordReader reader;
  try {
    Poco::XML::SAXParser parser;
    parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_GENERAL_ENTITIES, false);
    parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_PARAMETER_ENTITIES, false);
    parser.setContentHandler(&reader);
    parser.parseString(withXmlCharacters(xhtml));
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kSystem, "pdftotext's answer cannot be read: " + error.displayText());
  }
  return std::move(reader.pages);
}

std::vector<WordPage> readWords(std::string_view pdf, const std::string& program, std::chrono::milliseconds timeLimit) {
  const TemporaryFolder folder;
  const std::string file = folder / "in.pdf", answer = folder / "words.xhtml", errors = folder / "errors";
  core::writeFile(file, pdf);
  const pid_t child = start({program, "-bbox-layout", "-cropbox", "-enc", "UTF-8", file, answer}, errors);
  const int status = finish(child, program, answer, timeLimit);
  if (status != 0) {
    std::string reason(core::trim(core::readFile(errors)));
    if (reason.size() > 300) reason.resize(300);
    throw Error(status == 127 ? ErrorCode::kSystem : ErrorCode::kInvalidInput,
                program + " cannot read the text of the file (status " + std::to_string(status) + "): " + reason);
  }
  return parseWords(core::readFile(answer));
}

}  // namespace qianda::cli
