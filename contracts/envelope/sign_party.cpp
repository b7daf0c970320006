#include "contracts/envelope/sign_party.h"

#include <algorithm>
#include <set>

#include "contracts/batch_services.h"
#include "contracts/ceremony/links.h"
#include "contracts/ceremony/person_signer.h"
#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "core/digest.h"
#include "core/error.h"
#include "signing/pades/revision_writer.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Lease;
using storage::Transaction;

constexpr int kMostRaces = 1000;  // each one lost was won by another party: there are not so many

// What a signature is made from, as it was in one moment.
struct Ground {
  Envelope envelope;
  Party party;
  Revision newest;
  std::string strokes;
};

core::Instant retryAt(const EnvelopePolicy& policy, const Lease& lease, core::Instant now) {
  auto wait = policy.firstRetry;
  for (std::int64_t i = 1; i < lease.attempts && wait < policy.longestRetry; ++i) wait *= 2;
  return now + std::min(wait, policy.longestRetry);
}

// Nothing when there is nothing left to do.
std::optional<Ground> findGround(EnvelopeServices& services, const std::string& subject) {
  std::optional<Ground> ground;
  services.database.read([&](Transaction& transaction) {
    ground.reset();
    const auto [id, name] = splitPartyId(subject);
    Envelope envelope = getEnvelope(transaction, id);
    const Party party = envelope.getParty(name);
    if (isOver(envelope.state) || party.state == PartyState::kSigned || party.state == PartyState::kDelegated) return;
    if (envelope.state == EnvelopeState::kDraft || party.stage != envelope.stage) {
      throw Error(ErrorCode::kConflict, "it is not the turn of party " + subject);
    }
    const PartyState ready = party.kind == PartyKind::kPerson ? PartyState::kWilling : PartyState::kInvited;
    if (party.state != PartyState::kWilling && party.state != ready) {
      throw Error(ErrorCode::kConflict, "party " + subject + " has not confirmed");
    }
    const Revision newest = newestRevision(transaction, envelope);
    std::string strokes;
    if (const auto row =
            transaction.findRow("SELECT strokes FROM ceremonies WHERE envelope = $1 AND party = $2", {id, name})) {
      strokes = row->text(0);
    }
    ground = Ground{std::move(envelope), party, newest, std::move(strokes)};
  });
  return ground;
}

struct Made {
  core::DocumentId document;
  std::string sha256;
  std::int64_t size = 0;
  std::string certificate;  // serial number
  std::string key;
};

// The next revision, durable, read back and judged.
Made makeRevision(EnvelopeServices& services, const Ground& ground, const OpenedSeal& opened, BatchServices& patient) {
  const std::string base = services.documents.read(ground.newest.document);
  if (core::sha256Hex(base) != ground.newest.sha256) {
    throw Error(ErrorCode::kCorrupt, "document " + ground.newest.document.text() + " is not what revision " +
                                         std::to_string(ground.newest.number) + " was");
  }
  const signing::CadesSigner signer(opened.credential, {signing::CmsProfile::kPkcs, patient.time()});
  signing::RevisionRequest request;
  request.field = ground.party.field;
  request.signedAt = services.clock();
  request.name = ground.party.displayName;
  request.reason = ground.envelope.title;
  if (!opened.appearance.content.empty()) request.visible = signing::VisibleSignature{0, 0, 0, opened.appearance};
  signing::PreparedRevision revision = signing::prepareRevision(base, request, signer);
  if (revision.field != ground.party.field) {
    throw Error(ErrorCode::kCorrupt, "the signature went into field \"" + revision.field + "\"");
  }
  core::Bytes cms;
  signer.sign(revision.signature.digest, cms);
  signing::complete(revision.appended, revision.signature, cms);
  std::string increment = std::move(revision.appended);
  const signing::Level level = signing::levelNamed(ground.envelope.level);
  if (level > signing::Level::kT) {
    increment += signing::extend(base + increment, level, patient.longTerm(), services.clock());
  }
  services.atStep("signed");
  Made made;
  const core::Instant now = services.clock();
  made.document = core::DocumentId::at(now);
  services.documents.appendRevision(ground.newest.document, made.document, increment, now);
  services.atStep("stored");
  const std::string file = services.documents.read(made.document);
  if (file.size() != base.size() + increment.size() || !file.starts_with(base) || !file.ends_with(increment)) {
    throw Error(ErrorCode::kCorrupt, "document " + made.document.text() + " does not read back as it was written");
  }
  const std::string problem = judgeRevision(services.verifier, file, ground.envelope, ground.party.field, now);
  if (!problem.empty()) {
    throw Error(ErrorCode::kCorrupt, "revision " + std::to_string(ground.newest.number + 1) + " of envelope " +
                                         ground.envelope.id + " is refused: " + problem);
  }
  services.atStep("judged");
  made.sha256 = core::sha256Hex(file);
  made.size = static_cast<std::int64_t>(file.size());
  made.certificate = opened.credential.serialHex;
  made.key = opened.credential.key->name();
  return made;
}

void complete(Transaction& transaction, Envelope& envelope, const Made& made, core::Instant now) {
  record(transaction, envelope, kSystem, "envelope.completed",
         jsonOf({{"revision", envelope.revision},
                 {"document", made.document.text()},
                 {"sha256", made.sha256},
                 {"size", made.size}}),
         now);
  notifyPersons(transaction, envelope, "completed", now);
}

// False when another party's revision came first.
bool commitRevision(EnvelopeServices& services, const Lease& lease, const Ground& ground, const OpenedSeal& opened,
                    const Made& made) {
  bool won = false;
  services.database.write([&](Transaction& transaction) {
    won = false;
    const core::Instant now = services.clock();
    Envelope envelope = lockEnvelope(transaction, ground.envelope.id);
    const std::string& name = ground.party.name;
    // Another party, another node or the end of the envelope came first: look again.
    if (envelope.revision != ground.newest.number || isOver(envelope.state) ||
        envelope.getParty(name).state == PartyState::kSigned) {
      return;
    }
    if (ground.party.kind == PartyKind::kOrganisation) {
      setPartyState(transaction, envelope, name, PartyEvent::kConfirm, now);
    }
    setPartyState(transaction, envelope, name, PartyEvent::kSign, now);
    const bool isLast = std::all_of(envelope.parties.begin(), envelope.parties.end(), [](const Party& party) {
      return party.state == PartyState::kSigned || party.state == PartyState::kDelegated;
    });
    moveEnvelope(transaction, envelope, isLast ? EnvelopeEvent::kSignLast : EnvelopeEvent::kSignPart, "", now);
    if (transaction.execute("UPDATE envelopes SET revision = revision + 1 WHERE id = $1 AND revision = $2",
                            {envelope.id, ground.newest.number}) == 0) {
      throw Error(ErrorCode::kConflict, "envelope " + envelope.id + " has a newer revision");
    }
    envelope.revision = ground.newest.number + 1;
    transaction.execute("UPDATE envelope_parties SET revision = $1 WHERE envelope = $2 AND name = $3",
                        {envelope.revision, envelope.id, name});
    const bool isPerson = ground.party.kind == PartyKind::kPerson;
    transaction.insertAll(
        "INSERT INTO envelope_revisions (envelope, number, document, sha256, size, what, party, at_ms) VALUES", 8,
        {{envelope.id, envelope.revision, made.document.text(), made.sha256, made.size,
          std::string(isPerson ? "signed" : "sealed"), name, now.time_since_epoch().count()}});
    record(transaction, envelope, {{}, isPerson ? "party:" + partyId(envelope.id, name) : "system", {}, {}},
           isPerson ? "party.signed" : "party.sealed",
           jsonOf({{"party", name},
                   {"revision", envelope.revision},
                   {"document", made.document.text()},
                   {"sha256", made.sha256},
                   {"certificate", made.certificate},
                   {"key", made.key},
                   {"level", envelope.level}}),
           now);
    if (opened.settle) opened.settle(transaction, made.sha256);
    if (isLast) {
      complete(transaction, envelope, made, now);
    } else {
      openStage(transaction, envelope, now);
    }
    storage::finishWork(transaction, lease, now);
    won = true;
  });
  return won;
}

// The envelope says what it waits for; told to the world once, not at every attempt.
void waitFor(EnvelopeServices& services, const Lease& lease, const std::string& service, const std::string& reason) {
  services.database.write([&](Transaction& transaction) {
    const core::Instant now = services.clock();
    const auto [id, name] = splitPartyId(lease.subject);
    Envelope envelope = lockEnvelope(transaction, id);
    if (!isOver(envelope.state) && !service.empty()) {
      const bool isTime = service == "pending_timestamp";
      const EnvelopeState before = envelope.state;
      moveEnvelope(transaction, envelope, isTime ? EnvelopeEvent::kWaitTimestamp : EnvelopeEvent::kWaitRevocation,
                   reason, now);
      if (envelope.state != before) {
        record(transaction, envelope, kSystem, "envelope." + service, jsonOf({{"party", name}, {"reason", reason}}),
               now);
      }
    }
    storage::postponeWork(transaction, lease, retryAt(services.policy, lease, now), reason);
  });
}

// For good, until an operator revives it: nothing was changed.
void refuse(EnvelopeServices& services, const Lease& lease, const std::string& reason) {
  services.database.write([&](Transaction& transaction) {
    const auto [id, name] = splitPartyId(lease.subject);
    const Envelope envelope = lockEnvelope(transaction, id);
    transaction.execute("UPDATE envelopes SET reason = $1 WHERE id = $2", {reason, id});
    record(transaction, envelope, kSystem, "party.signature_refused", jsonOf({{"party", name}, {"reason", reason}}),
           services.clock());
    storage::buryWork(transaction, lease, reason);
  });
}

OpenedSeal openSigner(EnvelopeServices& services, const Ground& ground) {
  if (ground.party.kind == PartyKind::kPerson) {
    return openPersonSigner(services, ground.envelope, ground.party, ground.strokes);
  }
  return services.seals.open({ground.party.organisation, ground.party.seal, ground.envelope.templateId,
                              ground.envelope.createdBy, ground.envelope.id},
                             services.clock());
}

void sign(EnvelopeServices& services, const Lease& lease) {
  std::optional<OpenedSeal> opened;
  for (int race = 0; race < kMostRaces; ++race) {
    const std::optional<Ground> ground = findGround(services, lease.subject);
    services.atStep("read");
    if (!ground) {
      services.database.write(
          [&](Transaction& transaction) { storage::finishWork(transaction, lease, services.clock()); });
      return;
    }
    if (!services.outside.time) throw Error(ErrorCode::kUsage, "no timestamp authority is configured");
    if (!opened) opened = openSigner(services, *ground);
    BatchServices patient(services.outside, services.patience);
    Made made;
    try {
      made = makeRevision(services, *ground, *opened, patient);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable) throw;
      waitFor(services, lease, patient.waitingFor(), error.what());
      return;
    }
    if (commitRevision(services, lease, *ground, *opened, made)) {
      services.atStep("committed");
      return;
    }
  }
  throw Error(ErrorCode::kUnavailable, "party " + lease.subject + " lost every race");
}

void signOrSay(EnvelopeServices& services, const Lease& lease) {
  try {
    sign(services, lease);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnavailable) {
      waitFor(services, lease, "", error.what());
    } else if (error.code() == ErrorCode::kSystem) {
      throw;  // the lease runs out and it is tried again
    } else {
      refuse(services, lease, error.what());
    }
  }
}

}  // namespace

void signParty(EnvelopeServices& services, const Lease& lease) { signOrSay(services, lease); }
void sealParty(EnvelopeServices& services, const Lease& lease) { signOrSay(services, lease); }

}  // namespace qianda::contracts
