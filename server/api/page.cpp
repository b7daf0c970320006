#include "server/api/page.h"

#include <charconv>

#include "core/id.h"
#include "server/accounts/secrets.h"
#include "server/http/problem.h"

namespace qianda::server {
namespace {

constexpr int kLargestPage = 200;

}  // namespace

std::string cursorOf(const std::string& id) { return toBase64Url(core::viewOf(id)); }

Page pageOf(const Request& request) {
  Page page;
  if (const auto limit = request.findQuery("limit")) {
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), page.limit);
    if (error != std::errc() || end != limit->data() + limit->size() || page.limit < 1 || page.limit > kLargestPage) {
      throw Problem(400, "page", "limit is a number from 1 to 200");
    }
  }
  if (const auto cursor = request.findQuery("cursor")) {
    const auto octets = fromBase64Url(*cursor);
    const std::string id = octets ? std::string(core::textOf(*octets)) : "";
    if (!core::DocumentId::parse(id)) throw Problem(400, "page", "cursor is not one that a page gave");
    page.after = id;
  }
  return page;
}

}  // namespace qianda::server
