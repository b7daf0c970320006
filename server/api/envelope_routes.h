// Envelopes over HTTP: docs/envelopes.md. An envelope of another organisation is one that does not exist.
#pragma once

#include "contracts/ceremony/ceremony.h"
#include "server/http/fields.h"
#include "server/http/json.h"
#include "server/http/route.h"
#include "server/services.h"

namespace qianda::server {

contracts::CeremonyServices& ceremonyOf(Services& services);
contracts::EnvelopeServices& envelopesOf(Services& services);
contracts::Actor actorOf(const Request& request, const std::string& kind);
// An envelope as its owner's users and keys see it; numbers of persons are shortened.
Json envelopeJson(const contracts::Envelope& envelope);
Json partyJson(const contracts::Party& party);
// "000000********3027"
std::string shortened(const std::string& number);
Response answerPdf(std::string octets, const std::string& name);
// ?limit= (1 to 200), ?cursor=
struct NewestFirst {
  std::string before;
  std::size_t most = 50;
};
NewestFirst newestFirst(const Request& request);
Response answerEnvelopes(const std::vector<contracts::Envelope>& envelopes, const NewestFirst& page,
                         Json (*write)(const contracts::Envelope&));

// envelope_create.cpp
Response createEnvelope(Services& services, const Request& request);

// envelope_routes.cpp
Response listEnvelopes(Services& services, const Request& request);
Response getEnvelope(Services& services, const Request& request);
Response sendEnvelope(Services& services, const Request& request);
Response revokeEnvelope(Services& services, const Request& request);
Response remindEnvelope(Services& services, const Request& request);
Response delegateParty(Services& services, const Request& request);
Response renewLink(Services& services, const Request& request);
Response listRevisions(Services& services, const Request& request);
Response getEnvelopeDocument(Services& services, const Request& request);
Response getRevisionDocument(Services& services, const Request& request);
Response printEnvelope(Services& services, const Request& request);

}  // namespace qianda::server
