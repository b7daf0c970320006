#include "delivery/service/issue_steps.h"

#include <algorithm>
#include <set>

#include "core/digest.h"
#include "core/error.h"
#include "core/json_text.h"
#include "delivery/cases/case_columns.h"
#include "delivery/cases/case_store.h"
#include "delivery/documents/court_documents.h"
#include "delivery/post/parcel_work.h"
#include "storage/sql/instant.h"
#include "storage/work/work_queue.h"

namespace qianda::delivery {
namespace {

using core::Actor;
using core::Error;
using core::ErrorCode;
using core::jsonOf;
using storage::msOf;
using storage::Row;
using storage::Transaction;

// A step that is ready to be sealed.
struct Planned {
  CaseFile file;
  const StepSet* step = nullptr;
  StepPlan plan;
  std::vector<PressItem> items;  // as the plan's documents
};

const CaseParty& partyOf(const CaseFile& file, const std::string& id) {
  const auto party =
      std::find_if(file.parties.begin(), file.parties.end(), [&](const CaseParty& one) { return one.id == id; });
  if (party == file.parties.end()) throw Error(ErrorCode::kCorrupt, "case " + file.id + " has no party " + id);
  return *party;
}

Planned planOrder(Transaction& t, const Actor& actor, const StepOrder& order, std::size_t index,
                  std::vector<IssueFault>& faults) {
  Planned planned;
  planned.file = getCase(t, actor.organisation, order.caseId);
  planned.step = &getStepSet(order.step);
  planned.plan = planStep(*planned.step, planned.file, order.entered, order.only);
  for (const StepRefusal& refusal : planned.plan.refusals) {
    faults.push_back({index, refusal.field, refusal.document, refusal.party, refusal.messageZh, refusal.messageEn});
  }
  for (const PlannedDocument& document : planned.plan.documents) {
    std::vector<templates::Fault> found;
    PressItem item{
        templates::getCourtTemplate(document.kind->templateId),
        fillDocument(*document.kind, planned.file, partyOf(planned.file, document.party), document.entered, found)};
    for (const templates::Fault& fault : found) {
      if (!templates::isBlocking(fault)) continue;
      faults.push_back(
          {index, fault.field, std::string(document.kind->name), document.party, fault.messageZh, fault.messageEn});
    }
    planned.items.push_back(std::move(item));
  }
  return planned;
}

std::string digestOf(const std::string& seal, const std::vector<StepOrder>& orders) {
  std::string text = seal;
  for (const StepOrder& order : orders) {
    text += "\n" + order.caseId + "\n" + order.step + "\n" + order.method + "\n" + detailsText(order.entered);
    for (const std::string& party : order.only) text += "\n" + party;
  }
  return core::sha256Hex(text);
}

std::string keyOf(const std::string& key, std::size_t index) {
  return index == 0 ? key : key + "#" + std::to_string(index);
}

// Electronic service needs consent, and a class of document that the local rule lets pass (民诉法 90).
bool mayServeElectronically(const ServiceLaw& law, const std::vector<const DocumentKind*>& kinds) {
  return std::all_of(kinds.begin(), kinds.end(), [&](const DocumentKind* kind) {
    if (kind->isMediationStatement) return law.rules.flag("electronic.mediation_statement");
    return !kind->isConcluding || law.rules.flag("electronic.concluding_documents");
  });
}

struct Start {
  ServiceMethod method = ServiceMethod::kPostal;
  const ServiceAddress* address = nullptr;
  std::string hint;
};

Start startOf(const CaseFile& file, const std::string& party, const StepOrder& order, bool isElectronicAllowed,
              bool hasPartner) {
  const bool mayBeElectronic = order.method == "auto" || order.method == "electronic";
  const bool mayBePostal = order.method == "auto" || order.method == "postal";
  if (mayBeElectronic && isElectronicAllowed) {
    if (const ServiceAddress* address = findAddress(file, party, ServiceMethod::kElectronic)) {
      return {ServiceMethod::kElectronic, address, ""};
    }
  }
  if (mayBePostal && hasPartner) {
    if (const ServiceAddress* address = findAddress(file, party, ServiceMethod::kPostal)) {
      return {ServiceMethod::kPostal, address, ""};
    }
    return {ServiceMethod::kPostal, nullptr, "no_postal_address"};
  }
  if (order.method == "none") return {ServiceMethod::kPostal, nullptr, "not_asked_for"};
  if (mayBePostal) return {ServiceMethod::kPostal, nullptr, "no_postal_partner"};
  return {ServiceMethod::kElectronic, nullptr, isElectronicAllowed ? "no_consent" : "not_allowed_electronically"};
}

// Why the service of records that have no attempt could not begin.
void explain(Transaction& t, const IssueHouse& house, const std::string& organisation, const StepOrder& order,
             IssuedStep& step) {
  const bool hasBegun = std::all_of(step.records.begin(), step.records.end(),
                                    [](const IssuedRecord& record) { return !record.attempt.empty(); });
  if (hasBegun) return;
  const CaseFile file = getCase(t, organisation, step.caseId);
  const ServiceLaw law = lawOf(t, organisation);
  for (IssuedRecord& record : step.records) {
    if (!record.attempt.empty()) continue;
    std::vector<const DocumentKind*> kinds;
    for (const Row& row : t.query("SELECT d.kind FROM service_documents s JOIN court_documents d ON d.id = s.document "
                                  "WHERE s.record = $1",
                                  {record.id})) {
      kinds.push_back(&getDocumentKind(row.text(0)));
    }
    record.hint = startOf(file, record.party, order, mayServeElectronically(law, kinds), !house.partner.empty()).hint;
  }
}

// What was issued under the key before.
std::vector<IssuedStep> findEarlier(Transaction& t, const IssueHouse& house, const std::string& organisation,
                                    const std::string& key, const std::string& digest,
                                    const std::vector<StepOrder>& orders) {
  std::vector<IssuedStep> steps;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const auto row =
        t.findRow("SELECT id, request_digest FROM issued_steps WHERE organisation = $1 AND idempotency_key = $2",
                  {organisation, keyOf(key, i)});
    if (!row) return {};
    if (row->text(1) != digest) throw Error(ErrorCode::kConflict, "the key \"" + key + "\" belongs to another request");
    steps.push_back(getIssuedStep(t, organisation, row->text(0)));
    explain(t, house, organisation, orders[i], steps.back());
  }
  return steps;
}

IssuedRecord serve(Transaction& t, const IssueHouse& house, const Actor& actor, const Planned& planned,
                   const StepOrder& order, const NewRecord& wanted, const ServiceLaw& law,
                   const std::vector<const DocumentKind*>& kinds, core::Instant now) {
  IssuedRecord issued;
  issued.party = wanted.party;
  issued.id = insertRecord(t, actor, wanted, now);
  const Start start =
      startOf(planned.file, wanted.party, order, mayServeElectronically(law, kinds), !house.partner.empty());
  issued.hint = start.hint;
  if (start.address) {
    issued.method = nameOf(start.method);
    issued.attempt = startAttempt(t, actor, issued.id, {start.method, start.address->id}, now);
    if (start.method == ServiceMethod::kPostal) {
      issued.parcel = postAttempt(t, actor, issued.id, issued.attempt, house.partner, house.wantsReceipt, now);
    } else {
      storage::enqueueWork(t, {kElectronicWork, issued.attempt, "", now}, now);
    }
  }
  recompute(t, actor, issued.id, now);
  return issued;
}

IssuedStep keep(Transaction& t, const IssueHouse& house, const Actor& actor, const Planned& planned,
                const StepOrder& order, const std::string& seal, const PressedDocument* pressed,
                const std::string& step, core::Instant now) {
  IssuedStep issued{step, planned.file.id, static_cast<std::int64_t>(planned.plan.documents.size()), {}};
  std::vector<NewCourtDocument> documents;
  for (std::size_t i = 0; i < planned.plan.documents.size(); ++i) {
    const PlannedDocument& document = planned.plan.documents[i];
    documents.push_back({document.kind, planned.file.id, step, document.party, pressed + i});
  }
  insertDocuments(t, actor, seal, documents, now);
  const ServiceLaw law = lawOf(t, actor.organisation);
  for (const CaseParty& party : planned.file.parties) {
    NewRecord wanted{planned.file.id, step, party.id, "", {}};
    std::vector<const DocumentKind*> kinds;
    for (std::size_t i = 0; i < planned.plan.documents.size(); ++i) {
      const PlannedDocument& document = planned.plan.documents[i];
      if (document.party != party.id) continue;
      wanted.documents.push_back(pressed[i].id.text());
      wanted.taker = document.deliverTo.empty() ? "" : document.deliverToName;
      kinds.push_back(document.kind);
    }
    if (!kinds.empty()) issued.records.push_back(serve(t, house, actor, planned, order, wanted, law, kinds, now));
  }
  for (CaseEvent event : planned.plan.events) {
    event.at = now;
    event.details["step"] = step;
    addCaseEvent(t, actor, planned.file.id, event, now);
  }
  noteInCase(t, actor, planned.file.id, "case.step_issued",
             jsonOf({{"step", step}, {"name", order.step}, {"documents", issued.documents}, {"seal", seal}}), now);
  return issued;
}

void checkOrders(const std::string& key, const std::vector<StepOrder>& orders) {
  if (key.empty() || key.size() > 200) throw Error(ErrorCode::kInvalidInput, "the key has 1 to 200 characters");
  if (orders.empty() || orders.size() > kMostSteps) {
    throw Error(ErrorCode::kInvalidInput, "1 to " + std::to_string(kMostSteps) + " steps are issued at once");
  }
  std::set<std::string> cases;
  for (const StepOrder& order : orders) {
    if (!cases.insert(order.caseId).second) {
      throw Error(ErrorCode::kInvalidInput, "case " + order.caseId + " is named twice: one step of a case at a time");
    }
  }
}

}  // namespace

IssueOutcome issueSteps(const IssueHouse& house, const Actor& actor, const std::string& seal, const std::string& key,
                        const std::vector<StepOrder>& orders, core::Instant now) {
  checkOrders(key, orders);
  const std::string digest = digestOf(seal, orders);
  IssueOutcome outcome;
  std::vector<Planned> planned;
  house.database.read([&](Transaction& t) {
    outcome = {};
    planned.clear();
    outcome.steps = findEarlier(t, house, actor.organisation, key, digest, orders);
    if (!outcome.steps.empty()) return;
    for (std::size_t i = 0; i < orders.size(); ++i) {
      planned.push_back(planOrder(t, actor, orders[i], i, outcome.faults));
    }
  });
  outcome.isRepeated = !outcome.steps.empty();
  if (outcome.isRepeated || !outcome.faults.empty()) return outcome;

  std::vector<PressItem> items;
  for (const Planned& one : planned) items.insert(items.end(), one.items.begin(), one.items.end());
  const std::string subject = "step:" + core::DocumentId::at(now).text();
  const Pressed pressed = house.press.press(actor, seal, subject, items, now);
  house.database.write([&](Transaction& t) {
    outcome.steps.clear();
    pressed.settle(t);
    const PressedDocument* next = pressed.documents.data();
    for (std::size_t i = 0; i < orders.size(); ++i) {
      // The case must be as it was when it was planned: a paper that says what is no more true is not issued.
      if (t.execute("UPDATE cases SET version = version WHERE id = $1 AND version = $2",
                    {planned[i].file.id, planned[i].file.version}) == 0) {
        throw Error(ErrorCode::kConflict, "case " + planned[i].file.number + " changed meanwhile: issue it again");
      }
      const std::string step = core::DocumentId::at(now).text();
      t.insertAll(
          "INSERT INTO issued_steps (id, organisation, case_id, step, idempotency_key, request_digest, actor, "
          "at_ms) VALUES",
          8,
          {{step, actor.organisation, planned[i].file.id, orders[i].step, keyOf(key, i), digest, actor.name,
            msOf(now)}});
      outcome.steps.push_back(keep(t, house, actor, planned[i], orders[i], seal, next, step, now));
      next += planned[i].items.size();
    }
  });
  return outcome;
}

IssuedStep getIssuedStep(Transaction& t, const std::string& organisation, const std::string& id) {
  const auto row =
      t.findRow("SELECT case_id FROM issued_steps WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) throw Error(ErrorCode::kNotFound, "there is no step " + id, "there is no such step");
  IssuedStep step{id, row->text(0), 0, {}};
  for (const Row& one : t.query("SELECT r.id, r.party, a.method, a.id, p.id FROM service_records r LEFT JOIN "
                                "service_attempts a ON a.record = r.id AND a.number = 1 LEFT JOIN parcels p ON "
                                "p.attempt = a.id JOIN case_parties c ON c.id = r.party WHERE r.step = $1 ORDER BY "
                                "c.position, r.id",
                                {id})) {
    step.records.push_back({one.text(0), one.text(1), one.findText(2).value_or(""), one.findText(3).value_or(""),
                            one.findText(4).value_or(""), ""});
  }
  step.documents = t.findRow(
                        "SELECT COUNT(*) FROM service_documents s JOIN service_records r ON r.id = s.record WHERE "
                        "r.step = $1",
                        {id})
                       ->number(0);
  return step;
}

std::string postAttempt(Transaction& t, const Actor& actor, const std::string& record, const std::string& attempt,
                        const std::string& partner, bool wantsReceipt, core::Instant now) {
  if (!findSender(t, actor.organisation)) {
    throw Error(ErrorCode::kConflict, "the court has no address that letters come back to: set its sender first");
  }
  Parcel parcel;
  parcel.id = core::DocumentId::at(now).text();
  parcel.organisation = actor.organisation;
  parcel.record = record;
  parcel.attempt = attempt;
  parcel.partner = partner;
  parcel.wantsReceipt = wantsReceipt;
  insertParcel(t, parcel, now);
  enqueueTask(t, {"order", parcel.id, partner, now}, now);
  noteInService(t, actor, record, "parcel.queued", jsonOf({{"parcel", parcel.id}, {"partner", partner}}), now);
  return parcel.id;
}

}  // namespace qianda::delivery
