#include "contracts/ceremony/person_signer.h"

#include "contracts/ceremony/strokes_text.h"
#include "signing/ca/certificate_maker.h"
#include "signing/keys/evp_key.h"

namespace qianda::contracts {

OpenedSeal openPersonSigner(EnvelopeServices& services, const Envelope& envelope, const Party& party,
                            const std::string& strokes) {
  signing::KeyHandle key = signing::generateKey(services.workerKeyKind);
  signing::CertificateOrder order;
  order.profile = "event";
  order.subject.commonName = party.displayName;
  order.event = partyId(envelope.id, party.name);
  const signing::IssuedCertificate issued =
      services.issuer.issue(signing::makeRequest(key.get(), order.subject), order);
  OpenedSeal opened;
  opened.credential = signing::makeCredential(signing::makeEvpKey(std::move(key)), issued.certificate, issued.chain);
  if (!strokes.empty()) opened.appearance = signing::drawStrokes(readStrokes(strokes));
  return opened;
}

}  // namespace qianda::contracts
