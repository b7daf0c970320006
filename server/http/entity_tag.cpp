#include "server/http/entity_tag.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/text.h"
#include "signing/keys/evp_key.h"

namespace qianda::server {
namespace {

// Weak tags compare equal to strong ones here (RFC 9110 8.8.3.2).
bool names(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = core::trim(list.substr(0, comma));
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == "*" || item == tag) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

Response answerIfChanged(const Request& request, Response response) {
  const core::Bytes digest = signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(response.body));
  const std::string tag = "\"" + core::toHex(core::BytesView(digest).first(16)) + "\"";
  response.headers.emplace_back("ETag", tag);
  const bool cached = std::any_of(response.headers.begin(), response.headers.end(),
                                  [](const auto& field) { return field.first == "Cache-Control"; });
  if (!cached) response.headers.emplace_back("Cache-Control", "private, no-cache");
  const auto wanted = request.findHeader("If-None-Match");
  if (!wanted || !names(*wanted, tag)) return response;
  response.status = 304;
  response.mediaType.clear();
  response.body.clear();
  return response;
}

}  // namespace qianda::server
