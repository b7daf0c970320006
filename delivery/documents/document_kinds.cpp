#include "delivery/documents/document_kinds.h"

#include "core/error.h"
#include "delivery/documents/case_values.h"

namespace qianda::delivery {
namespace {

using Roles = std::vector<std::string_view>;

const Roles kApplicant{"applicant"}, kAnswering{"respondent", "third_party"},
    kAll{"applicant", "respondent", "third_party"};

DocumentKind notice(std::string_view name, std::string_view titleZh, std::string_view titleEn, std::string_view form,
                    const Roles& recipients) {
  DocumentKind kind;
  kind.name = name;
  kind.titleZh = titleZh;
  kind.titleEn = titleEn;
  kind.templateId = form;
  kind.recipients = recipients;
  kind.servedAs = name;
  return kind;
}

// The notice that brings another document along, and so serves it.
DocumentKind bringing(std::string_view document, DocumentKind kind) {
  kind.servedAs = document;
  return kind;
}

DocumentKind toHearing(DocumentKind kind) {
  kind.servedAs = "hearing_notice";
  kind.lightService = LightService::kNoDefault;
  return kind;
}

DocumentKind concluding(DocumentKind kind) {
  kind.isConcluding = true;
  return kind;
}

// 裁决书 and 调解书: the light channels of 办案规则 60 do not serve them.
DocumentKind formal(DocumentKind kind) {
  kind.isConcluding = true;
  kind.lightService = LightService::kForbidden;
  kind.isAddressed = false;
  return kind;
}

std::vector<DocumentKind> makeKinds() {
  std::vector<DocumentKind> kinds{
      notice("mediation_proposal", "先行调解通知书", "Invitation to mediation", "court-mediation-proposal", kAll),
      notice("acceptance_notice", "受理通知书", "Notice of acceptance", "court-acceptance-notice", kApplicant),
      concluding(notice("refusal_notice", "不予受理通知书", "Notice of refusal", "court-refusal-notice", kApplicant)),
      bringing("application_copy",
               notice("response_notice", "应诉通知书", "Notice to respond", "court-response-notice", kAnswering)),
      notice("evidence_notice", "举证通知书", "Notice on evidence", "court-evidence-notice", kAll),
      notice("address_confirmation", "送达地址确认书", "Confirmation of the address for service",
             "court-address-confirmation", kAll),
      notice("panel_notice", "仲裁庭组成通知书", "Notice of the panel", "court-panel-notice", kAll),
      toHearing(notice("hearing_notice", "开庭通知书", "Notice of the hearing", "court-hearing-notice", kAll)),
      toHearing(
          notice("postponement_notice", "延期开庭通知书", "Notice of postponement", "court-postponement-notice", kAll)),
      notice("extension_notice", "延长审理期限通知书", "Notice of extension", "court-extension-notice", kAll),
      notice("suspension_notice", "中止审理通知书", "Notice of suspension", "court-suspension-notice", kAll),
      notice("resumption_notice", "恢复审理通知书", "Notice of resumption", "court-resumption-notice", kAll),
      bringing("answer_copy", notice("answer_copy_notice", "答辩书副本送达通知", "Service of the answer",
                                     "court-answer-copy-notice", kApplicant)),
      notice("challenge_decision", "回避决定书", "Decision on a challenge", "court-challenge-decision", kAll),
      concluding(notice("transfer_decision", "移送管辖决定书", "Decision to transfer the case",
                        "court-transfer-decision", kAll)),
      formal(notice("advance_execution_award", "先予执行裁决书", "Award of advance execution",
                    "court-advance-execution-award", kAll)),
      concluding(notice("withdrawal_decision", "准许撤回仲裁申请决定书", "Decision to allow withdrawal",
                        "court-withdrawal-decision", kAll)),
      concluding(notice("deemed_withdrawal_decision", "按撤回仲裁申请处理决定书",
                        "Decision to treat the application as withdrawn", "court-deemed-withdrawal-decision", kAll)),
      formal(notice("mediation_statement", "调解书", "Mediation statement", "court-mediation-statement", kAll)),
      formal(notice("award", "裁决书", "Award", "court-award", kAll)),
      concluding(notice("correction_decision", "补正决定书", "Decision to correct a document",
                        "court-correction-decision", kAll)),
      concluding(notice("decision", "决定书", "Decision", "court-decision", kAll)),
      notice("public_notice", "公告", "Public notice", "court-public-notice", kAll),
      notice("return_receipt", "送达回证", "Proof of service", "court-return-receipt", {}),
      notice("service_report", "送达报告", "Report of service", "court-service-report", {}),
  };
  for (DocumentKind& kind : kinds) {
    if (kind.name == "mediation_statement") kind.isMediationStatement = true, kind.allowsPublicNotice = false;
    if (kind.name == "response_notice") kind.serviceStarts = {"answer"};
    if (kind.name == "award") kind.serviceStarts = {"sue", "annul"};
  }
  return kinds;
}

}  // namespace

const std::vector<DocumentKind>& documentKinds() {
  static const std::vector<DocumentKind> kinds = makeKinds();
  return kinds;
}

const DocumentKind* findDocumentKind(std::string_view name) {
  for (const DocumentKind& kind : documentKinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

const DocumentKind& getDocumentKind(std::string_view name) {
  if (const DocumentKind* kind = findDocumentKind(name)) return *kind;
  throw core::Error(core::ErrorCode::kNotFound, "no kind of document is called \"" + std::string(name) + "\"");
}

std::vector<const templates::FieldSpec*> enteredValues(const DocumentKind& kind) {
  std::vector<const templates::FieldSpec*> entered;
  if (kind.recipients.empty()) return entered;
  for (const templates::FieldSpec& spec : templates::getCourtTemplate(kind.templateId)->fields) {
    const CaseValue* value = findCaseValue(spec.name);
    if (!value || value->mayBeSaidAnew) entered.push_back(&spec);
  }
  return entered;
}

std::string_view nameOf(LightService service) {
  switch (service) {
    case LightService::kAllowed:
      return "allowed";
    case LightService::kNoDefault:
      return "no_default";
    case LightService::kForbidden:
      return "forbidden";
  }
  return "";
}

}  // namespace qianda::delivery
