#include "core/text.h"
#include "delivery/documents/case_values.h"
#include "delivery/documents/fill.h"
#include "delivery/documents/form_filler.h"

namespace qianda::delivery {
namespace {

using namespace std::chrono;

std::string padded(long long number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// 2026年7月6日10:21:33 in China; to the hour: 2026年7月6日10时.
std::string chineseMoment(core::Instant at, bool toTheHour = false) {
  const auto local = at + 8h;
  const hh_mm_ss time(floor<seconds>(local - floor<days>(local)));
  const std::string day = core::chineseDate(core::chinaDate(at));
  if (toTheHour) return day + std::to_string(time.hours().count()) + "时";
  return day + padded(time.hours().count()) + ":" + padded(time.minutes().count()) + ":" +
         padded(time.seconds().count());
}

// In groups of 16, where a line of a narrow cell may break.
std::string groupedDigest(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i && i % 16 == 0) out += ' ';
    out += hex[i];
  }
  return out;
}

void checkDigest(const std::string& field, const std::string& hex, std::vector<templates::Fault>& faults) {
  if (hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string::npos) return;
  faults.push_back(blockingFault(field, hex, "format", field + "：不是SHA-256摘要值（64位小写十六进制）。",
                                 field + " is not a SHA-256 digest of 64 lower-case hexadecimal digits."));
}

void checkDocuments(const std::vector<ServedDocument>& documents, std::vector<templates::Fault>& faults) {
  for (const ServedDocument& document : documents) {
    checkDigest("documents.sha256", document.sha256, faults);
    if (document.pages > 0 && !document.title.empty() && !document.number.empty()) continue;
    faults.push_back(blockingFault("documents", document.title, "required", "送达的文书：每份都要有名称、编号和页数。",
                                   "Every document served needs its title, number and pages."));
  }
}

FormContents contentsOf(const SheetHead& head) {
  FormContents contents;
  contents.texts = {{"court_name", head.court},
                    {"case_number", head.caseNumber},
                    {"cause", head.cause},
                    {"recipient_name", head.recipient},
                    {"recipient_standing", head.standing},
                    {"issued_on", core::isoDate(head.issuedOn)}};
  return contents;
}

std::string dashed(const std::string& text) { return text.empty() ? "—" : text; }

}  // namespace

templates::Record fillReturnReceipt(const ServiceReceiptSheet& sheet, std::vector<templates::Fault>& faults) {
  FormContents contents = contentsOf(sheet.head);
  contents.texts.insert({{"method", sheet.method},
                         {"service_place", sheet.place},
                         {"issuer", sheet.issuer},
                         {"server", sheet.server},
                         {"signer", sheet.signer},
                         {"signer_relation", sheet.signerRelation},
                         {"signer_document", sheet.signerDocument},
                         {"witnesses", sheet.witnesses},
                         {"remarks", sheet.remarks}});
  const std::string received = sheet.receivedAt ? chineseMoment(*sheet.receivedAt, true) : "　";
  const std::string signedBy = sheet.receivedAt ? dashed(sheet.signer) : "　";
  checkDocuments(sheet.documents, faults);
  for (const ServedDocument& document : sheet.documents) {
    contents.tables["documents"].push_back(
        {document.title, document.number, std::to_string(document.pages), received, signedBy});
    contents.tables["digests"].push_back({document.title, groupedDigest(document.sha256)});
  }
  return fillForm("court-return-receipt", contents, faults);
}

templates::Record fillServiceReport(const ServiceReportSheet& sheet, std::vector<templates::Fault>& faults) {
  FormContents contents = contentsOf(sheet.head);
  std::string recalled;
  for (const std::string& rule : sheet.recalledRules) recalled += (recalled.empty() ? "" : "、") + rule;
  contents.texts.insert({{"record_id", sheet.recordId},
                         {"state", sheet.state},
                         {"legal_date", sheet.legalDate ? core::isoDate(*sheet.legalDate) : ""},
                         {"ending", sheet.ending},
                         {"rule", sheet.rule},
                         {"explanation", sheet.reason},
                         {"recalled_rules", recalled},
                         {"confirmed_by", sheet.confirmedBy},
                         {"confirmed_at", sheet.confirmedAt ? chineseMoment(*sheet.confirmedAt) : ""},
                         {"rules_version", sheet.rulesVersion},
                         {"calendar_version", sheet.calendarVersion},
                         {"facts_sha256", groupedDigest(sheet.factsSha256)}});
  if (!sheet.factsSha256.empty()) checkDigest("facts_sha256", sheet.factsSha256, faults);
  checkDocuments(sheet.documents, faults);
  for (const ServedDocument& document : sheet.documents) {
    contents.tables["documents"].push_back(
        {document.title, document.number, std::to_string(document.pages), groupedDigest(document.sha256)});
  }
  for (const ReportedAttempt& attempt : sheet.attempts) {
    const std::string number = std::to_string(attempt.number);
    contents.tables["attempts"].push_back({number, attempt.method, dashed(attempt.address),
                                           chineseMoment(attempt.begunAt), dashed(attempt.waybill),
                                           dashed(attempt.result)});
    for (const ReportedEvent& event : attempt.events) {
      contents.tables["events"].push_back(
          {number, chineseMoment(event.at), event.what, dashed(event.where), dashed(event.details)});
    }
    for (const ReportedEvidence& evidence : attempt.evidence) {
      if (!evidence.sha256.empty()) checkDigest("evidence.sha256", evidence.sha256, faults);
      contents.tables["evidence"].push_back(
          {number, evidence.what, chineseMoment(evidence.at), dashed(groupedDigest(evidence.sha256))});
    }
  }
  return fillForm("court-service-report", contents, faults);
}

}  // namespace qianda::delivery
