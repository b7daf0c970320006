#include <sstream>

#include <Poco/Net/MessageHeader.h>
#include <Poco/Net/MultipartReader.h>
#include <Poco/StreamCopier.h>

#include "contracts/evidence/report_words.h"
#include "contracts/evidence/verdict_json.h"
#include "server/api/evidence_routes.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "server/verification/known_document.h"
#include "signing/keys/evp_key.h"

namespace qianda::server {
namespace {

// The file's octets, sent as they are or as the first part of a form.
std::string uploadOf(const Request& request) {
  if (request.mediaType == "application/pdf" || request.mediaType == "application/octet-stream") return request.body;
  if (request.mediaType != "multipart/form-data")
    throw Problem(415, "media_type", "send application/pdf, or a form with a file");
  try {
    std::istringstream body(request.body);
    std::string kind;
    Poco::Net::NameValueCollection parameters;
    Poco::Net::MessageHeader::splitParameters(request.findHeader("Content-Type").value_or(""), kind, parameters);
    Poco::Net::MultipartReader reader(body, parameters.get("boundary", ""));
    while (reader.hasNextPart()) {
      Poco::Net::MessageHeader header;
      reader.nextPart(header);
      std::string octets;
      Poco::StreamCopier::copyToString(reader.stream(), octets);
      std::string disposition;
      Poco::Net::NameValueCollection fields;
      Poco::Net::MessageHeader::splitParameters(header.get("Content-Disposition", ""), disposition, fields);
      if (fields.has("filename")) return octets;
    }
  } catch (const Poco::Exception& error) {
    throw Problem(400, "form_malformed", "the form cannot be read: " + error.displayText());
  }
  throw Problem(400, "form_malformed", "the form has no file");
}

// What a person is told: the verdict in two languages.
Json summaryOf(const signing::FileVerdict& verdict) {
  const contracts::Words words = contracts::wordsOf(verdict.indication);
  const contracts::Words meaning = contracts::explanationOf(verdict.subIndication);
  std::string zh(words.zh), en(words.en);
  if (!meaning.zh.empty()) zh += "：" + std::string(meaning.zh);
  if (!meaning.en.empty()) en += ": " + std::string(meaning.en);
  const std::string reason = contracts::chineseOf(verdict.reason);
  if (!reason.empty()) zh += "（" + reason + "）";
  if (!verdict.reason.empty()) en += " (" + verdict.reason + ")";
  return Json::object({{"zh", zh}, {"en", en}});
}

}  // namespace

void limitRate(EvidenceServices& evidence, const Request& request, const std::string& what, const Rate& rate,
               core::Instant now) {
  const auto wait = evidence.rates.take(what + ":" + rateAddress(request.peer), rate, now);
  if (!wait) return;
  Problem problem(429, "rate_limited", "too many requests from this address");
  problem.headers.emplace_back("Retry-After", std::to_string(wait->count()));
  throw problem;
}

Response verifyUpload(Services& services, const Request& request) {
  EvidenceServices& evidence = evidenceOf(services);
  limitRate(evidence, request, "verification", evidence.uploads, services.clock());
  const std::string octets = uploadOf(request);
  const Gate::Pass pass(evidence.verifications);
  if (!pass) throw Problem(503, "overloaded", "too many files are being verified: try again");
  contracts::JudgedFile judged;
  judged.size = octets.size();
  judged.sha256 = core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(octets)));
  signing::VerifierOptions options;
  options.revocation = evidence.signing->revocation();
  judged.verdict = signing::Verifier(evidence.signing->anchors(), options).verify(octets, services.clock());
  std::optional<KnownDocument> known;
  services.database->read(
      [&](storage::Transaction& transaction) { known = findKnownRevision(transaction, judged.sha256); });
  std::ostringstream verdict;
  contracts::verdictJson(judged)->stringify(verdict);
  Json answer = parseJson(verdict.str());
  answer.set("size", static_cast<std::int64_t>(judged.size));
  answer.set("summary", summaryOf(judged.verdict));
  answer.set("known",
             known ? Json::object({{"state", known->state},
                                   {"state_zh", stateWords(known->state)},
                                   {"revision", known->revision},
                                   {"latest_revision", known->latestRevision},
                                   {"revision_at", core::isoInstant(known->revisionAt)},
                                   {"created_at", core::isoInstant(known->createdAt)},
                                   {"changed_at", core::isoInstant(known->changedAt)},
                                   {"erased_at", known->erasedAt ? Json(core::isoInstant(*known->erasedAt)) : Json()}})
                   : Json());
  return answerJson(answer);
}

}  // namespace qianda::server
