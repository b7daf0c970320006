#include "signing/ca/certificate_index.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/error.h"
#include "signing/ca/file_lock.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;

struct ReasonName {
  RevocationReason reason;
  std::string_view name;
};
constexpr ReasonName kReasons[] = {
    {RevocationReason::kUnspecified, "unspecified"},
    {RevocationReason::kKeyCompromise, "keyCompromise"},
    {RevocationReason::kAffiliationChanged, "affiliationChanged"},
    {RevocationReason::kSuperseded, "superseded"},
    {RevocationReason::kCessationOfOperation, "cessationOfOperation"},
    {RevocationReason::kPrivilegeWithdrawn, "privilegeWithdrawn"},
};

std::string textOf(Instant instant) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(instant);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::optional<Instant> instantOf(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (!end || *end) return std::nullopt;
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

std::string crcOf(std::string_view text) {
  return fmt::format("{:08x}", ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0;;) {
    const std::size_t tab = line.find('\t', at);
    fields.push_back(line.substr(at, tab == line.npos ? tab : tab - at));
    if (tab == line.npos) return fields;
    at = tab + 1;
  }
}

std::string plain(std::string_view text) {  // no field may end a field or a line
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return out;
}

}  // namespace

RevocationReason revocationReason(std::string_view name) {
  std::string all;
  for (const ReasonName& entry : kReasons) {
    if (entry.name == name) return entry.reason;
    all += (all.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(ErrorCode::kInvalidInput, "no revocation reason \"" + std::string(name) + "\"; there are " + all);
}

std::string_view nameOf(RevocationReason reason) {
  for (const ReasonName& entry : kReasons) {
    if (entry.reason == reason) return entry.name;
  }
  return "unspecified";
}

CertificateIndex::CertificateIndex(std::filesystem::path file, bool readOnly)
    : file_(std::move(file)),
      readOnly_(readOnly),
      descriptor_(
          ::open(file_.c_str(), readOnly ? O_RDONLY | O_CLOEXEC : O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) {
    throw Error(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                "cannot open " + file_.string() + ": " + std::strerror(errno));
  }
  try {
    if (readOnly_) {
      refresh();
      if (!torn_.empty()) notices_.push_back(file_.string() + " ends in the middle of a line: " + plain(torn_));
    } else {
      const FileLock lock(file_.string() + ".lock");
      refresh();
      repair();
    }
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

CertificateIndex::~CertificateIndex() { ::close(descriptor_); }

void CertificateIndex::addIssued(const IndexEntry& entry) {
  const std::lock_guard guard(mutex_);
  const FileLock lock(file_.string() + ".lock");
  refresh();
  repair();
  if (entries_.contains(entry.serial)) throw Error(ErrorCode::kConflict, "serial number " + entry.serial + " is taken");
  append(fmt::format("I\t{}\t{}\t{}\t{}\t{}\t{}\t{}", entry.serial, textOf(entry.notBefore), textOf(entry.notAfter),
                     textOf(entry.issued), plain(entry.profile), entry.event.empty() ? "-" : plain(entry.event),
                     plain(entry.subject)));
}

void CertificateIndex::addRevoked(const std::string& serial, const Revocation& revocation) {
  const std::lock_guard guard(mutex_);
  const FileLock lock(file_.string() + ".lock");
  refresh();
  repair();
  const auto found = entries_.find(serial);
  if (found == entries_.end()) throw Error(ErrorCode::kNotFound, "no certificate " + serial + " was issued here");
  if (const auto& before = found->second.revocation) {
    throw Error(ErrorCode::kConflict, "certificate " + serial + " was revoked at " + textOf(before->time) + " (" +
                                          std::string(nameOf(before->reason)) + ")");
  }
  append(fmt::format("R\t{}\t{}\t{}", serial, textOf(revocation.time), nameOf(revocation.reason)));
}

std::uint64_t CertificateIndex::nextCrlNumber(Instant time) {
  const std::lock_guard guard(mutex_);
  const FileLock lock(file_.string() + ".lock");
  refresh();
  repair();
  append(fmt::format("C\t{}\t{}", crlNumber_ + 1, textOf(time)));
  return crlNumber_;
}

std::optional<IndexEntry> CertificateIndex::find(const std::string& serial) {
  const std::lock_guard guard(mutex_);
  refresh();
  const auto found = entries_.find(serial);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

std::vector<IndexEntry> CertificateIndex::list() {
  const std::lock_guard guard(mutex_);
  refresh();
  std::vector<IndexEntry> all;
  all.reserve(order_.size());
  for (const std::string& serial : order_) all.push_back(entries_.at(serial));
  return all;
}

std::vector<IndexEntry> CertificateIndex::listRevoked() {
  const std::lock_guard guard(mutex_);
  refresh();
  std::vector<IndexEntry> all;
  for (const std::string& serial : revoked_) all.push_back(entries_.at(serial));
  return all;
}

std::vector<std::string> CertificateIndex::notices() {
  const std::lock_guard guard(mutex_);
  return notices_;
}

void CertificateIndex::fail(const std::string& reason) const {
  throw Error(ErrorCode::kCorrupt, file_.string() + ": " + reason, "the authority's index is damaged");
}

void CertificateIndex::refresh() {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail(std::strerror(errno));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < offset_) fail("lines that were read before are gone");
  std::string added(size - offset_, '\0');
  for (std::size_t done = 0; done < added.size();) {
    const ssize_t count =
        ::pread(descriptor_, added.data() + done, added.size() - done, static_cast<off_t>(offset_ + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorCode::kSystem, "cannot read " + file_.string() + ": " + std::strerror(errno));
    if (count == 0) added.resize(done);
    done += static_cast<std::size_t>(count);
  }
  std::size_t at = 0;
  for (std::size_t end; (end = added.find('\n', at)) != added.npos; at = end + 1) {
    ++lines_;
    take(std::string_view(added).substr(at, end - at));
    offset_ += end + 1 - at;
  }
  torn_ = added.substr(at);
}

void CertificateIndex::repair() {
  if (torn_.empty()) return;
  const std::string torn = torn_;
  const int aside = ::open((file_.string() + ".torn").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = torn + "\n";
  const bool kept = aside >= 0 && ::write(aside, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                    ::fdatasync(aside) == 0;
  if (aside >= 0) ::close(aside);
  if (!kept || ::ftruncate(descriptor_, static_cast<off_t>(offset_)) != 0) {
    throw Error(ErrorCode::kSystem, "cannot put aside the torn end of " + file_.string() + ": " + std::strerror(errno));
  }
  torn_.clear();
  std::string notice = file_.string() + " ended in the middle of line " + std::to_string(lines_ + 1) +
                       "; these octets were put aside into " + file_.filename().string() + ".torn: " + plain(torn);
  const auto fields = split(torn);
  if (fields.size() > 2 && fields[0] == "R") {
    const auto found = entries_.find(std::string(fields[1]));
    if (found != entries_.end() && !found->second.revocation) {
      notice += "; certificate " + found->first + " counts as revoked";
      append(fmt::format("R\t{}\t{}\t{}", found->first, textOf(core::now()), "unspecified"));
    }
  }
  notices_.push_back(std::move(notice));
}

void CertificateIndex::take(std::string_view line) {
  const auto bad = [&] { fail("line " + std::to_string(lines_) + " is damaged"); };
  const std::size_t tab = line.rfind('\t');
  if (tab == line.npos || line.substr(tab + 1) != crcOf(line.substr(0, tab))) bad();
  const auto fields = split(line.substr(0, tab));
  if (fields[0] == "I" && fields.size() == 8) {
    const auto notBefore = instantOf(fields[2]), notAfter = instantOf(fields[3]), issued = instantOf(fields[4]);
    if (!notBefore || !notAfter || !issued) bad();
    IndexEntry entry{std::string(fields[1]), *notBefore, *notAfter, *issued, std::string(fields[5]), {}, {}, {}};
    if (fields[6] != "-") entry.event = fields[6];
    entry.subject = fields[7];
    if (!entries_.emplace(entry.serial, entry).second) bad();
    order_.push_back(entry.serial);
  } else if (fields[0] == "R" && fields.size() == 4) {
    const auto found = entries_.find(std::string(fields[1]));
    const auto time = instantOf(fields[2]);
    if (found == entries_.end() || !time || found->second.revocation) bad();
    revoked_.push_back(found->first);
    found->second.revocation = Revocation{*time, revocationReason(fields[3])};
  } else if (fields[0] == "C" && fields.size() == 3) {
    const auto [end, error] = std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), crlNumber_);
    if (error != std::errc() || end != fields[1].data() + fields[1].size()) bad();
  } else {
    bad();
  }
}

void CertificateIndex::append(const std::string& fact) {
  const std::string line = fact + "\t" + crcOf(fact) + "\n";
  const ssize_t count = ::write(descriptor_, line.data(), line.size());
  if (count != static_cast<ssize_t>(line.size()) || ::fdatasync(descriptor_) != 0) {
    const std::string reason = count < 0 ? std::strerror(errno) : "the disk takes no more";
    // What was written in part must not be read as a fact that nobody was told of.
    if (::ftruncate(descriptor_, static_cast<off_t>(offset_)) != 0) fail("cannot take back an unfinished line");
    throw Error(ErrorCode::kSystem, "cannot write " + file_.string() + ": " + reason);
  }
  refresh();
}

}  // namespace qianda::signing
