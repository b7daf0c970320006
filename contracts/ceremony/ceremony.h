// The ceremony of one person who signs, step by step, with the order kept here and not in the page: notice
// acknowledged, identity (name, number and phone are the party's and the provider agrees; a code; a face where asked
// for), the whole text read, the signature written by hand, the will declared, then the certificate, the signature and
// a free copy (人社厅发〔2021〕54号 6, 7, 9, 12; PEERS 33, 37). Every step is an audit entry with method, provider,
// request id, result and time. A step out of order throws kConflict with what comes next. `party` is a party's id,
// "<envelope>.<name>", settled from the link before. Any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "contracts/ceremony/providers.h"
#include "contracts/ceremony/rules.h"
#include "contracts/envelope/envelope.h"
#include "contracts/envelope/services.h"
#include "signing/seal/strokes.h"

namespace qianda::contracts {

struct CeremonyServices {
  EnvelopeServices& envelopes;
  SmsCodeProvider& sms;
  IdentityProvider& identity;
  FaceProvider* face = nullptr;  // needed by rules.needsFace
  CeremonyRules rules;
};

struct CeremonyView {
  Envelope envelope;
  Party party;
  Step step = Step::kNotice;  // what comes next
  std::size_t pages = 0;      // of the document; known from the reading on
  std::vector<bool> pagesRead;
  std::chrono::milliseconds readingLeft{0};  // of the least time; 0 before the document was fetched
  std::string sha256;                        // of the newest revision, once it may be read
  bool isDevelopment = false;                // one of the providers is a stand-in: the page says so
  bool needsCodeForWillingness = false;
};

// Who is at the other end of the link.
struct Bearer {
  std::string party;   // id
  std::string secret;  // of the link
  std::string peer, device;
};

// Opens the ceremony when it is the party's turn. Throws kConflict when it is not, or the envelope is over and the
// party has not signed.
CeremonyView viewCeremony(CeremonyServices& services, const Bearer& bearer);
// The same, whatever the state, changing nothing.
CeremonyView lookAtCeremony(CeremonyServices& services, const Bearer& bearer);
void acknowledgeNotice(CeremonyServices& services, const Bearer& bearer, const std::string& version);
// Sends a code when name, number and phone are right. Throws kInvalidInput without saying which one is wrong.
void claimIdentity(CeremonyServices& services, const Bearer& bearer, const PersonClaim& claim);
void resendCode(CeremonyServices& services, const Bearer& bearer);
void confirmCode(CeremonyServices& services, const Bearer& bearer, const std::string& code);
void showFace(CeremonyServices& services, const Bearer& bearer, core::BytesView image);
// The newest octets; once the text may be read. Starts the clock of the reading.
std::string readDocument(CeremonyServices& services, const Bearer& bearer);
// 1-based. Done when all pages were shown and the least time has passed.
void notePagesRead(CeremonyServices& services, const Bearer& bearer, const std::vector<std::size_t>& pages);
void giveStrokes(CeremonyServices& services, const Bearer& bearer, const std::vector<signing::Stroke>& strokes);
// A code for the declaration, where the rules want one.
void sendWillingnessCode(CeremonyServices& services, const Bearer& bearer);

struct Willingness {
  std::string version;       // of the text that was shown
  std::string confirmation;  // what was typed
  std::string code;          // where the rules want one
};
// Durable before anything else happens: from here on the signature comes, whoever makes it. Signs at once where that
// can be done; the answer is how things stand then. Asked again, it answers the same.
CeremonyView declareWillingness(CeremonyServices& services, const Bearer& bearer, const Willingness& willingness);
void declineToSign(CeremonyServices& services, const Bearer& bearer, const std::string& reason);
// The completed contract; noted as fetched.
std::string fetchCopy(CeremonyServices& services, const Bearer& bearer);

}  // namespace qianda::contracts
