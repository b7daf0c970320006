// Who the bearer of a signing link or of an access to one's own contracts is. A link's principal is the party it was
// drawn for and nobody else: organisation of the envelope, id "<envelope>.<party>", role "sign". An access's is a
// person: role "worker", id the hash by which the access is found. Neither has any permission. Any thread.
#pragma once

#include <functional>

#include "server/services.h"

namespace qianda::server {

// The token of "Authorization: Bearer ..."; "" without one.
std::string bearerToken(const Request& request);
// Kind kNobody for anything but a live link or access.
Principal ceremonyPrincipal(Services& services, const Request& request);
// `others`, and for whom it does not know, this.
std::function<Principal(const Request&)> withCeremony(Services& services,
                                                      std::function<Principal(const Request&)> others);

}  // namespace qianda::server
