// The ceremony and a person's own contracts over HTTP: docs/ceremony.md. The bearer of a signing link (role "sign") or
// of an access to one's own contracts (role "worker"); each handler takes its own kind only.
#pragma once

#include "contracts/ceremony/ceremony.h"
#include "server/http/route.h"
#include "server/services.h"

namespace qianda::server {

// ceremony_routes.cpp
contracts::Bearer bearerOf(const Request& request);  // of a signing link; throws Problem 403 for another
Response getCeremony(Services& services, const Request& request);
Response getCeremonyQr(Services& services, const Request& request);
Response acknowledgeNotice(Services& services, const Request& request);
Response claimIdentity(Services& services, const Request& request);
Response resendCode(Services& services, const Request& request);
Response confirmCode(Services& services, const Request& request);
Response showFace(Services& services, const Request& request);
Response getCeremonyDocument(Services& services, const Request& request);
Response notePages(Services& services, const Request& request);
Response giveStrokes(Services& services, const Request& request);
Response sendWillingnessCode(Services& services, const Request& request);
Response declareWillingness(Services& services, const Request& request);
Response declineToSign(Services& services, const Request& request);
Response getCeremonyCopy(Services& services, const Request& request);
Response printCeremonyCopy(Services& services, const Request& request);

// ceremony_pages.cpp: the document page by page, and the pages people see
std::vector<Route> ceremonyPageRoutes();
Response getCeremonyPage(Services& services, const Request& request);
Response getCeremonyPageText(Services& services, const Request& request);
Response getSigningPage(Services& services, const Request& request);
Response getSigningFile(Services& services, const Request& request);
Response getMyContractsPage(Services& services, const Request& request);
Response getConsolePage(Services& services, const Request& request);
// What was made of the document for this party to read is no longer needed.
void forgetPages(Services& services, const contracts::Bearer& bearer);

// ceremony_worker.cpp
Response requestAccess(Services& services, const Request& request);
Response openAccess(Services& services, const Request& request);
Response listOwnContracts(Services& services, const Request& request);
Response getOwnContract(Services& services, const Request& request);
Response printOwnContract(Services& services, const Request& request);
Response checkPaperCopy(Services& services, const Request& request);

}  // namespace qianda::server
