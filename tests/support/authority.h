// A throwaway authority for tests, with a clock that the test turns, and requests and files for outside judges.
#pragma once

#include <string>

#include "signing/ca/authority.h"
#include "tests/support/process.h"

namespace qianda::test {

inline constexpr const char* kPassphrase = "only-for-this-test";
inline constexpr const char* kSm2Id = "distid:1234567812345678";

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& kind = "p256")
      : folder(temp / "ca"), now(std::chrono::floor<std::chrono::seconds>(core::now())) {
    signing::AuthorityPlan plan;
    plan.organisation = "示例电子认证";
    plan.kind = kind;
    signing::Authority::create(folder, plan, kPassphrase, clock());
  }
  signing::Authority::Clock clock() {
    return [this] { return now; };
  }
  signing::Authority open() { return {folder, kPassphrase, clock()}; }
  std::string file(const std::string& name) const { return temp / name; }
  std::string write(const std::string& name, core::BytesView bytes) const {
    core::writeFile(temp / name, core::textOf(bytes));
    return temp / name;
  }
  // A PKCS#10 request made by openssl, DER.
  core::Bytes request(const std::vector<std::string>& keyOptions, const std::string& subject = "/CN=x") const {
    const std::string key = temp / "key.pem", out = temp / "request.der";
    std::vector<std::string> generate{"openssl", "genpkey", "-out", key};
    generate.insert(generate.end(), keyOptions.begin(), keyOptions.end());
    std::vector<std::string> ask{"openssl", "req",   "-new", "-key", key,        "-subj",
                                 subject,   "-utf8", "-out", out,    "-outform", "DER"};
    if (keyOptions.at(1) == "SM2") ask.insert(ask.end(), {"-sm3", "-sigopt", kSm2Id});
    const Output made = run(generate), asked = run(ask);
    if (made.status != 0 || asked.status != 0) throw std::runtime_error(made.err + asked.err);
    const std::string der = core::readFile(out);
    return {der.begin(), der.end()};
  }

  const TempFolder temp;
  const std::filesystem::path folder;
  core::Instant now;
};

inline const std::vector<std::string> kP256{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"};

inline signing::CertificateOrder orderOf(const std::string& profile, const std::string& name = "示例劳动者") {
  return {profile, {name, ""}, std::nullopt, profile == "event" ? "ceremony-1" : ""};
}

}  // namespace qianda::test
