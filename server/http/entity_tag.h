// Answers that a client may already have (RFC 9110 8.8.3, 13.1.2): a strong tag of the body's SHA-256.
#pragma once

#include "server/http/exchange.h"

namespace qianda::server {

// The response with its ETag and "Cache-Control: private, no-cache" (ask again, but take it from there) unless it has
// its own; 304 without a body when If-None-Match names the tag.
Response answerIfChanged(const Request& request, Response response);

}  // namespace qianda::server
