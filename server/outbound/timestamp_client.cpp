#include "server/outbound/timestamp_client.h"

#include "core/error.h"
#include "signing/trust/timestamp_protocol.h"

namespace qianda::server {

using core::Error;
using core::ErrorCode;

HttpTimestampSource::HttpTimestampSource(const HttpClient& client, TimestampService service)
    : client_(client), service_(std::move(service)) {}

core::Bytes HttpTimestampSource::stamp(signing::DigestAlgorithm algorithm, core::BytesView digest) const {
  const auto fail = [&](const std::string& reason) {
    throw Error(ErrorCode::kUnavailable, service_.url + ": " + reason, "the timestamp authority gives no timestamp");
  };
  HttpRequest request{"POST",
                      service_.url,
                      {{"Content-Type", "application/timestamp-query"}, {"Accept", "application/timestamp-reply"}},
                      signing::writeTimestampQuery(algorithm, digest, service_.policy)};
  if (!service_.authorization.empty()) request.headers.emplace_back("Authorization", service_.authorization);
  const HttpAnswer answer = client_.send(request);
  if (answer.status != 200) fail("the timestamp authority answered with HTTP status " + std::to_string(answer.status));
  core::Bytes token;
  try {
    token = signing::readTimestampAnswer(request.body, answer.body, service_.anchors);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) throw;
    fail(error.what());
  }
  if (token.size() > service_.maxTokenSize) {
    fail("its token has " + std::to_string(token.size()) + " octets, " + std::to_string(service_.maxTokenSize) +
         " are reserved");
  }
  return token;
}

}  // namespace qianda::server
