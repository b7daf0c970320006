#include "server/accounts/login.h"
#include "server/api/account_routes.h"
#include "server/http/fields.h"

namespace qianda::server {
namespace {

std::string codeOf(const Request& request) {
  Fields body(request);
  std::string code = body.text("code", {.most = 40});
  body.finish();
  return code;
}

Json textsJson(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

}  // namespace

Response enrolSecondFactor(Services& services, const Request& request) {
  Fields body(request);
  const std::string password = body.text("password", {.most = 1024, .trimmed = false});
  body.finish();
  const Enrolment enrolment =
      enrolSecondFactor(accountsOf(services), actorOf(request), sessionOf(services, request), password);
  return answerJson(Json::object({{"secret", enrolment.secret}, {"uri", enrolment.uri}}));
}

Response confirmSecondFactor(Services& services, const Request& request) {
  const ConfirmedEnrolment confirmed =
      confirmSecondFactor(accountsOf(services), actorOf(request), sessionOf(services, request), codeOf(request));
  return answerSession(confirmed.opened.token, confirmed.opened.session,
                       Json::object({{"recovery_codes", textsJson(confirmed.recoveryCodes)}}));
}

Response dropSecondFactor(Services& services, const Request& request) {
  dropSecondFactor(accountsOf(services), actorOf(request), sessionOf(services, request), codeOf(request));
  return answerNothing();
}

Response renewRecoveryCodes(Services& services, const Request& request) {
  const auto codes =
      renewRecoveryCodes(accountsOf(services), actorOf(request), sessionOf(services, request), codeOf(request));
  return answerJson(Json::object({{"recovery_codes", textsJson(codes)}}));
}

}  // namespace qianda::server
