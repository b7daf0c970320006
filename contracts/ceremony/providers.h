// Who tells that a person is who they say: a channel for codes, a check of name, number and phone against the registers
// (联网信息核验), a comparison of a face (生物特征). Behind each stands a real service (server/ceremony_providers.h) or
// a development stand-in that says so in every answer, in the evidence and on the page (人社厅发〔2021〕54号 7).
// Thread-safe. All throw kUnavailable when there is no answer: nobody is let through then.
#pragma once

#include <string>

#include "core/bytes.h"

namespace qianda::contracts {

struct PersonClaim {
  std::string name, idNumber, phone;
};

// What is recorded of a verification.
struct ProviderAnswer {
  bool passed = false;
  std::string provider;   // "development" of the stand-ins
  std::string method;     // "sms_code", "three_factors", "face"
  std::string requestId;  // by which the provider knows it
  std::string result;     // its own words
};

class SmsCodeProvider {
 public:
  virtual ~SmsCodeProvider() = default;
  virtual ProviderAnswer send(const std::string& phone, const std::string& code, const std::string& purpose) = 0;
  virtual bool isDevelopment() const { return false; }
};
class IdentityProvider {
 public:
  virtual ~IdentityProvider() = default;
  virtual ProviderAnswer check(const PersonClaim& claim) = 0;
  virtual bool isDevelopment() const { return false; }
};
class FaceProvider {
 public:
  virtual ~FaceProvider() = default;
  // `image`: JPEG or PNG, as taken.
  virtual ProviderAnswer compare(const PersonClaim& claim, core::BytesView image) = 0;
  virtual bool isDevelopment() const { return false; }
};

}  // namespace qianda::contracts
