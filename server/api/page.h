// Lists are answered in pages: {"items": [...], "next": "..."}; ?cursor= is the `next` of the page before, ?limit= 1 to
// 200 (50). A cursor is opaque to clients; here it is the last item's id, so that nothing is skipped or doubled when
// items come and go. The order is that of ids: the order of creation.
#pragma once

#include <string>
#include <vector>

#include "server/http/json.h"

namespace qianda::server {

struct Page {
  std::string after;  // list ids above it; "" for the first page
  int limit = 50;
  int wanted() const { return limit + 1; }  // ask for one more, to know whether there is another page
};

// Throws Problem 400 "page" for another limit or a cursor that is none.
Page pageOf(const Request& request);

std::string cursorOf(const std::string& id);

// `items`, at most `wanted()` of them, have an `id`; `write` makes one's JSON.
template <typename Item, typename Write>
Response answerPage(const Page& page, const std::vector<Item>& items, Write write) {
  Json list = Json::array(), next;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i == static_cast<std::size_t>(page.limit)) {
      next = cursorOf(items[i - 1].id);
      break;
    }
    list.push(write(items[i]));
  }
  return answerJson(Json::object({{"items", list}, {"next", next}}));
}

}  // namespace qianda::server
