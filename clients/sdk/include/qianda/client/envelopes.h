// Envelopes: a document and who signs it (docs/envelopes.md). Reading needs the permission envelopes:read, changing
// envelopes:write, evidence evidence:read, the audit log audit:read. Instants are ISO 8601 with an offset; empty: none.
// Every function throws client::Error: "not_found" also for another organisation's envelope, "conflict" where the state
// does not allow it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "qianda/client/client.h"

namespace qianda::client {

struct Party {
  std::string name = {};   // within the envelope: "employee"
  std::string field = {};  // of the signature in the PDF
  std::string kind = {};   // "person", "organisation"
  std::int64_t stage = 0;
  std::string state = {};  // "waiting", "invited", ... "signed", "declined", "delegated"
  std::string displayName = {};
  std::string changed = {};
  std::string idNumber = {}, phone = {};     // of a person, shortened
  std::string organisation = {}, seal = {};  // of an organisation
  std::int64_t revision = 0;                 // that carries its signature; 0: none yet
};

struct Envelope {
  std::string id = {};
  std::string kind = {};  // "labour_contract", "document"
  std::string title = {}, templateId = {}, templateVersion = {}, level = {};
  // "draft", "sent", "viewed", "signed", "pending_timestamp", "pending_revocation"; over: "completed", "declined",
  // "revoked", "expired"
  std::string state = {};
  std::int64_t stage = 0, revision = 0;
  std::string reason = {}, createdBy = {}, created = {}, changed = {}, expires = {};
  std::string batch = {};  // it came from, with its row
  std::int64_t row = 0;
  std::vector<Party> parties = {};
};

Envelope getEnvelope(Client& client, const std::string& id);

struct EnvelopeFilter {
  std::string state = {}, batch = {};  // empty: all
  std::string cursor = {};             // the `next` of the page before
  int limit = 50;                      // 1 to 200
};
// Newest first.
Page<Envelope> listEnvelopes(Client& client, const EnvelopeFilter& filter = {});

// Sends a draft: its first stage opens.
Envelope sendEnvelope(Client& client, const std::string& id);
// Asks the parties whose turn it is once more.
Envelope remindEnvelope(Client& client, const std::string& id);
// Takes back what is not completed.
Envelope revokeEnvelope(Client& client, const std::string& id, const std::string& reason);
// Ends the links of a person and sends a new one to it. The link is not told: nobody else shall have it.
Envelope renewLink(Client& client, const std::string& id, const std::string& party);

// The newest revision as PDF; each download is an entry of the audit log.
Download downloadDocument(Client& client, const std::string& id, const std::filesystem::path& file);
// The evidence package (zip), to be checked by `qianda evidence verify`.
Download downloadEvidence(Client& client, const std::string& id, const std::filesystem::path& file);
// The whole audit log of the organisation (JSON lines), to be checked by `qianda audit verify`.
Download exportAudit(Client& client, const std::filesystem::path& file);

}  // namespace qianda::client
