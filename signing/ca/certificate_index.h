// What an authority has issued and revoked: an append-only text file, one line a fact, tab-separated, ending in the
// CRC-32 of what stands before it:
//   I <serial> <not before> <not after> <issued> <profile> <event or -> <subject> <crc>
//   R <serial> <revoked> <reason> <crc>
//   C <CRL number> <issued> <crc>
// Times are UTC (2026-01-31T08:00:00Z), serial numbers lower-case hexadecimal. A fact counts once its line is durable;
// writers take the lock file <index>.lock and see each other's lines. A line cut short at the end is reported (notices)
// and put aside into <index>.torn before the next is written: a revocation whose serial number can still be read is
// kept as revoked, and everything before it stands. A line damaged elsewhere throws kCorrupt with its number.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"

namespace qianda::signing {

// CRLReason (RFC 5280 5.3.1), those an authority here gives.
enum class RevocationReason {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kPrivilegeWithdrawn = 9,
};
// "keyCompromise" and the like, as OpenSSL writes them; throws kInvalidInput for another.
RevocationReason revocationReason(std::string_view name);
std::string_view nameOf(RevocationReason reason);

struct Revocation {
  core::Instant time;
  RevocationReason reason = RevocationReason::kUnspecified;
};

struct IndexEntry {
  std::string serial;
  core::Instant notBefore, notAfter, issued;
  std::string profile, event, subject;
  std::optional<Revocation> revocation;
};

class CertificateIndex {
 public:
  // Made when it is not there, unless `readOnly`, which takes no lock and repairs nothing.
  explicit CertificateIndex(std::filesystem::path file, bool readOnly = false);
  ~CertificateIndex();

  void addIssued(const IndexEntry& entry);
  // Throws kNotFound for a serial number never issued here, kConflict for one revoked before.
  void addRevoked(const std::string& serial, const Revocation& revocation);
  // One more than the last, durable before it is returned.
  std::uint64_t nextCrlNumber(core::Instant time);

  std::optional<IndexEntry> find(const std::string& serial);
  std::vector<IndexEntry> list();         // as issued
  std::vector<IndexEntry> listRevoked();  // as revoked
  // What was found torn, for a person.
  std::vector<std::string> notices();

 private:
  void refresh();  // reads what was appended since
  void repair();   // under the file lock
  void take(std::string_view line);
  void append(const std::string& fact);
  [[noreturn]] void fail(const std::string& reason) const;

  const std::filesystem::path file_;
  const bool readOnly_;
  int descriptor_ = -1;
  std::mutex mutex_;
  std::uint64_t offset_ = 0;  // end of the last whole line read
  std::size_t lines_ = 0;
  std::string torn_;  // octets behind offset_
  std::map<std::string, IndexEntry> entries_;
  std::vector<std::string> order_, revoked_, notices_;
  std::uint64_t crlNumber_ = 0;
};

}  // namespace qianda::signing
