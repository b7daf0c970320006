// Any octets as an OCSP response (RFC 6960), a CRL and a certificate (RFC 5280) of a security store.
#include <cstdint>

#include "core/file.h"
#include "signing/keys/x509.h"
#include "signing/verify/dss.h"

namespace {

qianda::core::Bytes stored(const char* name) {
  const std::string octets =
      qianda::core::readFile(QIANDA_SOURCE_DIR "/tests/fuzz/corpus/revocation/" + std::string(name));
  return {octets.begin(), octets.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qianda;
  using namespace qianda::signing;
  static const core::Bytes issuing = stored("issuing.der"), worker = stored("worker.der");
  const core::BytesView octets(data, size);
  verify::Evidence evidence;
  evidence.addCertificate(issuing);
  evidence.addCertificate(octets);
  evidence.addOcsp(octets, "DSS");
  evidence.addCrl(octets, "DSS");
  const X509Handle subject = parseCertificate(worker), issuer = parseCertificate(issuing);
  verify::judgeRevocation(subject.get(), issuer.get(), evidence, core::now());
  verify::findForgery(evidence);
  if (const X509Handle given = findCertificate(octets)) {
    verify::judgeRevocation(given.get(), issuer.get(), evidence, core::now());
    verify::findPath(given.get(), evidence, nullptr, core::now());
  }
  return 0;
}
