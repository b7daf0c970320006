// The paper copy (人社厅发〔2021〕54号 13): the completed contract with its signatures drawn into the pages, on each
// page the sentence that print and data message agree with a check code, and a last page with the SHA-256 of the data
// message, who signed it and when, and a QR code that leads to the check. The code is random and kept: who holds a
// paper asks by it what the data message is. Made by qpdf; the data message itself is not touched. Any thread.
#pragma once

#include <optional>
#include <string>

#include "contracts/ceremony/ceremony.h"

namespace qianda::contracts {

struct PaperCopy {
  std::string code;  // 16 characters
  std::string pdf;
};
// `checkAddress`: in capitals, such as HTTPS://QIANDA.EXAMPLE/P/; the code is appended. `madeFor`: whom it is given to,
// as in the audit log. Throws kConflict unless the envelope is completed.
PaperCopy makePaperCopy(EnvelopeServices& services, const std::string& envelope, const std::string& madeFor,
                        const std::string& checkAddress);

struct PaperCheck {
  std::string envelope, sha256, title, state;
  core::Instant made;
};
// Nothing for a code that was never printed.
std::optional<PaperCheck> findPaperCopy(storage::Transaction& transaction, const std::string& code);

}  // namespace qianda::contracts
