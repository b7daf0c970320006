// A platform for tests of evidence: its key and a timestamp authority under roots of their own, and an audit log with
// anchors.
#pragma once

#include <memory>
#include <string>

#include "contracts/evidence/anchoring.h"
#include "contracts/evidence/audit_export.h"
#include "signing/keys/pem.h"
#include "signing/trust/timestamp_authority.h"
#include "storage/audit/anchor.h"
#include "tests/support/process.h"
#include "tests/support/tsa.h"

namespace qianda::test {

class Platform {
 public:
  explicit Platform(const std::string& kind = "p256") : made_(signing::makeThrowawayCredential(kind, "示例签约平台")) {
    makeTimestampIdentity(folder_.path());
    time_ = std::make_unique<signing::LocalTimestampAuthority>(signing::openPkcs12(folder_ / "tsa.p12", "secret"));
    signer_ = std::make_unique<signing::CadesSigner>(made_.credential, signing::CadesOptions{});
    core::writeFile(folder_ / "platform-root.pem", signing::pemOf(signing::kPemCertificate, made_.root));
  }
  const signing::CadesSigner& signer() const { return *signer_; }
  const signing::TimestampSource& time() const { return *time_; }
  signing::TrustAnchors anchors() const { return signing::loadTrustAnchors({platformRoot(), timeRoot()}); }
  std::string platformRoot() const { return folder_ / "platform-root.pem"; }
  std::string timeRoot() const { return folder_ / "root.pem"; }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  signing::ThrowawayCredential made_;
  std::unique_ptr<signing::LocalTimestampAuthority> time_;
  std::unique_ptr<signing::CadesSigner> signer_;
};

}  // namespace qianda::test
