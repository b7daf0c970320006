#include "signing/verify/timestamp_check.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "signing/keys/x509.h"
#include "signing/verify/trust.h"

namespace qianda::signing::verify {
namespace {

using InfoHandle = core::Handle<TS_TST_INFO, &TS_TST_INFO_free>;

Finding judgeImprint(TS_TST_INFO* info, const std::vector<std::string_view>& stamped) {
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* name = nullptr;
  X509_ALGOR_get0(&name, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const EVP_MD* digest = EVP_get_digestbyobj(name);
  if (!digest) return doubtful("CRYPTO_CONSTRAINTS_FAILURE", "the timestamp's digest algorithm is not known");
  const DigestHandle context(EVP_MD_CTX_new());
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  bool done = context && EVP_DigestInit_ex(context.get(), digest, nullptr) == 1;
  for (std::string_view octets : stamped)
    done = done && EVP_DigestUpdate(context.get(), octets.data(), octets.size()) == 1;
  if (!done || EVP_DigestFinal_ex(context.get(), value, &length) != 1)
    return doubtful("GENERIC", "the digest could not be computed");
  const ASN1_OCTET_STRING* wanted = TS_MSG_IMPRINT_get_msg(imprint);
  if (static_cast<unsigned>(wanted->length) != length || CRYPTO_memcmp(wanted->data, value, length) != 0) {
    return failed("HASH_FAILURE", "the timestamp is not over these octets");
  }
  return {};
}

// RFC 3161 2.3: timeStamping is the only extended key usage, and critical.
bool isAuthority(X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, at)) == 1 &&
         X509_get_extended_key_usage(certificate) == XKU_TIMESTAMP;
}

core::Instant timeOf(const ASN1_GENERALIZEDTIME* time) {
  core::Instant instant = instantOf(time);
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)),
                              static_cast<std::size_t>(ASN1_STRING_length(time)));
  const std::size_t point = text.find('.');
  int scale = 100;
  for (std::size_t i = point == text.npos ? text.size() : point + 1;
       i < text.size() && text[i] >= '0' && text[i] <= '9' && scale > 0; ++i, scale /= 10) {
    instant += std::chrono::milliseconds((text[i] - '0') * scale);
  }
  return instant;
}

}  // namespace

Token judgeToken(core::BytesView octets, const std::vector<std::string_view>& stamped) {
  Token token;
  token.cms = std::make_unique<SignedData>(octets, Content::kTimestamp, std::vector<std::string_view>{}, true);
  token.finding = token.cms->finding();
  if (token.finding.reason == "the document's octets are not those that were signed")
    token.finding.reason = "the timestamp's own content was changed";
  if (!token.finding.passed()) return token;
  const core::BytesView content = token.cms->ownContent();
  const unsigned char* at = content.data();
  const InfoHandle info(d2i_TS_TST_INFO(nullptr, &at, static_cast<long>(content.size())));
  if (!info || at != content.data() + content.size() || TS_TST_INFO_get_version(info.get()) != 1) {
    ERR_clear_error();
    token.finding = failed("FORMAT_FAILURE", "the timestamp's content cannot be parsed");
    return token;
  }
  token.time = timeOf(TS_TST_INFO_get_time(info.get()));
  char policy[96];
  OBJ_obj2txt(policy, sizeof policy, TS_TST_INFO_get_policy_id(info.get()), 1);
  token.policy = policy;
  const ASN1_INTEGER* serial = TS_TST_INFO_get_serial(info.get());
  token.serialHex = core::toHex({serial->data, static_cast<std::size_t>(serial->length)});
  const ASN1_OBJECT* imprint = nullptr;
  X509_ALGOR_get0(&imprint, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info.get())));
  token.imprintNid = OBJ_obj2nid(imprint);
  token.finding = judgeImprint(info.get(), stamped);
  if (token.finding.passed() && !isAuthority(token.cms->signer())) {
    token.finding = doubtful("CHAIN_CONSTRAINTS_FAILURE", "the certificate is not one of a timestamp authority");
  }
  ERR_clear_error();
  return token;
}

}  // namespace qianda::signing::verify
