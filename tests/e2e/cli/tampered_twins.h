// Tampered twins of a signed file: each is the file with one octet or digit turned in a part of its CMS, its security
// store or its document timestamp, and says how a verifier must refuse it.
#pragma once

#include <string>
#include <vector>

#include "tests/support/signed_pdf.h"

namespace qianda::test {

// One spoilt file and what must be said of it.
struct Twin {
  std::string what, octets, subIndication, reason;
};

inline void addCmsTwins(const std::string& pdf, int level, const SignedPart& worker, std::vector<Twin>& twins) {
  const CmsParts parts = worker.parts();
  const auto spoil = [&](const char* what, std::size_t at, const char* sub, const char* reason) {
    twins.push_back({what, withSpoiltCms(pdf, worker, at), sub, reason});
  };
  const auto digest = CmsParts::find(worker.cms, parts.signedAttributes, kMessageDigest);
  const auto ess = CmsParts::find(worker.cms, parts.signedAttributes, kSigningCertificateV2);
  spoil("the signature value", parts.signatureValue.content.end - 1, "SIG_CRYPTO_FAILURE",
        "worker: the signature value does not verify");
  spoil("the signed attribute message-digest", digest.value().content.end - 1, "HASH_FAILURE",
        "worker: the document's octets are not those that were signed");
  // ESSCertIDv2 begins with its hash where that is SHA-256 (RFC 5035); else an algorithm stands before it.
  spoil("the signed attribute signing-certificate-v2", ess.value().content.begin + 12, "FORMAT_FAILURE", "worker: ");
  spoil("the parameters of a digest algorithm", parts.digestAlgorithms.content.end - 2, "FORMAT_FAILURE",
        "worker: the CMS does not declare its signer's digest algorithm");
  spoil("the signer's version", parts.signerInfo.content.begin + 2, "FORMAT_FAILURE", "worker: the CMS has a version");
  const bool isStamped = level == 3;  // what nothing else signs is in the document timestamp's range
  for (const DerElement& certificate : parts.certificates) {
    const bool isSigner = certificate.whole.of(worker.cms).find("示例劳动者") != std::string_view::npos;
    const bool isSeen = isSigner || !isStamped;
    spoil("a certificate of the CMS", certificate.whole.end - 1, isSeen ? "FORMAT_FAILURE" : "HASH_FAILURE",
          isSigner    ? "worker: signing-certificate-v2 names another certificate"
          : isStamped ? "Timestamp1: the timestamp is not over"
                      : "is there in two forms");
  }
  std::string unreadable = pdf;
  unreadable[worker.gap.begin + 101] = 'g';
  twins.push_back(
      {"a digit of the signature that is none", unreadable, "FORMAT_FAILURE", "worker: its signature cannot be read"});
  if (level == 0) return;
  const auto token = CmsParts::find(worker.cms, parts.unsignedAttributes, kTimestampToken);
  const std::string der(token.value().whole.of(worker.cms));
  const CmsParts inner(der);
  const std::size_t base = token->whole.begin;
  spoil("the signature timestamp's value", base + inner.signatureValue.content.end - 1, "SIG_CRYPTO_FAILURE",
        "worker: its timestamp: the signature value does not verify");
  spoil("the signature timestamp's content", base + inner.ownContent.value().content.begin + 60, "HASH_FAILURE",
        "worker: its timestamp: the timestamp's own content was changed");
}

inline void addStoreTwins(const std::string& pdf, bool isStamped, std::vector<Twin>& twins) {
  const auto add = [&](const std::string& what, std::size_t at) {
    twins.push_back({what, withSpoiltOctet(pdf, at), isStamped ? "HASH_FAILURE" : "FORMAT_FAILURE",
                     isStamped ? "Timestamp1: the timestamp is not over these octets" : ""});
  };
  for (const char* kind : {"Certs", "OCSPs", "CRLs"}) {
    for (const Span& stream : storeStreams(pdf, kind)) {
      add(std::string(kind) + ": the body", stream.begin + stream.size() / 2);
      add(std::string(kind) + ": the signature", stream.end - 1);
    }
  }
  add("a reference of the store", pdf.rfind("/Certs[") + 8);
  if (isStamped) add("white space in the store's revision", pdf.rfind("/Type/DSS") - 3);
}

inline void addDocumentStampTwins(const std::string& pdf, const SignedPart& stamp, std::vector<Twin>& twins) {
  const CmsParts parts = stamp.parts();
  twins.push_back({"the document timestamp's value", withSpoiltCms(pdf, stamp, parts.signatureValue.content.end - 1),
                   "SIG_CRYPTO_FAILURE", "Timestamp1: the signature value does not verify"});
  twins.push_back({"the document timestamp's content",
                   withSpoiltCms(pdf, stamp, parts.ownContent.value().content.begin + 60), "HASH_FAILURE",
                   "Timestamp1: the timestamp's own content was changed"});
  std::string unreadable = pdf;
  unreadable[stamp.gap.begin + 101] = 'g';
  twins.push_back({"a digit of the document timestamp that is none", unreadable, "FORMAT_FAILURE",
                   "Timestamp1: its signature cannot be read"});
}

}  // namespace qianda::test
