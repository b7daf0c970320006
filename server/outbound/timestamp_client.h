// A remote timestamp authority asked over HTTP (RFC 3161 3.4). Every answer is checked by signing/trust/
// timestamp_protocol.h before its token is returned. Callable from many threads at once; each waits on a connection of
// its own, kept alive between tokens.
#pragma once

#include <string>
#include <vector>

#include "server/outbound/http_client.h"
#include "signing/trust/timestamp_source.h"

namespace qianda::server {

struct TimestampService {
  std::string url;
  std::string policy;                 // dotted identifier to ask for; empty: the authority's own
  std::string authorization;          // value of the Authorization field, when the authority wants one
  std::vector<core::Bytes> anchors;   // DER; given, the authority's path must lead to one of them
  std::size_t maxTokenSize = 12'288;  // octets; a larger token is refused
};

class HttpTimestampSource : public signing::TimestampSource {
 public:
  // `client` is shared with others and outlives this.
  HttpTimestampSource(const HttpClient& client, TimestampService service);

  std::string name() const override { return service_.url; }
  core::Bytes stamp(signing::DigestAlgorithm algorithm, core::BytesView digest) const override;
  std::size_t maxTokenSize() const override { return service_.maxTokenSize; }

 private:
  const HttpClient& client_;
  const TimestampService service_;
};

}  // namespace qianda::server
