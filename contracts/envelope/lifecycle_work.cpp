#include <algorithm>

#include "contracts/ceremony/links.h"
#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "core/error.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Lease;
using storage::Transaction;

constexpr std::size_t kSentAtOnce = 50;

core::Instant retryAt(const EnvelopePolicy& policy, const Lease& lease, core::Instant now) {
  auto wait = policy.firstRetry;
  for (std::int64_t i = 1; i < lease.attempts && wait < policy.longestRetry; ++i) wait *= 2;
  return now + std::min(wait, policy.longestRetry);
}

bool asksForSigning(const std::string& kind) { return kind == "invitation" || kind == "reminder"; }

// What is to be sent, or nothing when it has no sense any more. Draws the link.
std::optional<Notice> prepareNotice(EnvelopeServices& services, const std::string& party, const std::string& kind,
                                    core::Instant now) {
  std::optional<Notice> notice;
  services.database.write([&](Transaction& transaction) {
    notice.reset();
    const auto [id, name] = splitPartyId(party);
    const Envelope envelope = lockEnvelope(transaction, id);
    const Party& to = envelope.getParty(name);
    if (asksForSigning(kind) && (isOver(envelope.state) || to.stage != envelope.stage ||
                                 to.state == PartyState::kSigned || to.state == PartyState::kDelegated)) {
      return;
    }
    notice = Notice{kind, id, name, envelope.title, to.displayName, to.phone, to.organisation, "", envelope.reason};
    if (to.kind != PartyKind::kPerson) return;
    if (asksForSigning(kind)) {
      const core::Instant expires = now + services.policy.linkLifetime;
      notice->link = services.policy.signingAddress + issueLink(transaction, {id, name, "sign", expires}, false, now);
    } else if (kind == kErasureNotice) {
      notice->link = services.policy.copyAddress;
      notice->reason = core::isoDate(core::chinaDate(now + services.policy.erasureNotice));
    } else if (kind == "completed") {
      notice->link = services.policy.copyAddress;  // opened by identity, for ever
    }
  });
  return notice;
}

}  // namespace

void expireEnvelope(EnvelopeServices& services, const Lease& lease) {
  services.database.write([&](Transaction& transaction) {
    const core::Instant now = services.clock();
    Envelope envelope = lockEnvelope(transaction, lease.subject);
    if (isOver(envelope.state) || envelope.expires == core::Instant{}) {
      storage::finishWork(transaction, lease, now);
    } else if (envelope.expires > now) {
      storage::postponeWork(transaction, lease, envelope.expires, "");
    } else if (!next(envelope.state, EnvelopeEvent::kExpire)) {
      // Somebody confirmed in time and waits for an outside service.
      storage::postponeWork(transaction, lease, now + services.policy.longestRetry, "pending");
    } else if (std::any_of(envelope.parties.begin(), envelope.parties.end(),
                           [](const Party& party) { return party.state == PartyState::kWilling; })) {
      storage::postponeWork(transaction, lease, now + services.policy.longestRetry, "a party has confirmed");
    } else {
      moveEnvelope(transaction, envelope, EnvelopeEvent::kExpire, "not signed by all in time", now);
      record(transaction, envelope, kSystem, "envelope.expired",
             jsonOf({{"expired", core::isoInstant(envelope.expires)}}), now);
      notifyPersons(transaction, envelope, "expired", now);
      storage::finishWork(transaction, lease, now);
    }
  });
}

void remindByWork(EnvelopeServices& services, const Lease& lease) {
  services.database.write([&](Transaction& transaction) {
    const core::Instant now = services.clock();
    const Envelope envelope = lockEnvelope(transaction, lease.subject);
    const std::int64_t before = std::atoll(lease.payload.c_str());
    if (isOver(envelope.state) || before >= services.policy.mostReminders) {
      storage::finishWork(transaction, lease, now);
      return;
    }
    remindParties(transaction, envelope.id, kSystem, now);
    // The same piece of work once more, with one reminder counted.
    storage::finishWork(transaction, lease, now);
    storage::enqueueWork(transaction,
                         {kRemindWork, envelope.id, std::to_string(before + 1), now + services.policy.reminderInterval},
                         now);
  });
}

void sendNotice(EnvelopeServices& services, const Lease& lease) {
  const std::size_t colon = lease.subject.rfind(':');
  const std::string party = lease.subject.substr(0, colon);
  const std::string kind = colon == std::string::npos ? "" : lease.subject.substr(colon + 1);
  const core::Instant now = services.clock();
  const std::optional<Notice> notice = prepareNotice(services, party, kind, now);
  services.atStep("link_drawn");
  NoticeReceipt receipt;
  if (notice) {
    try {
      receipt = services.notices.send(*notice);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable) throw;
      services.database.write([&](Transaction& transaction) {
        storage::postponeWork(transaction, lease, retryAt(services.policy, lease, now), error.what());
      });
      return;
    }
  }
  services.atStep("notice_sent");
  services.database.write([&](Transaction& transaction) {
    if (notice) {
      const Envelope envelope = lockEnvelope(transaction, notice->envelope);
      transaction.insertAll("INSERT INTO notices (id, envelope, party, kind, channel, request_id, sent_ms) VALUES", 7,
                            {{core::DocumentId::at(now).text(), notice->envelope, notice->party, kind, receipt.channel,
                              receipt.requestId, now.time_since_epoch().count()}});
      recordPrivately(transaction, envelope, kSystem, "notice.sent",
                      jsonOf({{"party", notice->party},
                              {"kind", kind},
                              {"channel", receipt.channel},
                              {"request_id", receipt.requestId}}),
                      now);
    }
    storage::finishWork(transaction, lease, now);
  });
}

void sendBatch(EnvelopeServices& services, const Lease& lease) {
  Lease mine = lease;
  for (;;) {
    std::vector<std::string> drafts;
    services.database.read([&](Transaction& transaction) {
      drafts.clear();
      for (const storage::Row& row : transaction.query(
               "SELECT id FROM envelopes WHERE batch = $1 AND state = 'draft' ORDER BY batch_row LIMIT $2",
               {lease.subject, static_cast<std::int64_t>(kSentAtOnce)})) {
        drafts.push_back(row.text(0));
      }
    });
    const core::Instant now = services.clock();
    services.database.write([&](Transaction& transaction) {
      for (const std::string& id : drafts) {
        // Another node may have sent it, or somebody revoked it.
        if (lockEnvelope(transaction, id).state != EnvelopeState::kDraft) continue;
        sendEnvelope(transaction, id, services.policy, {{}, lease.payload.empty() ? "system" : lease.payload, {}, {}},
                     now);
      }
      if (drafts.empty()) storage::finishWork(transaction, lease, now);
    });
    if (drafts.empty()) return;
    if (!storage::renewLease(services.database, mine, now, std::chrono::minutes(1))) return;
  }
}

}  // namespace qianda::contracts
