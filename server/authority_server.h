// An authority's public side over HTTP: OCSP (RFC 6960 A.1; POST of application/ocsp-request, or GET with the request
// in base64 behind the path) at / and /ocsp, and for GET /issuing.crl, /root.crl, /issuing.cer, /root.cer (RFC 5280
// 4.2.2.1 and 4.2.1.13; DER). Every answer is made or checked at that moment. A root's CRL that is over and cannot be
// made anew is answered with 503. Stops when destroyed.
#pragma once

#include "server/octet_server.h"
#include "signing/ca/authority.h"

namespace qianda::server {

class AuthorityServer {
 public:
  // Listens on return; port 0 takes any free one. Throws kUnavailable when the address cannot be bound.
  AuthorityServer(std::shared_ptr<signing::Authority> authority, const std::string& bind, std::uint16_t port,
                  std::function<void(const std::string&)> onFault = {}, int threads = 64);

  std::string url() const { return server_.url(); }

 private:
  OctetServer server_;
};

}  // namespace qianda::server
