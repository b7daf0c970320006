#include "server/api/acting.h"

#include <charconv>

#include "core/error.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "storage/sql/database.h"

namespace qianda::server {

contracts::Actor actorOf(const Request& request) {
  const bool isKey = request.principal.kind == Principal::Kind::kApiKey;
  return {request.principal.organisation, (isKey ? "api_key:" : "user:") + request.principal.id, request.peer,
          request.findHeader("User-Agent").value_or("")};
}

std::string organisationName(Services& services, const std::string& organisation) {
  std::string name;
  services.database->read([&](storage::Transaction& transaction) {
    const auto row = transaction.findRow("SELECT name FROM organisations WHERE id = $1", {organisation});
    if (!row) throw core::Error(core::ErrorCode::kNotFound, "no organisation " + organisation);
    name = row->text(0);
  });
  return name;
}

std::size_t limitOf(const Request& request, std::size_t usual, std::size_t most) {
  const auto text = request.findQuery("limit");
  if (!text) return usual;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > most) {
    throw Problem(400, "query_invalid", "limit: a number from 1 to " + std::to_string(most));
  }
  return limit;
}

}  // namespace qianda::server
