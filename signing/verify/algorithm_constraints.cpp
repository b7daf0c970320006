// Until when algorithms count.
#include <algorithm>

#include "signing/keys/sm2.h"
#include "signing/verify/trust.h"

namespace qianda::signing::verify {
namespace {

using core::Instant;
using std::chrono::year;

// Last day on which signatures with the algorithm count (TS 119 312 and its predecessors; recalled from the default
// policies of public validators, so a deployment may set its own).
struct Constraint {
  int nid;  // digest, or key kind
  int leastBits;
  core::Date until;  // kForever: no end is foreseen
};
constexpr core::Date kForever{year(9999), std::chrono::December, std::chrono::day(31)};
constexpr Constraint kDigestLimits[] = {
    {NID_md5, 0, year(2004) / 8 / 1}, {NID_sha1, 0, year(2012) / 8 / 1}, {NID_sha224, 0, year(2029) / 1 / 1},
    {NID_sha256, 0, kForever},        {NID_sha384, 0, kForever},         {NID_sha512, 0, kForever},
    {NID_sha3_256, 0, kForever},      {NID_sha3_384, 0, kForever},       {NID_sha3_512, 0, kForever},
    {NID_sm3, 0, kForever},
};
constexpr Constraint kKeyLimits[] = {
    {EVP_PKEY_RSA, 2900, kForever},
    {EVP_PKEY_RSA, 1900, year(2031) / 1 / 1},
    {EVP_PKEY_RSA, 1500, year(2019) / 10 / 1},
    {EVP_PKEY_RSA, 1000, year(2012) / 8 / 1},
    {EVP_PKEY_EC, 256, kForever},
    {EVP_PKEY_EC, 224, year(2029) / 1 / 1},
    {EVP_PKEY_SM2, 256, kForever},
    {EVP_PKEY_ED25519, 250, kForever},
};

}  // namespace

Finding judgeAlgorithms(int digestNid, const EVP_PKEY* key, Instant at) {
  const core::Date day = core::chinaDate(at);
  const auto end = [&](auto begin, auto last, int nid, int bits) -> const Constraint* {
    const auto found =
        std::find_if(begin, last, [&](const Constraint& one) { return one.nid == nid && bits >= one.leastBits; });
    return found == last ? nullptr : &*found;
  };
  const Constraint* digest = end(std::begin(kDigestLimits), std::end(kDigestLimits), digestNid, 0);
  if (!digest || day >= digest->until) {
    return doubtful("CRYPTO_CONSTRAINTS_FAILURE", std::string("the digest algorithm ") + OBJ_nid2sn(digestNid) +
                                                      " is not acceptable" +
                                                      (digest ? " since " + core::isoDate(digest->until) : ""));
  }
  const int kind = isSm2(key) ? EVP_PKEY_SM2 : EVP_PKEY_get_base_id(key);
  const Constraint* strength = end(std::begin(kKeyLimits), std::end(kKeyLimits),
                                   kind == EVP_PKEY_RSA_PSS ? EVP_PKEY_RSA : kind, EVP_PKEY_get_bits(key));
  if (!strength || day >= strength->until) {
    return doubtful("CRYPTO_CONSTRAINTS_FAILURE", "the signer's key of " + std::to_string(EVP_PKEY_get_bits(key)) +
                                                      " bits is too short" +
                                                      (strength ? " since " + core::isoDate(strength->until) : ""));
  }
  return {};
}

}  // namespace qianda::signing::verify
