#include "contracts/envelope/draft.h"

#include <algorithm>

#include "contracts/ceremony/links.h"
#include "core/digest.h"
#include "core/error.h"
#include "signing/pades/placement.h"
#include "signing/pades/text_string.h"
#include "signing/pades/update.h"
#include "signing/pdf/signature_fields.h"
#include "templates/law/law.h"
#include "templates/roster.h"
#include "templates/typesetter.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using templates::Template;

std::string textOf(const Template& form, const templates::Record& record, const std::string& field) {
  const std::size_t at = form.findField(field);
  return at == Template::npos || !record.values[at].present ? "" : record.values[at].text;
}

NewParty partyOf(const Template& form, const templates::Record& record, const templates::Party& party,
                 const PartyPlan& plan) {
  NewParty made;
  made.field = party.name;
  made.stage = plan.stage;
  made.displayName = textOf(form, record, party.name + "_name");
  if (made.displayName.empty()) made.displayName = party.labelZh;
  if (form.findField(party.name + "_id_no") != Template::npos) {
    made.kind = PartyKind::kPerson;
    made.idNumber = textOf(form, record, party.name + "_id_no");
    made.phone = textOf(form, record, party.name + "_phone");
  } else {
    made.kind = PartyKind::kOrganisation;
    made.organisation = plan.organisation;
    made.seal = plan.seal;
  }
  return made;
}

void noteHash(Draft& draft) {
  draft.envelope.sha256 = core::sha256Hex(draft.pdf);
  draft.envelope.size = static_cast<std::int64_t>(draft.pdf.size());
}

void placeField(signing::Update& update, const std::vector<signing::pdf::Reference>& pages, const std::string& name,
                const FieldPlace& place) {
  if (place.page < 1) throw Error(ErrorCode::kInvalidInput, "pages count from 1");
  const signing::PageView view = signing::viewOfPage(update.document(), pages, place.page - 1);
  const auto rectangle =
      signing::placeOnPage(view, {place.left, place.bottom, place.width, place.height}, "the field \"" + name + "\"")
          .rectangle;
  std::string rect;
  for (const double number : rectangle) rect += signing::numberText(number) + " ";
  const std::uint32_t field =
      update.add("<</Type/Annot/Subtype/Widget/FT/Sig/T " + signing::writeTextString(name) + "/F 132/Rect[" + rect +
                 "]/P " + signing::referenceText(pages[place.page - 1]) + ">>");
  update.appendTo(pages[place.page - 1], "Annots", signing::referenceText(field));
  update.addField(field);
}

}  // namespace

std::string envelopeKindOf(const Template& form) {
  using templates::LawProfile;
  return form.law == LawProfile::kPlatformAgreement || form.law == LawProfile::kNone ? "document" : "labour_contract";
}

std::vector<NewParty> partiesOf(const Template& form, const templates::Record& record,
                                const std::vector<PartyPlan>& plan) {
  std::vector<NewParty> parties;
  for (const templates::Party& party : form.parties) {
    const auto named = [&](const PartyPlan& one) { return one.field == party.name; };
    if (std::count_if(plan.begin(), plan.end(), named) != 1) {
      throw Error(ErrorCode::kInvalidInput,
                  "party \"" + party.name + "\" of template " + form.id + " is to be named once, with its stage");
    }
    parties.push_back(partyOf(form, record, party, *std::find_if(plan.begin(), plan.end(), named)));
  }
  for (const PartyPlan& one : plan) {
    if (std::none_of(form.parties.begin(), form.parties.end(),
                     [&](const templates::Party& party) { return party.name == one.field; })) {
      throw Error(ErrorCode::kInvalidInput, "template " + form.id + " has no party \"" + one.field + "\"");
    }
  }
  return parties;
}

Draft composeDraft(const std::shared_ptr<const Template>& form,
                   const std::vector<std::pair<std::string, std::string>>& values, const std::vector<PartyPlan>& plan,
                   const std::string& verificationAddress, core::Instant now) {
  Draft draft;
  const templates::Record record = templates::parseValues(*form, values, draft.faults);
  const auto isBlocked = [&] { return std::any_of(draft.faults.begin(), draft.faults.end(), templates::isBlocking); };
  if (!isBlocked()) templates::law::Checker(form).check(record, core::chinaDate(now), draft.faults);
  templates::FreezeOptions options;
  options.verificationAddress = verificationAddress;
  const auto frozen = std::make_shared<const templates::FrozenTemplate>(form, options);
  frozen->checkGlyphs(record, draft.faults);
  if (isBlocked()) return draft;
  templates::CharacterSet characters;
  characters.add(record);
  const auto fonts = std::make_shared<const templates::FieldFonts>(frozen, characters);
  draft.envelope.document = core::DocumentId::at(now);
  templates::Composition composition;
  templates::Composer(frozen, fonts).compose(record, {draft.envelope.document, now, {}}, composition);
  draft.pdf = frozen->prefix() + composition.tail;
  draft.envelope.kind = envelopeKindOf(*form);
  draft.envelope.templateId = form->id;
  draft.envelope.templateVersion = form->version;
  draft.envelope.title = form->titleZh;
  draft.envelope.parties = partiesOf(*form, record, plan);
  noteHash(draft);
  return draft;
}

Draft draftUpload(const std::string& pdf, const std::string& title, const std::vector<UploadedParty>& parties,
                  core::Instant now) {
  auto opened = signing::pdf::Document::open(pdf);
  auto* document = std::get_if<signing::pdf::Document>(&opened);
  if (!document) throw Error(ErrorCode::kInvalidInput, "the file is no PDF");
  const auto fields = signing::pdf::listSignatureFields(*document);
  const auto pages = signing::pdf::listPages(*document);
  signing::Update update(*document);
  Draft draft;
  bool isChanged = false;
  for (const signing::pdf::SignatureField& field : fields) {
    if (field.isSigned || field.isDamaged) {
      throw Error(ErrorCode::kInvalidInput, "field \"" + field.name + "\" of the file is signed already");
    }
  }
  for (const UploadedParty& one : parties) {
    draft.envelope.parties.push_back(one.party);
    if (std::any_of(fields.begin(), fields.end(),
                    [&](const signing::pdf::SignatureField& field) { return field.name == one.party.field; })) {
      continue;
    }
    if (!one.place) {
      throw Error(ErrorCode::kInvalidInput,
                  "the file has no signature field \"" + one.party.field + "\": a place for it is needed");
    }
    placeField(update, pages, one.party.field, *one.place);
    isChanged = true;
  }
  draft.pdf = pdf;
  if (isChanged) draft.pdf += update.finish().octets;
  draft.envelope.document = core::DocumentId::at(now);
  draft.envelope.kind = "document";
  draft.envelope.title = title;
  noteHash(draft);
  return draft;
}

void storeDraft(storage::DocumentStore& documents, storage::Database& database, const Draft& draft, core::Instant now) {
  documents.appendWhole(draft.envelope.document, draft.pdf, now);
  database.write([&](storage::Transaction& transaction) { createEnvelopes(transaction, {draft.envelope}, now); });
}

}  // namespace qianda::contracts
