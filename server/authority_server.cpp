#include "server/authority_server.h"

#include <sstream>

#include <Poco/Base64Decoder.h>
#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <openssl/ocsp.h>

#include "core/error.h"

namespace qianda::server {
namespace {

using core::Bytes;
using signing::Authority;
using Fault = std::function<void(const std::string&)>;

constexpr std::size_t kLongestTarget = 4096;

struct File {
  const char* path;
  const char* mediaType;
  Bytes (*read)(Authority&);
};
constexpr File kFiles[] = {
    {"/issuing.crl", "application/pkix-crl", [](Authority& authority) { return authority.currentCrl(); }},
    {"/root.crl", "application/pkix-crl", [](Authority& authority) { return authority.rootCrl(); }},
    {"/issuing.cer", "application/pkix-cert", [](Authority& authority) { return authority.issuingCertificate(); }},
    {"/root.cer", "application/pkix-cert", [](Authority& authority) { return authority.rootCertificate(); }},
};

// The request in a path such as /ocsp/MEkwRzBF...; nothing when that is no base64.
Bytes requestIn(const std::string& target) {
  std::string text;
  try {
    Poco::URI::decode(target.substr(0, target.find('?')), text);
  } catch (const Poco::Exception&) {
    return {};
  }
  text.erase(0, text.starts_with("/ocsp/") ? 6 : 1);
  std::istringstream input(text);
  Poco::Base64Decoder decoder(input);
  Bytes octets;
  try {
    for (int c; (c = decoder.get()) != std::istream::traits_type::eof();) {
      octets.push_back(static_cast<std::uint8_t>(c));
    }
  } catch (const Poco::Exception&) {
    return {};
  }
  return octets;
}

// A responder that fails says so in its own protocol (RFC 6960 2.3).
OctetAnswer answerOcsp(Authority& authority, const Bytes& request, const Fault& onFault) {
  constexpr const char* kMediaType = "application/ocsp-response";
  try {
    return {200, kMediaType, authority.answerOcsp(request), ""};
  } catch (const core::Error& error) {
    if (onFault) onFault(std::string("OCSP: ") + error.what());
    return {200, kMediaType, signing::ocspFailure(OCSP_RESPONSE_STATUS_INTERNALERROR), ""};
  }
}

OctetAnswer answer(Authority& authority, const OctetRequest& request, const Fault& onFault) {
  if (request.method == "POST") {
    if (request.target != "/" && request.target != "/ocsp") return {404, "", {}, ""};
    if (request.mediaType != "application/ocsp-request") return {415, "", {}, ""};
    return answerOcsp(authority, request.body, onFault);
  }
  if (request.method != "GET" && request.method != "HEAD") return {405, "", {}, "GET, HEAD, POST"};
  for (const File& file : kFiles) {
    if (request.target != file.path) continue;
    try {
      return {200, file.mediaType, file.read(authority), ""};
    } catch (const core::Error& error) {
      if (error.code() != core::ErrorCode::kConflict) throw;
      if (onFault) onFault(error.what());
      return {503, "", {}, ""};
    }
  }
  if (request.target.size() > kLongestTarget) return {414, "", {}, ""};
  const Bytes asked = requestIn(request.target);
  if (asked.empty()) return {404, "", {}, ""};
  return answerOcsp(authority, asked, onFault);
}

}  // namespace

AuthorityServer::AuthorityServer(std::shared_ptr<Authority> authority, const std::string& bind, std::uint16_t port,
                                 std::function<void(const std::string&)> onFault, int threads)
    : server_({[authority, onFault](const OctetRequest& request) { return answer(*authority, request, onFault); },
               signing::kLargestOcspRequest, threads, onFault},
              bind, port) {}

}  // namespace qianda::server
