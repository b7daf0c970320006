#include "signing/verify/verifier.h"

#include "core/error.h"
#include "core/file.h"
#include "signing/keys/x509.h"
#include "signing/verify/file_judge.h"

namespace qianda::signing {

using StoreHandle = core::Handle<X509_STORE, &X509_STORE_free>;

std::string_view nameOf(Indication indication) {
  static constexpr std::string_view kNames[] = {"TOTAL_PASSED", "INDETERMINATE", "TOTAL_FAILED"};
  return kNames[static_cast<std::size_t>(indication)];
}

struct Verifier::State {
  std::vector<X509Handle> anchors;
  VerifierOptions options;
  StoreHandle store{X509_STORE_new()};
};

Verifier::Verifier(TrustAnchors anchors, VerifierOptions options) {
  auto state = std::make_unique<State>();
  for (const core::Bytes& der : anchors.certificates) {
    state->anchors.push_back(parseCertificate(der));
    X509_STORE_add_cert(state->store.get(), state->anchors.back().get());
  }
  state->options = std::move(options);
  state_ = std::move(state);
}

Verifier::~Verifier() = default;

FileVerdict Verifier::verify(std::string_view pdf, core::Instant at) const {
  return verify::FileJudge(pdf, state_->store.get(), state_->anchors, state_->options, at).judge();
}

TrustAnchors loadTrustAnchors(const std::vector<std::string>& paths) {
  TrustAnchors anchors;
  for (const std::string& path : paths) {
    const std::string octets = core::readFile(path, 16u << 20);
    std::vector<core::Bytes> found = readPemCertificates(octets);
    if (found.empty() && findCertificate(core::viewOf(octets))) found.push_back({octets.begin(), octets.end()});
    if (found.empty()) throw core::Error(core::ErrorCode::kInvalidInput, "no certificate in " + path);
    anchors.certificates.insert(anchors.certificates.end(), found.begin(), found.end());
  }
  return anchors;
}

}  // namespace qianda::signing
