#include "server/timestamp_server.h"

namespace qianda::server {
namespace {

OctetAnswer answer(const signing::LocalTimestampAuthority& authority, const OctetRequest& request) {
  if (request.method != "POST") return {405, "", {}, "POST"};
  if (request.mediaType != "application/timestamp-query") return {415, "", {}, ""};
  return {200, "application/timestamp-reply", authority.answer(request.body), ""};
}

}  // namespace

TimestampServer::TimestampServer(std::shared_ptr<const signing::LocalTimestampAuthority> authority,
                                 const std::string& bind, std::uint16_t port, int threads)
    : server_({[authority](const OctetRequest& request) { return answer(*authority, request); }, 64u << 10, threads},
              bind, port) {}

}  // namespace qianda::server
