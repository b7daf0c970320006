#include "server/ceremony_access.h"

#include <cctype>

#include "contracts/ceremony/links.h"
#include "contracts/ceremony/worker_access.h"
#include "core/digest.h"

namespace qianda::server {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::size_t kSecretCharacters = 52;  // contracts::drawSecret

}  // namespace

std::string bearerToken(const Request& request) {
  const auto header = request.findHeader("Authorization");
  if (!header || header->size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>((*header)[i])) != kScheme[i]) return {};
  }
  return header->substr(kScheme.size());
}

Principal ceremonyPrincipal(Services& services, const Request& request) {
  const std::string token = bearerToken(request);
  if (token.size() != kSecretCharacters) return {};
  Principal principal;
  services.database->read([&](storage::Transaction& transaction) {
    principal = {};
    const core::Instant now = services.clock();
    if (const auto link = contracts::findLink(transaction, token, now)) {
      const auto envelope = contracts::findEnvelope(transaction, link->envelope);
      if (!envelope) return;
      principal.kind = Principal::Kind::kCeremony;
      principal.organisation = envelope->organisation;
      principal.id = contracts::partyId(link->envelope, link->party);
      principal.role = "sign";
    } else if (const std::string hash = core::sha256Hex(token); contracts::findAccess(transaction, hash, now)) {
      principal.kind = Principal::Kind::kCeremony;
      principal.id = hash;
      principal.role = "worker";
    }
  });
  return principal;
}

std::function<Principal(const Request&)> withCeremony(Services& services,
                                                      std::function<Principal(const Request&)> others) {
  return [&services, others = std::move(others)](const Request& request) {
    Principal principal = others ? others(request) : Principal{};
    if (principal.kind == Principal::Kind::kNobody) principal = ceremonyPrincipal(services, request);
    return principal;
  };
}

}  // namespace qianda::server
