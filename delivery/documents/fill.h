// From a case to what a document's form is filled with, typed by the form's own fields: the case's values
// (case_values.h), then the entered ones. What is missing, wrong or unknown is a Fault that names the field; a document
// is good when no fault is blocking. Days are those of China. Pure: equal input gives equal records; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "delivery/cases/case_file.h"
#include "delivery/documents/document_kinds.h"
#include "templates/fault.h"
#include "templates/field.h"

namespace qianda::delivery {

using EnteredValues = std::map<std::string, std::string>;

// `entered` holds "issued_on" and what enteredValues(kind) lists; other names, and names the case alone may say, are
// faults. The record is of getCourtTemplate(kind.templateId). Throws kInvalidInput for a kind that is not issued by a
// step (return_receipt, service_report).
templates::Record fillDocument(const DocumentKind& kind, const CaseFile& file, const CaseParty& recipient,
                               const EnteredValues& entered, std::vector<templates::Fault>& faults);

// What both sheets say of a document: as it was sealed.
struct ServedDocument {
  std::string title;
  std::string number;  // id of the document store
  std::string sha256;  // hex
  int pages = 0;
};

struct SheetHead {
  std::string court, caseNumber, cause;
  std::string recipient, standing;  // role of the party
  core::Date issuedOn;
};

// 送达回证 (办案规则 20): printed with blanks to be signed, or filled after the fact.
struct ServiceReceiptSheet {
  SheetHead head;
  std::vector<ServedDocument> documents;
  std::string method, place, issuer, server;  // 送达方式, 送达地点, 签发人, 送达人
  std::optional<core::Instant> receivedAt;    // shown to the hour
  std::string signer, signerRelation, signerDocument;
  std::string witnesses, remarks;
};
templates::Record fillReturnReceipt(const ServiceReceiptSheet& sheet, std::vector<templates::Fault>& faults);

struct ReportedEvent {
  core::Instant at{};
  std::string what, where, details;
};
struct ReportedEvidence {
  std::string what;
  core::Instant at{};
  std::string sha256;  // "" where nothing was filed but the fact
};
struct ReportedAttempt {
  int number = 0;
  std::string method, address, waybill, result;
  core::Instant begunAt{};
  std::vector<ReportedEvent> events;
  std::vector<ReportedEvidence> evidence;
};

// 送达报告: what was tried, what happened, and how the legal date follows.
struct ServiceReportSheet {
  SheetHead head;
  std::string recordId, state;  // in words
  std::vector<ServedDocument> documents;
  std::vector<ReportedAttempt> attempts;
  std::string ending;  // "E1 受送达人本人签收"
  std::optional<core::Date> legalDate;
  std::string rule, reason;
  std::string confirmedBy;
  std::optional<core::Instant> confirmedAt;
  std::vector<std::string> recalledRules;
  std::string rulesVersion, calendarVersion;
  std::string factsSha256;
};
templates::Record fillServiceReport(const ServiceReportSheet& sheet, std::vector<templates::Fault>& faults);

}  // namespace qianda::delivery
