#include "qianda/client/verification.h"

#include "clients/sdk/json_reader.h"
#include "clients/sdk/transport.h"

namespace qianda::client {
namespace {

VerifiedSignature signatureOf(const JsonReader& answer) {
  return {answer.text("field"),     answer.text("signer"),     answer.text("organisation"),   answer.text("level"),
          answer.text("signed_at"), answer.text("indication"), answer.text("sub_indication"), answer.text("reason")};
}

}  // namespace

Verification verifyPdf(Client& client, const std::filesystem::path& file) {
  const Call call{.method = "POST",
                  .path = pathOf({"verification"}),
                  .mediaType = "application/pdf",
                  .bodyFile = file,
                  .isRepeatable = true};
  Verification verification;
  verification.json = client.transport().ask(call).body;
  const JsonReader answer = JsonReader::parse(verification.json);
  verification.sha256 = answer.text("sha256");
  verification.octets = answer.number("size");
  verification.indication = answer.text("indication");
  verification.subIndication = answer.text("sub_indication");
  verification.reason = answer.text("reason");
  verification.level = answer.text("level");
  verification.summaryZh = answer.object("summary").text("zh");
  verification.summaryEn = answer.object("summary").text("en");
  for (const JsonReader& one : answer.objects("signatures")) verification.signatures.push_back(signatureOf(one));
  if (answer.has("known")) {
    verification.isKnown = true;
    verification.knownState = answer.object("known").text("state");
    verification.knownRevision = answer.object("known").number("revision");
  }
  return verification;
}

}  // namespace qianda::client
