#include "signing/verify/law13.h"

namespace qianda::signing::verify {
namespace {

LawTest test(const char* clause, const char* zh, const char* en, bool passed, bool failed, std::string reason) {
  return {clause, zh, en, failed ? "FAILED" : passed ? "PASSED" : "INDETERMINATE", std::move(reason)};
}

bool isOneOf(const std::string& text, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

}  // namespace

void judgeLaw13(SignatureVerdict& verdict) {
  const bool passed = verdict.indication == Indication::kTotalPassed;
  const std::string& sub = verdict.subIndication;
  const bool isRevoked = isOneOf(sub, {"REVOKED_NO_POE", "REVOKED_CA_NO_POE", "REVOKED"});
  const bool isDigestWrong = sub == "HASH_FAILURE";
  const bool isValueWrong = sub == "SIG_CRYPTO_FAILURE";
  const bool isChanged = verdict.modificationLevel == "OTHER" ||
                         (sub == "FORMAT_FAILURE" && verdict.indication == Indication::kTotalFailed);
  const bool isIntact = !isDigestWrong && !isValueWrong && !isChanged && !verdict.algorithm.empty();
  const std::string holder = verdict.signer.empty() ? "nobody known" : verdict.signer;
  verdict.law13 = {
      test("13(1)", "电子签名制作数据用于电子签名时，属于电子签名人专有",
           "the signature creation data, when used for signing, belong to the signer alone", passed, isValueWrong,
           passed         ? "the certificate of " + holder + " comes from a trusted authority and names one holder"
           : isValueWrong ? "the signature was not made with the key of the certificate"
                          : "not shown: " + verdict.reason),
      test("13(2)", "签署时电子签名制作数据仅由电子签名人控制",
           "at the time of signing the signature creation data were controlled by the signer alone",
           passed && verdict.revocation != "stale", isRevoked,
           passed ? (verdict.revocation == "good"
                         ? "the certificate was in force and not revoked at the time of signing"
                         : "the certificate was in force; its revocation was not asked (see \"revocation\")")
                  : (isRevoked ? verdict.reason : "not shown: " + verdict.reason)),
      test("13(3)", "签署后对电子签名的任何改动能够被发现", "any change to the signature after signing can be found",
           isIntact, isValueWrong,
           isValueWrong ? verdict.reason
           : isIntact   ? "the signature value verifies over the signed attributes"
                        : "not shown: " + verdict.reason),
      test("13(4)", "签署后对数据电文内容和形式的任何改动能够被发现",
           "any change to the content and form of the data message after signing can be found", isIntact,
           isDigestWrong || isChanged,
           isIntact ? (verdict.modifiedAfter ? "the signed revision is unchanged; every later change is listed"
                                             : "the signed octets are unchanged and nothing follows them")
                    : verdict.reason),
  };
}

}  // namespace qianda::signing::verify
