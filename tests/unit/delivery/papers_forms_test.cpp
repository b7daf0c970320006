// The court's forms, filled from cases and read back by outside programs.
#include <set>

#include "core/error.h"
#include "delivery/documents/case_values.h"
#include "templates/roster.h"
#include "tests/unit/delivery/papers_cases.h"

namespace qianda::delivery {
namespace {

using templates::Fault;

std::string faultsText(const std::vector<Fault>& faults) {
  std::string out;
  for (const Fault& fault : faults) out += fault.field + ": " + fault.messageEn + "\n";
  return out;
}

std::vector<std::string> blockingFields(const std::vector<Fault>& faults) {
  std::vector<std::string> fields;
  for (const Fault& fault : faults) {
    if (templates::isBlocking(fault)) fields.push_back(fault.field);
  }
  return fields;
}

const CaseParty& partyOf(const CaseFile& file, const std::string& id) {
  for (const CaseParty& party : file.parties) {
    if (party.id == id) return party;
  }
  throw std::runtime_error("no such party");
}

test::ReadDocument readKind(const std::string& name, const CaseFile& file, const std::string& party,
                            EnteredValues more = {}) {
  const DocumentKind& kind = getDocumentKind(name);
  EnteredValues entered = test::enteredFor(kind);
  for (auto& [key, value] : more) entered[key] = value;
  std::vector<Fault> faults;
  const auto record = fillDocument(kind, file, partyOf(file, party), entered, faults);
  EXPECT_TRUE(faults.empty()) << name << "\n" << faultsText(faults);
  return test::readDocument(test::documentPdf(record, kind.templateId));
}

void expectWords(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
}

}  // namespace

TEST(CourtForms, EveryFormBelongsToAKindAndIsSealedNumberedAndNoEmployersForm) {
  std::set<std::string> ids, kinds;
  for (const auto& form : templates::courtTemplates()) ids.insert(form->id);
  for (const DocumentKind& kind : documentKinds()) {
    EXPECT_TRUE(kinds.insert(std::string(kind.name)).second) << kind.name;
    const auto form = templates::getCourtTemplate(kind.templateId);
    ids.erase(form->id);
    EXPECT_EQ(form->titleZh, kind.titleZh);
    EXPECT_EQ(form->titleEn, kind.titleEn);
    EXPECT_EQ(form->law, templates::LawProfile::kNone);
    ASSERT_FALSE(form->parties.empty());
    EXPECT_EQ(form->parties[0].name, "court");
    const std::string source =
        core::readFile(QIANDA_SOURCE_DIR "/templates/court/" + std::string(kind.templateId) + ".md", 1 << 20);
    for (const char* tag : {"{{qr}}", "{{doc.id}}", "{{seal:court}}", "{{case_number|plain}}"}) {
      EXPECT_NE(source.find(tag), std::string::npos) << kind.name << " lacks " << tag;
    }
  }
  EXPECT_TRUE(ids.empty()) << *ids.begin() << " belongs to no kind";
  for (const auto& form : templates::shippedTemplates()) EXPECT_FALSE(form->id.starts_with("court-")) << form->id;
  EXPECT_THROW(templates::getCourtTemplate("labour-general"), core::Error);
  EXPECT_THROW(getDocumentKind("poem"), core::Error);
}

TEST(CourtForms, EveryFormTakesTheCourtsSealAndItsExampleIsWhole) {
  for (const auto& form : templates::courtTemplates()) {
    std::vector<std::pair<std::string, std::string>> values;
    for (const templates::FieldSpec& spec : form->fields) values.emplace_back(spec.name, spec.example);
    std::vector<Fault> faults;
    const auto record = templates::parseValues(*form, values, faults);
    EXPECT_TRUE(faults.empty()) << form->id << faultsText(faults);
    templates::FreezeOptions options;
    options.seals = {{"court", "q 0.8 0 0 RG 3 w 2 2 115 115 re S Q", 119}};
    options.isSigned = true;
    const auto frozen = std::make_shared<templates::FrozenTemplate>(form, options);
    templates::CharacterSet characters;
    characters.add(record);
    templates::Composer composer(frozen, std::make_shared<templates::FieldFonts>(frozen, characters));
    templates::Composition composition;
    const std::string dictionary = "<< /Type/Sig /Filter/Adobe.PPKLite /SubFilter/ETSI.CAdES.detached >>";
    composer.compose(record, {core::DocumentId::random(), core::now(), dictionary}, composition);
    EXPECT_EQ(composition.tail.substr(composition.dictionaryOffset, dictionary.size()), dictionary) << form->id;
    EXPECT_LE(composition.pages, 2u) << form->id;
    test::readDocument(frozen->prefix() + composition.tail);
  }
}

// Whole documents of every kind, for a party of each role and case.
class EveryKind : public testing::TestWithParam<std::string> {};

struct Filled {
  std::string label;
  CaseFile file;
  CaseParty recipient;
  test::ReadDocument read;
};

// For one party of each role in each case, with agents and addresses on file.
std::vector<Filled> fillAll(const DocumentKind& kind) {
  std::vector<Filled> all;
  std::vector<templates::Record> records;
  for (auto& [label, file] : test::sampleCases()) {
    file.agents.push_back(test::agent("z1", "a1", "agent", "吴示例", "2026-07-01"));
    file.agents.back().idNumber = "000000198001010019";
    file.addresses = {test::address("81", "a1", AddressGround::kConfirmed),
                      test::address("82", "r1", AddressGround::kConfirmed)};
    std::set<std::string> roles;
    for (const CaseParty& party : file.parties) {
      if (std::find(kind.recipients.begin(), kind.recipients.end(), party.role) == kind.recipients.end()) continue;
      if (!roles.insert(party.role).second) continue;
      std::vector<Fault> faults;
      records.push_back(fillDocument(kind, file, party, test::enteredFor(kind), faults));
      EXPECT_TRUE(faults.empty()) << label << party.name << faultsText(faults);
      all.push_back({label, file, party, {}});
    }
  }
  const auto pdfs = test::documentPdfs(records, kind.templateId);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].read = test::readDocument(pdfs[i]);
  return all;
}

TEST_P(EveryKind, FillsFromEverySampleCaseAndKeepsNumbersToTheirOwners) {
  const DocumentKind& kind = getDocumentKind(GetParam());
  const auto all = fillAll(kind);
  EXPECT_GE(all.size(), 4u);
  for (const Filled& filled : all) {
    SCOPED_TRACE(filled.label + " to " + filled.recipient.name);
    const std::string& text = filled.read.text;
    expectWords(text, {filled.file.number, filled.file.court, std::string(kind.titleZh), "00000000000000000000000001"});
    if (kind.isAddressed) expectWords(text, {filled.recipient.name});
    EXPECT_GE(filled.read.pages, 1);
    const bool listsMuch = filled.label == "collective" && (kind.name == "award" || kind.name == "mediation_statement");
    EXPECT_LE(filled.read.pages, listsMuch ? 5 : 3);
    // Nobody learns the other's identity number, phone or address.
    for (const CaseParty& other : filled.file.parties) {
      if (other.id == filled.recipient.id || other.idNumber == filled.recipient.idNumber) continue;
      EXPECT_EQ(text.find(other.phone), std::string::npos) << other.name;
      if (other.kind == "person") {
        EXPECT_EQ(text.find(other.idNumber), std::string::npos) << other.name;
      }
    }
    EXPECT_EQ(text.find(filled.file.agents.back().phone), std::string::npos);
    EXPECT_EQ(text.find(filled.file.agents.back().idNumber), std::string::npos);
    if (filled.recipient.id != "a1") {
      EXPECT_EQ(text.find("示例路81号"), std::string::npos);
    }
    if (filled.recipient.id != "r1") {
      EXPECT_EQ(text.find("示例路82号"), std::string::npos);
    }
  }
}

std::vector<std::string> issuedKinds() {
  std::vector<std::string> names;
  for (const DocumentKind& kind : documentKinds()) {
    if (!kind.recipients.empty()) names.emplace_back(kind.name);
  }
  return names;
}
INSTANTIATE_TEST_SUITE_P(CourtForms, EveryKind, testing::ValuesIn(issuedKinds()),
                         [](const auto& tested) { return tested.param; });

// Every value that the form demands is missed by name, and a spoilt one is named too.
TEST_P(EveryKind, NamesTheFieldThatIsMissing) {
  const DocumentKind& kind = getDocumentKind(GetParam());
  const CaseFile file = test::ordinaryCase();
  const CaseParty& recipient =
      file.parties[std::find(kind.recipients.begin(), kind.recipients.end(), "applicant") == kind.recipients.end()];
  const EnteredValues whole = test::enteredFor(kind);
  int demanded = 0;
  for (const templates::FieldSpec* spec : enteredValues(kind)) {
    if (!whole.contains(spec->name)) continue;
    EnteredValues without = whole;
    without.erase(spec->name);
    std::vector<Fault> faults;
    fillDocument(kind, file, recipient, without, faults);
    const bool isDemanded = spec->required && !spec->defaultText;
    demanded += isDemanded;
    if (isDemanded) {
      EXPECT_EQ(blockingFields(faults), std::vector<std::string>{spec->name});
    } else {
      EXPECT_EQ(blockingFields(faults), std::vector<std::string>{}) << spec->name;
    }
  }
  EXPECT_GE(demanded, 1);  // the day of issue at least
}

TEST(CourtForms, FactsOfTheCaseAreNamedWhenTheyAreMissingAndNeverEnteredInstead) {
  const std::vector<std::pair<std::string, std::function<void(CaseFile&)>>> holes{
      {"court_name", [](CaseFile& file) { file.court.clear(); }},
      {"case_number", [](CaseFile& file) { file.number.clear(); }},
      {"cause", [](CaseFile& file) { file.cause.clear(); }},
      {"panel", [](CaseFile& file) { file.panel.clear(); }},
      {"room", [](CaseFile& file) { file.room.clear(); }},
      {"respondents", [](CaseFile& file) { file.parties.pop_back(); }},
      {"recipient_name", [](CaseFile& file) { file.parties[0].name.clear(); }},
  };
  const DocumentKind& kind = getDocumentKind("hearing_notice");
  for (const auto& [field, spoil] : holes) {
    CaseFile file = test::ordinaryCase();
    spoil(file);
    std::vector<Fault> faults;
    fillDocument(kind, file, file.parties[0], test::enteredFor(kind), faults);
    const auto fields = blockingFields(faults);
    EXPECT_NE(std::find(fields.begin(), fields.end(), field), fields.end()) << field;
  }
  const CaseFile file = test::ordinaryCase();
  for (const auto& [field, rule] : std::map<std::string, std::string>{{"case_number", "fixed"}, {"verse", "unknown"}}) {
    EnteredValues entered = test::enteredFor(kind);
    entered[field] = "x";
    std::vector<Fault> faults;
    fillDocument(kind, file, file.parties[0], entered, faults);
    ASSERT_EQ(blockingFields(faults), std::vector<std::string>{field});
    EXPECT_EQ(faults[0].rule, rule);
  }
}

TEST(CourtForms, AnHourIsAnHour) {
  const DocumentKind& kind = getDocumentKind("hearing_notice");
  const CaseFile file = test::ordinaryCase();
  for (const char* hour : {"9:30", "24:00", "09:60", "09：30", "早上"}) {
    EnteredValues entered = test::enteredFor(kind);
    entered["hearing_time"] = hour;
    std::vector<Fault> faults;
    fillDocument(kind, file, file.parties[0], entered, faults);
    EXPECT_EQ(blockingFields(faults), std::vector<std::string>{"hearing_time"}) << hour;
  }
}

TEST(CourtForms, AHearingNoticeSaysDayHourPlaceAndWhatAbsenceMeansToItsReader) {
  const CaseFile file = test::dispatchCase();
  const EnteredValues said{{"hearing_day", "2026-08-10"}, {"hearing_time", "09:30"}, {"room", "第九仲裁庭"}};
  const std::string toApplicant = readKind("hearing_notice", file, "a1", said).text;
  expectWords(toApplicant,
              {"2026年8月10日09:30", "第九仲裁庭", "首席仲裁员陈示例", "可以视为撤回仲裁申请", "开庭三日前"});
  EXPECT_EQ(toApplicant.find("缺席裁决"), std::string::npos);
  const std::string toRespondent = readKind("hearing_notice", file, "r2", said).text;
  expectWords(toRespondent, {"珠海示例电子制造有限公司", "缺席裁决"});
  EXPECT_EQ(toRespondent.find("视为撤回"), std::string::npos);
  EXPECT_NE(readKind("hearing_notice", file, "t1", said).text.find("第三人不到庭的，不影响案件的审理"),
            std::string::npos);
  expectWords(readKind("hearing_notice", test::simplifiedCase(), "a1", said).text,
              {"独任仲裁员陈示例", "未经当事人确认", "𠮷㼆䶮·买买提"});
}

TEST(CourtForms, AnAwardTellsTheRemediesOfItsKindAndNoOther) {
  const CaseFile file = test::ordinaryCase();
  const std::string finalAward = readKind("award", file, "a1", {{"finality", "final"}}).text;
  expectWords(finalAward, {"自作出之日起发生法律效力", "第四十七条", "十五日内向人民法院提起诉讼",
                           "三十日内，向本委所在地的中级人民法院申请撤销裁决"});
  EXPECT_EQ(finalAward.find("期满不起诉的"), std::string::npos);
  const std::string ordinary = readKind("award", file, "a1", {{"finality", "ordinary"}}).text;
  expectWords(ordinary, {"自收到裁决书之日起十五日内向人民法院提起诉讼；期满不起诉的，裁决书发生法律效力", "第五十条"});
  EXPECT_EQ(ordinary.find("三十日"), std::string::npos);
  EXPECT_EQ(ordinary.find("第四十七条"), std::string::npos);
  EXPECT_EQ(ordinary.find("终局"), std::string::npos);
}

TEST(CourtForms, TheOtherStatutoryDaysAreInTheirDocuments) {
  const CaseFile file = test::dispatchCase();
  expectWords(readKind("response_notice", file, "r1").text,
              {"十日内向本委提交答辩书", "派遣单位珠海示例人力资源有限公司、用工单位珠海示例电子制造有限公司"});
  EXPECT_NE(readKind("response_notice", file, "t1").text.find("作为第三人参加仲裁"), std::string::npos);
  expectWords(readKind("acceptance_notice", file, "a1").text, {"四十五日", "十五日", "2026年7月3日受理"});
  expectWords(readKind("extension_notice", file, "a1").text, {"延长15日", "第四十三条"});
  expectWords(readKind("public_notice", file, "r1").text, {"三十日即视为送达", "2026年9月30日09:30"});
  expectWords(readKind("mediation_statement", file, "a1").text, {"签收后，发生法律效力", "第四十二条"});
  expectWords(readKind("refusal_notice", file, "a1").text, {"第二十九条", "向人民法院提起诉讼"});
  expectWords(readKind("address_confirmation", file, "a1").text, {"退回之日", "第十一条"});
}

TEST(CourtForms, APublicNoticeOfAnAwardTellsItsRemediesAndNoHearing) {
  const DocumentKind& kind = getDocumentKind("public_notice");
  const CaseFile file = test::ordinaryCase();
  for (const auto& [what, days] : std::map<std::string, std::vector<std::string>>{
           {"final_award", {"自送达之日起十五日内", "三十日内向本委所在地的中级人民法院"}},
           {"ordinary_award", {"自送达之日起十五日内", "期满不起诉的"}}}) {
    EnteredValues entered = test::enteredFor(kind);
    entered["notice_of"] = what;
    std::vector<Fault> faults;
    fillDocument(kind, file, file.parties[1], entered, faults);
    EXPECT_EQ(blockingFields(faults), std::vector<std::string>{});
    ASSERT_EQ(faults.size(), 2u) << "day and hour were entered and do not apply\n" << faultsText(faults);
    entered.erase("hearing_day");
    entered.erase("hearing_time");
    faults.clear();
    const auto record = fillDocument(kind, file, file.parties[1], entered, faults);
    EXPECT_TRUE(faults.empty()) << faultsText(faults);
    const std::string text = test::readDocument(test::documentPdf(record, kind.templateId)).text;
    expectWords(text, days);
    EXPECT_EQ(text.find("开庭审理"), std::string::npos);
  }
}

TEST(CourtForms, AnExtensionBeyondFifteenDaysIsRefused) {
  const DocumentKind& kind = getDocumentKind("extension_notice");
  const CaseFile file = test::ordinaryCase();
  EnteredValues entered = test::enteredFor(kind);
  entered["extension_days"] = "16";
  std::vector<Fault> faults;
  fillDocument(kind, file, file.parties[0], entered, faults);
  EXPECT_EQ(blockingFields(faults), std::vector<std::string>{"extension_days"});
}

TEST(CourtForms, LongTextsKeepTheirLinesOverPages) {
  std::string facts;
  for (int i = 0; i < 200; ++i)
    facts += (i ? "\n" : "") + std::string("第") + std::to_string(i) + "项事实；已查明|属实。";
  const auto read = readKind("award", test::collectiveCase(), "a1", {{"facts", facts}});
  expectWords(read.text, {"第0项事实；已查明|属实。", "第199项事实；已查明|属实。", "40、支付第40项加班工资",
                          "工示例12", "工示例1等12人"});
  EXPECT_GE(read.pages, 5);
  EXPECT_LE(read.pages, 14);
}

TEST(CourtForms, ACommitteesOwnPlaceAndPhoneAreOptional) {
  const CaseFile file = test::ordinaryCase();
  expectWords(readKind("acceptance_notice", file, "a1").text,
              {"联系电话：0756-2000000", "联系地址：珠海市香洲区示例路1号"});
  EXPECT_EQ(readKind("acceptance_notice", file, "a1", {{"court_phone", ""}}).text.find("联系电话："),
            std::string::npos);
}

// The form that asks its reader for these numbers prints them, so the test above can fail.
TEST(CourtForms, AnAddressFormPrintsItsOwnReadersNumbers) {
  CaseFile file = test::ordinaryCase();
  file.addresses = {test::address("81", "a1", AddressGround::kConfirmed),
                    test::address("83", "a1", AddressGround::kOpponent)};
  const std::string text = readKind("address_confirmation", file, "a1").text;
  expectWords(text, {file.parties[0].idNumber, file.parties[0].phone, "519000广东省珠海市香洲区示例路81号"});
  EXPECT_EQ(text.find("示例路83号"), std::string::npos) << "an address known from the opponent is not suggested";
}

TEST(CourtForms, AnAwardCoversIdentityNumbersOfPersonsAndShowsThoseOfCompanies) {
  const std::string text = readKind("award", test::ordinaryCase(), "r1").text;
  expectWords(text, {"000***********3027", "91000000MA0000001R", "法定代表人赵示例"});
}

TEST(CourtForms, AnAgentWhoseAuthorityEndedIsNotNamed) {
  CaseFile file = test::ordinaryCase();
  file.agents = {test::agent("g1", "a1", "agent", "吴示例", "2026-06-01"),
                 test::agent("g2", "a1", "agent", "冯示例", "2026-06-01")};
  file.agents[0].until = test::dateOf("2026-06-30");
  const std::string text = readKind("award", file, "r1").text;
  EXPECT_EQ(text.find("吴示例"), std::string::npos);
  expectWords(text, {"委托代理人冯示例"});
}

TEST(CourtForms, EqualCasesGiveEqualOctets) {
  const DocumentKind& kind = getDocumentKind("award");
  const CaseFile file = test::collectiveCase();
  std::vector<Fault> faults;
  const auto once = fillDocument(kind, file, file.parties[0], test::enteredFor(kind), faults);
  const auto twice = fillDocument(kind, file, file.parties[0], test::enteredFor(kind), faults);
  EXPECT_EQ(test::documentPdf(once, kind.templateId), test::documentPdf(twice, kind.templateId));
}

}  // namespace qianda::delivery
