// Any octets as a PDF: the verifier answers, the revision writer answers or refuses.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "signing/pades/revision_writer.h"
#include "signing/verify/verifier.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qianda;
  static const signing::ThrowawayCredential credential = signing::makeThrowawayCredential("p256", "fuzz");
  static const signing::CadesSigner signer(credential.credential);
  static const signing::Verifier verifier({{credential.root}});
  const std::string_view pdf(reinterpret_cast<const char*>(data), size);
  verifier.verify(pdf, core::now());
  try {
    signing::prepareRevision(pdf, {}, signer);
  } catch (const core::Error&) {
  }
  return 0;
}
