// The pages that the program carries (clients/web), and how they are sent: nothing is loaded from elsewhere, no script
// or style stands inline, no other page frames them, and an address tells nobody where one came from. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "server/http/exchange.h"

namespace qianda::server {

// Throws Problem 404 for a name the program does not carry.
std::string_view webFile(std::string_view name);
// "text/html"; a page that shows pictures it fetched itself has `ownPictures`.
Response answerPage(std::string html, bool ownPictures = false);
// A script or a style sheet; throws Problem 404 for anything else.
Response answerWebFile(std::string_view name);

}  // namespace qianda::server
