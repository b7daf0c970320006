#include "contracts/ceremony/ceremony.h"

#include <algorithm>

#include "contracts/ceremony/ceremony_state.h"
#include "contracts/ceremony/codes.h"
#include "contracts/ceremony/links.h"
#include "contracts/ceremony/strokes_text.h"
#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "contracts/envelope/sign_party.h"
#include "core/digest.h"
#include "core/error.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Transaction;

constexpr std::chrono::minutes kSigningLease{2};

using storage::msOf;

CeremonyView viewOf(Transaction& transaction, const CeremonyServices& services, const Standing& standing) {
  CeremonyView view;
  view.envelope = standing.envelope;
  view.party = standing.party;
  view.step = standing.step;
  view.pages = standing.row.pagesRead.size();
  for (const char mark : standing.row.pagesRead) view.pagesRead.push_back(mark == '1');
  if (standing.step <= Step::kReading && standing.row.reading > 0) {
    const std::chrono::milliseconds took(msOf(services.envelopes.clock()) - standing.row.reading);
    view.readingLeft = std::max(services.rules.readingPerPage * static_cast<std::int64_t>(view.pages) - took,
                                std::chrono::milliseconds(0));
  }
  if (mayRead(view.envelope, view.party)) view.sha256 = newestRevision(transaction, view.envelope).sha256;
  view.isDevelopment = isDevelopment(services);
  view.needsCodeForWillingness = services.rules.needsCodeForWillingness;
  return view;
}

std::string readChecked(EnvelopeServices& services, const Revision& revision) {
  std::string file = services.documents.read(revision.document);
  if (core::sha256Hex(file) != revision.sha256) {
    throw Error(ErrorCode::kCorrupt,
                "document " + revision.document.text() + " is not what its revision " + revision.sha256 + " was");
  }
  return file;
}

void checkStrokes(const CeremonyRules& rules, const std::vector<signing::Stroke>& strokes) {
  std::size_t points = 0;
  for (const signing::Stroke& stroke : strokes) points += stroke.size();
  const auto most = static_cast<std::size_t>(rules.mostStrokes), all = static_cast<std::size_t>(rules.mostPoints);
  if (strokes.size() > most || points > all) {
    throw Error(ErrorCode::kInvalidInput,
                "a signature has at most " + std::to_string(most) + " strokes and " + std::to_string(all) + " points");
  }
  if (points < static_cast<std::size_t>(rules.fewestPoints)) {
    throw Error(ErrorCode::kInvalidInput,
                "a signature has at least " + std::to_string(rules.fewestPoints) + " points: this is none");
  }
  signing::drawStrokes(strokes);  // throws for what cannot be drawn
}

// The durable part: from here on the work exists.
void noteWillingness(CeremonyServices& services, const Bearer& bearer, const Willingness& willingness) {
  services.envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = services.envelopes.clock();
    Standing standing = stand(transaction, services, bearer, now);
    if (standing.step == Step::kSigning || standing.step == Step::kDone) return;
    require(standing, Step::kWillingness);
    setPartyState(transaction, standing.envelope, standing.party.name, PartyEvent::kConfirm, now);
    setColumn(transaction, standing, "willing_ms", msOf(now));
    record(transaction, standing.envelope, actorOf(bearer), "party.willing",
           jsonOf({{"party", standing.party.name},
                   {"method", services.rules.needsCodeForWillingness ? "sms_code" : "typed_confirmation"},
                   {"version", willingness.version},
                   {"text_sha256", core::sha256Hex(willingnessText().zh)},
                   {"confirmation", willingness.confirmation},
                   {"strokes_sha256", core::sha256Hex(standing.row.strokes)},
                   {"revision", standing.envelope.revision}}),
           now);
    storage::enqueueWork(transaction, {kSignWork, bearer.party, "", now}, now);
  });
}

}  // namespace

CeremonyView lookAtCeremony(CeremonyServices& services, const Bearer& bearer) {
  return services.envelopes.database.looked<CeremonyView>(
      [&](Transaction& transaction) { return viewOf(transaction, services, look(transaction, services, bearer)); });
}

CeremonyView viewCeremony(CeremonyServices& services, const Bearer& bearer) {
  CeremonyView view;
  services.envelopes.database.write([&](Transaction& transaction) {
    view = viewOf(transaction, services, stand(transaction, services, bearer, services.envelopes.clock()));
  });
  return view;
}

std::string readDocument(CeremonyServices& services, const Bearer& bearer) {
  EnvelopeServices& envelopes = services.envelopes;
  Standing standing;
  Revision newest;
  envelopes.database.write([&](Transaction& transaction) {
    standing = stand(transaction, services, bearer, envelopes.clock());
    if (!mayRead(standing.envelope, standing.party)) require(standing, Step::kReading);
    newest = newestRevision(transaction, standing.envelope);
  });
  std::string file = readChecked(envelopes, newest);
  if (standing.step != Step::kReading || standing.row.reading > 0) return file;
  const std::size_t pages = countPages(file);
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    const Standing again = stand(transaction, services, bearer, now);
    if (again.step != Step::kReading || again.row.reading > 0) return;
    setColumn(transaction, again, "reading_ms", msOf(now));
    setColumn(transaction, again, "pages_read", std::string(pages, '0'));
    recordPrivately(transaction, again.envelope, actorOf(bearer), "party.reading_started",
                    jsonOf({{"party", again.party.name},
                            {"document", newest.document.text()},
                            {"sha256", newest.sha256},
                            {"pages", static_cast<std::int64_t>(pages)}}),
                    now);
  });
  return file;
}

void notePagesRead(CeremonyServices& services, const Bearer& bearer, const std::vector<std::size_t>& pages) {
  services.envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = services.envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    if (standing.row.read > 0) return;
    require(standing, Step::kReading);
    std::string read = standing.row.pagesRead;
    if (standing.row.reading == 0) throw Error(ErrorCode::kConflict, "the document was not fetched yet");
    for (const std::size_t page : pages) {
      if (page < 1 || page > read.size()) {
        throw Error(ErrorCode::kInvalidInput,
                    "there is no page " + std::to_string(page) + " of " + std::to_string(read.size()));
      }
      read[page - 1] = '1';
    }
    setColumn(transaction, standing, "pages_read", read);
    const auto least = services.rules.readingPerPage.count() * static_cast<std::int64_t>(read.size());
    const std::int64_t took = msOf(now) - standing.row.reading;
    if (read.find('0') != std::string::npos || took < least) return;
    setColumn(transaction, standing, "read_ms", msOf(now));
    recordPrivately(transaction, standing.envelope, actorOf(bearer), "party.read",
                    jsonOf({{"party", standing.party.name},
                            {"pages", static_cast<std::int64_t>(read.size())},
                            {"milliseconds", took}}),
                    now);
  });
}

void giveStrokes(CeremonyServices& services, const Bearer& bearer, const std::vector<signing::Stroke>& strokes) {
  checkStrokes(services.rules, strokes);
  const std::string text = writeStrokes(strokes);
  if (text.size() > services.rules.largestStrokes) {
    throw Error(ErrorCode::kInvalidInput, "the signature has too many octets");
  }
  services.envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = services.envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    if (standing.step != Step::kWillingness) require(standing, Step::kStrokes);
    setColumn(transaction, standing, "strokes", text);
    setColumn(transaction, standing, "strokes_ms", msOf(now));
    recordPrivately(transaction, standing.envelope, actorOf(bearer), "party.strokes_given",
                    jsonOf({{"party", standing.party.name},
                            {"strokes", static_cast<std::int64_t>(strokes.size())},
                            {"sha256", core::sha256Hex(text)}}),
                    now);
  });
}

CeremonyView declareWillingness(CeremonyServices& services, const Bearer& bearer, const Willingness& willingness) {
  EnvelopeServices& envelopes = services.envelopes;
  const Step step = lookAtCeremony(services, bearer).step;
  if (step != Step::kSigning && step != Step::kDone) {
    if (willingness.version != willingnessText().version) {
      throw Error(ErrorCode::kInvalidInput, "the declaration shown has version " + willingnessText().version);
    }
    if (services.rules.needsCodeForWillingness) {
      if (!takeCode(envelopes.database, bearer.party + ":willingness", bearer.secret, willingness.code, services.rules,
                    envelopes.clock())) {
        throw Error(ErrorCode::kInvalidInput, "the code is wrong, used or over");
      }
    } else if (willingness.confirmation != kConfirmation) {
      throw Error(ErrorCode::kInvalidInput, "the confirmation to type is: " + std::string(kConfirmation));
    }
    noteWillingness(services, bearer, willingness);
    envelopes.atStep("willing");
  }
  if (step != Step::kDone) {
    const auto lease =
        storage::leaseSubject(envelopes.database, kSignWork, bearer.party, envelopes.clock(), kSigningLease);
    if (lease) {
      try {
        signParty(envelopes, *lease);
      } catch (const Error&) {
        // Whatever it was, the will is recorded: the work's next attempt, or another node that has it, tells.
      }
    }
  }
  return lookAtCeremony(services, bearer);
}

void declineToSign(CeremonyServices& services, const Bearer& bearer, const std::string& reason) {
  services.envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = services.envelopes.clock();
    const Standing standing = stand(transaction, services, bearer, now);
    declineEnvelope(transaction, standing.envelope.id, standing.party.name, reason, actorOf(bearer), now);
  });
}

std::string fetchCopy(CeremonyServices& services, const Bearer& bearer) {
  EnvelopeServices& envelopes = services.envelopes;
  Revision newest;
  envelopes.database.write([&](Transaction& transaction) {
    const core::Instant now = envelopes.clock();
    const Standing standing = look(transaction, services, bearer);
    if (standing.envelope.state != EnvelopeState::kCompleted || !mayRead(standing.envelope, standing.party)) {
      throw Error(ErrorCode::kConflict, "envelope " + standing.envelope.id + " is not completed: there is no copy yet");
    }
    newest = newestRevision(transaction, standing.envelope);
    if (standing.row.copied > 0) return;
    setColumn(transaction, standing, "copied_ms", msOf(now));
    record(transaction, standing.envelope, actorOf(bearer), "party.copy_fetched",
           jsonOf({{"party", standing.party.name}, {"sha256", newest.sha256}}), now);
  });
  return readChecked(envelopes, newest);
}

}  // namespace qianda::contracts
