// Stand-ins for the providers and the notice channel, for development and demonstrations only: they check no register,
// reach no phone and say "development" in every answer. Messages go to a file, so that a person (or a test) at this
// machine can read code and link. Whoever starts the service in production mode is refused them
// (server/ceremony_providers.h).
#pragma once

#include <filesystem>
#include <mutex>

#include "contracts/ceremony/providers.h"
#include "contracts/envelope/notices.h"

namespace qianda::contracts {

// One JSON object a line: {"at", "channel":"development", "phone", "kind", ...}. Mode 0600. Thread-safe.
class DevelopmentMessages {
 public:
  explicit DevelopmentMessages(std::filesystem::path file) : file_(std::move(file)) {}
  void append(const std::string& line);
  const std::filesystem::path& file() const { return file_; }

 private:
  const std::filesystem::path file_;
  std::mutex mutex_;
};

class DevelopmentSms : public SmsCodeProvider {
 public:
  explicit DevelopmentSms(DevelopmentMessages& messages) : messages_(messages) {}
  ProviderAnswer send(const std::string& phone, const std::string& code, const std::string& purpose) override;
  bool isDevelopment() const override { return true; }

 private:
  DevelopmentMessages& messages_;
};

// Passes whoever's number has a right check digit (GB 11643) or is no resident's.
class DevelopmentIdentity : public IdentityProvider {
 public:
  ProviderAnswer check(const PersonClaim& claim) override;
  bool isDevelopment() const override { return true; }
};

// Passes every picture that is a JPEG or a PNG.
class DevelopmentFace : public FaceProvider {
 public:
  ProviderAnswer compare(const PersonClaim& claim, core::BytesView image) override;
  bool isDevelopment() const override { return true; }
};

class DevelopmentNotices : public NoticeChannel {
 public:
  explicit DevelopmentNotices(DevelopmentMessages& messages) : messages_(messages) {}
  NoticeReceipt send(const Notice& notice) override;

 private:
  DevelopmentMessages& messages_;
};

}  // namespace qianda::contracts
