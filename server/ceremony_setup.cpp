#include "server/ceremony_setup.h"

#include <algorithm>
#include <filesystem>

#include "contracts/ceremony/development_providers.h"
#include "contracts/envelope/lifecycle.h"
#include "contracts/envelope/sign_party.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "server/ceremony_providers.h"
#include "server/page_images.h"
#include "server/places.h"
#include "signing/verify/verifier.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

OutboundPolicy outboundPolicy(const Configuration& configuration, const std::string& url) {
  OutboundPolicy policy;
  const std::vector<std::string>& allowed = configuration.list("outbound-private");
  const std::string authority = [&] {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    return url.substr(begin, url.find('/', begin) - begin);
  }();
  policy.hosts = {authority};
  policy.privateAddresses = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& host) {
    return host == authority || host == authority.substr(0, authority.rfind(':'));
  });
  policy.largestAnswer = 64u << 10;
  policy.timeout = configuration.duration("provider-timeout");
  return policy;
}

}  // namespace

struct CeremonySetup::Parts {
  explicit Parts(const std::filesystem::path& folder) : messages(folder / "development-messages.jsonl") {}

  // The real one where its address is set, else the stand-in.
  template <typename Interface, typename Real, typename StandIn, typename... StandInArguments>
  std::unique_ptr<Interface> choose(const Configuration& configuration, const std::string& name,
                                    StandInArguments&... arguments) {
    const std::string& url = configuration.text(name + "-url");
    if (!url.empty()) {
      const std::string& file = configuration.text("provider-key-file");
      if (file.empty()) throw Error(ErrorCode::kUsage, name + "-url needs provider-key-file");
      return std::make_unique<Real>(ProviderAddress{url, name, configuration.text("provider-key-id"),
                                                    std::string(core::trim(core::readFile(file, 4096)))},
                                    outboundPolicy(configuration, url));
    }
    if (!configuration.flag("development-providers")) {
      throw Error(ErrorCode::kUsage, name + "-url is not set and development-providers is false");
    }
    standIns += (standIns.empty() ? "" : " ") + name;
    return std::make_unique<StandIn>(arguments...);
  }

  contracts::DevelopmentMessages messages;
  std::string standIns;
  std::unique_ptr<contracts::SmsCodeProvider> sms;
  std::unique_ptr<contracts::IdentityProvider> identity;
  std::unique_ptr<contracts::FaceProvider> face;
  std::unique_ptr<contracts::NoticeChannel> notices;
  std::unique_ptr<signing::Verifier> verifier;
  std::unique_ptr<contracts::EnvelopeServices> envelopes;
  std::unique_ptr<contracts::CeremonyServices> ceremony;
  std::unique_ptr<PageImages> pageImages;
};

CeremonySetup::CeremonySetup(Services& services, const SigningServices& signing, contracts::SealSource& seals) {
  const Configuration& configuration = *services.configuration;
  parts_ = std::make_unique<Parts>(configuration.text("data-folder"));
  Parts& parts = *parts_;
  parts.sms = parts.choose<contracts::SmsCodeProvider, HttpSms, contracts::DevelopmentSms>(configuration, "sms",
                                                                                           parts.messages);
  parts.identity = parts.choose<contracts::IdentityProvider, HttpIdentity, contracts::DevelopmentIdentity>(
      configuration, "identity");
  if (configuration.flag("ceremony-face")) {
    parts.face = parts.choose<contracts::FaceProvider, HttpFace, contracts::DevelopmentFace>(configuration, "face");
  }
  parts.notices = parts.choose<contracts::NoticeChannel, HttpNotices, contracts::DevelopmentNotices>(
      configuration, "notice", parts.messages);
  parts.verifier = std::make_unique<signing::Verifier>(signing.anchors());
  parts.envelopes.reset(new contracts::EnvelopeServices{*services.database,
                                                        *services.documents,
                                                        *parts.verifier,
                                                        signing.longTerm(),
                                                        signing.issuer(),
                                                        seals,
                                                        *parts.notices,
                                                        signing.patience(),
                                                        "p256",
                                                        {},
                                                        services.clock,
                                                        [](const char*) {}});
  contracts::EnvelopePolicy& policy = parts.envelopes->policy;
  policy.linkLifetime = configuration.duration("link-lifetime");
  policy.deadline = configuration.duration("envelope-deadline");
  policy.reminderInterval = configuration.duration("reminder-interval");
  policy.erasureNotice = configuration.duration("erasure-notice");
  const std::string address = publicAddress(configuration);
  policy.signingAddress = address + "/sign/#";
  policy.copyAddress = address + "/my-contracts";
  services.verificationAddress = verificationAddress(configuration);
  contracts::CeremonyRules rules;
  rules.needsFace = configuration.flag("ceremony-face");
  rules.needsCodeForWillingness = configuration.flag("ceremony-willingness-code");
  rules.readingPerPage = configuration.duration("ceremony-reading-per-page");
  parts.ceremony = std::make_unique<contracts::CeremonyServices>(
      contracts::CeremonyServices{*parts.envelopes, *parts.sms, *parts.identity, parts.face.get(), rules});
  services.ceremony = parts.ceremony.get();
  parts.pageImages = std::make_unique<PageImages>(services.clock);
  services.pageImages = parts.pageImages.get();
}

CeremonySetup::~CeremonySetup() = default;

contracts::CeremonyServices& CeremonySetup::ceremony() { return *parts_->ceremony; }
const std::string& CeremonySetup::standIns() const { return parts_->standIns; }

std::vector<JobLane> envelopeLanes(Services& services) {
  if (!services.ceremony) return {};
  contracts::EnvelopeServices& envelopes = services.ceremony->envelopes;
  const auto kind = [&](const char* name, void (*work)(contracts::EnvelopeServices&, const storage::Lease&)) {
    return JobKind{name, [&envelopes, work](const Job& job) {
                     work(envelopes, job.lease);
                     return JobEnd{JobEnd::How::kFinished, {}, {}};
                   }};
  };
  return {
      {"signatures",
       2,
       {kind(contracts::kSignWork, contracts::signParty), kind(contracts::kSealWork, contracts::sealParty)}},
      {"notices",
       2,
       {kind(contracts::kNoticeWork, contracts::sendNotice), kind(contracts::kExpireWork, contracts::expireEnvelope),
        kind(contracts::kRemindWork, contracts::remindByWork), kind(contracts::kSendBatchWork, contracts::sendBatch)}}};
}

}  // namespace qianda::server
