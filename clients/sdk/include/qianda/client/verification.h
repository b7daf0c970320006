// Judging the signatures of a PDF by upload; nothing of it is kept, and no API key is needed. A file that is not valid
// is a result, no Error. Words: TOTAL_PASSED, INDETERMINATE, TOTAL_FAILED (ETSI EN 319 102-1).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "qianda/client/client.h"

namespace qianda::client {

struct VerifiedSignature {
  std::string field = {}, signer = {}, organisation = {}, level = {}, signedAt = {};
  std::string indication = {}, subIndication = {}, reason = {};
};

struct Verification {
  std::string sha256 = {};  // of the file, hexadecimal
  std::int64_t octets = 0;
  std::string indication = {}, subIndication = {}, reason = {}, level = {};
  std::string summaryZh = {}, summaryEn = {};
  std::vector<VerifiedSignature> signatures = {};
  bool isKnown = false;         // these octets are a revision of an envelope of the service
  std::string knownState = {};  // that envelope's
  std::int64_t knownRevision = 0;
  std::string json = {};  // the whole answer: the members of `qianda verify --json` and more
};

// Up to 32 MiB. Throws client::Error.
Verification verifyPdf(Client& client, const std::filesystem::path& file);

}  // namespace qianda::client
