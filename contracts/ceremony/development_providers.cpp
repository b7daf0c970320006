#include "contracts/ceremony/development_providers.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "contracts/envelope/details.h"
#include "core/error.h"
#include "core/id.h"
#include "core/time.h"
#include "templates/identity.h"

namespace qianda::contracts {
namespace {

constexpr const char* kDevelopment = "development";

ProviderAnswer answer(bool passed, const std::string& method, const std::string& result) {
  return {passed, kDevelopment, method, "development-" + core::DocumentId::random().text(), result};
}

}  // namespace

void DevelopmentMessages::append(const std::string& line) {
  const std::lock_guard lock(mutex_);
  const int file = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const std::string whole = line + "\n";
  const bool isWritten = file >= 0 && ::write(file, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size());
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!isWritten) {
    throw core::Error(core::ErrorCode::kUnavailable, file_.string() + ": " + std::strerror(problem),
                      "the development messages cannot be written");
  }
}

ProviderAnswer DevelopmentSms::send(const std::string& phone, const std::string& code, const std::string& purpose) {
  messages_.append(jsonOf({{"at", core::isoInstant(core::now())},
                           {"channel", kDevelopment},
                           {"kind", "code"},
                           {"purpose", purpose},
                           {"phone", phone},
                           {"code", code}}));
  return answer(true, "sms_code", "written to the development messages, not sent");
}

ProviderAnswer DevelopmentIdentity::check(const PersonClaim& claim) {
  const bool isResident = claim.idNumber.size() == 18;
  if (isResident &&
      templates::readResidentId(claim.idNumber, core::chinaDate(core::now())).fault != templates::IdFault::kNone) {
    return answer(false, "three_factors", "the check digit is wrong");
  }
  return answer(true, "three_factors", "not checked against any register");
}

ProviderAnswer DevelopmentFace::compare(const PersonClaim&, core::BytesView image) {
  const std::string_view octets = core::textOf(image);
  const bool isPicture = octets.starts_with("\xFF\xD8\xFF") || octets.starts_with("\x89PNG\r\n\x1A\n");
  return answer(isPicture, "face", isPicture ? "not compared with anything" : "neither JPEG nor PNG");
}

NoticeReceipt DevelopmentNotices::send(const Notice& notice) {
  messages_.append(jsonOf({{"at", core::isoInstant(core::now())},
                           {"channel", kDevelopment},
                           {"kind", notice.kind},
                           {"envelope", notice.envelope},
                           {"party", notice.party},
                           {"title", notice.title},
                           {"recipient", notice.recipient},
                           {"phone", notice.phone},
                           {"organisation", notice.organisation},
                           {"link", notice.link},
                           {"reason", notice.reason}}));
  return {kDevelopment, "development-" + core::DocumentId::random().text()};
}

}  // namespace qianda::contracts
