// Invented cases and complete entered values for the tests of documents and steps, and a document as outside programs
// read it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.h"
#include "delivery/documents/case_values.h"
#include "delivery/documents/step_sets.h"
#include "templates/typesetter.h"
#include "tests/support/process.h"

namespace qianda::test {

inline core::Date dateOf(const std::string& text) { return core::parseDate(text).value(); }

inline delivery::CaseParty person(const std::string& id, const std::string& role, const std::string& name,
                                  const std::string& idNumber, const std::string& phone) {
  delivery::CaseParty party;
  party.id = id;
  party.role = role;
  party.name = name;
  party.idNumber = idNumber;
  party.phone = phone;
  return party;
}

inline delivery::CaseParty company(const std::string& id, const std::string& role, const std::string& name,
                                   const std::string& code, const std::string& phone, const std::string& head) {
  delivery::CaseParty party = person(id, role, name, code, phone);
  party.kind = "organisation";
  party.legalRepresentative = head;
  return party;
}

inline delivery::CaseAgent agent(const std::string& id, const std::string& party, const std::string& kind,
                                 const std::string& name, const std::string& since) {
  delivery::CaseAgent made;
  made.id = id;
  made.party = party;
  made.kind = kind;
  made.name = name;
  made.since = dateOf(since);
  made.phone = "13800000090";
  return made;
}

inline delivery::CaseEvent event(const std::string& kind, const std::string& day,
                                 std::map<std::string, std::string> details = {}) {
  delivery::CaseEvent made;
  made.kind = kind;
  made.day = dateOf(day);
  made.details = std::move(details);
  return made;
}

inline delivery::ServiceAddress address(const std::string& id, const std::string& party,
                                        delivery::AddressGround ground) {
  delivery::ServiceAddress made;
  made.id = id;
  made.party = party;
  made.ground = ground;
  made.postcode = "519000";
  made.province = "广东省";
  made.city = "珠海市";
  made.district = "香洲区";
  made.street = "示例路" + id + "号";
  made.since = dateOf("2026-07-01");
  return made;
}

// One worker against one company, everything known.
inline delivery::CaseFile ordinaryCase() {
  delivery::CaseFile file;
  file.id = "case1";
  file.number = "珠示劳人仲案字〔2026〕000001号";
  file.cause = "追索劳动报酬";
  file.claims = "一、支付2026年5月至6月的工资17000元；\n二、支付解除劳动合同的经济补偿25500元。";
  file.court = "珠海示例劳动人事争议仲裁委员会";
  file.panel = {"陈示例", "何示例", "梁示例"};
  file.clerk = "周示例";
  file.room = "第一仲裁庭";
  file.state = "accepted";
  file.parties = {person("a1", "applicant", "林示例", "000000199206183027", "13800000001"),
                  company("r1", "respondent", "珠海示例科技有限公司", "91000000MA0000001R", "0756-2000001", "赵示例")};
  file.events = {event("received", "2026-07-01"), event("accepted", "2026-07-03"),
                 event("hearing_set", "2026-07-20", {{"hearing_day", "2026-08-10"}, {"hearing_time", "09:30"}}),
                 event("suspended", "2026-07-25"), event("answer_received", "2026-07-15")};
  return file;
}

// A name beyond the basic plane, simplified, one arbitrator.
inline delivery::CaseFile simplifiedCase() {
  delivery::CaseFile file = ordinaryCase();
  file.number = "珠示劳人仲案字〔2026〕000002号";
  file.procedure = "simplified";
  file.panel = {"陈示例"};
  file.parties[0].name = "𠮷㼆䶮·买买提";
  return file;
}

// Dispatched work: both units are co-parties, a third party beside them.
inline delivery::CaseFile dispatchCase() {
  delivery::CaseFile file = ordinaryCase();
  file.number = "珠示劳人仲案字〔2026〕000003号";
  file.parties[1] =
      company("r1", "respondent", "珠海示例人力资源有限公司", "91000000MA0000T01D", "0756-2000002", "钱示例");
  file.parties[1].dispatchRole = "dispatching";
  file.parties.push_back(
      company("r2", "respondent", "珠海示例电子制造有限公司", "91000000MA0000T02G", "0756-2000003", "孙示例"));
  file.parties.back().dispatchRole = "using";
  file.parties.push_back(person("t1", "third_party", "郑示例", "000000199503120014", "13800000007"));
  return file;
}

// Twelve workers, represented by the first two, with many claims.
inline delivery::CaseFile collectiveCase() {
  delivery::CaseFile file = ordinaryCase();
  file.number = "珠示劳人仲案字〔2026〕000004号";
  file.isCollective = true;
  file.parties.erase(file.parties.begin());
  for (int i = 12; i > 0; --i) {
    const std::string number = std::to_string(i);
    delivery::CaseParty party = person("a" + number, "applicant", "工示例" + number, "000000199503120014",
                                       "138000001" + std::string(i < 10 ? "0" : "") + number);
    party.isRepresented = true;
    file.parties.insert(file.parties.begin(), party);
  }
  file.agents = {agent("g1", "a1", "representative", "工示例1", "2026-07-01"),
                 agent("g2", "a2", "representative", "工示例2", "2026-07-01")};
  file.claims.clear();
  for (int i = 1; i <= 40; ++i) {
    file.claims += (i > 1 ? "\n" : "") + std::to_string(i) + "、支付第" + std::to_string(i) +
                   "项加班工资1234.56元；逾期支付的，加付赔偿金。";
  }
  return file;
}

inline std::vector<std::pair<std::string, delivery::CaseFile>> sampleCases() {
  return {{"ordinary", ordinaryCase()},
          {"simplified", simplifiedCase()},
          {"dispatch", dispatchCase()},
          {"collective", collectiveCase()}};
}

// Every entered value of every kind, each as the kind's form gives it in its example, but for the days of the sample
// cases.
inline delivery::EnteredValues enteredFor(const delivery::DocumentKind& kind) {
  delivery::EnteredValues entered;
  for (const templates::FieldSpec* spec : delivery::enteredValues(kind)) {
    if (!delivery::findCaseValue(spec->name)) entered[spec->name] = spec->example;
  }
  return entered;
}
inline delivery::EnteredValues enteredFor(const delivery::StepSet& step) {
  delivery::EnteredValues entered;
  for (const auto& document : step.documents) entered.merge(enteredFor(delivery::getDocumentKind(document.kind)));
  return entered;
}

struct ReadDocument {
  std::string text;  // pdftotext -raw, without white space
  int pages = 0;
};

// Documents of one form, with a form frozen once a program and fonts cut once for all of them.
inline std::vector<std::string> documentPdfs(const std::vector<templates::Record>& records,
                                             std::string_view templateId) {
  static std::map<std::string, std::shared_ptr<const templates::FrozenTemplate>, std::less<>> kept;
  auto& frozen = kept[std::string(templateId)];
  if (!frozen) {
    frozen = std::make_shared<templates::FrozenTemplate>(templates::getCourtTemplate(templateId),
                                                         templates::FreezeOptions{});
  }
  std::vector<templates::Fault> faults;
  templates::CharacterSet characters;
  for (const templates::Record& record : records) {
    frozen->checkGlyphs(record, faults);
    characters.add(record);
  }
  EXPECT_TRUE(faults.empty()) << (faults.empty() ? "" : faults[0].messageEn);
  templates::Composer composer(frozen, std::make_shared<templates::FieldFonts>(frozen, characters));
  std::vector<std::string> pdfs;
  for (const templates::Record& record : records) {
    templates::Composition composition;
    composer.compose(record, {core::DocumentId::parse("00000000000000000000000001").value(), core::Instant{}, {}},
                     composition);
    pdfs.push_back(frozen->prefix() + composition.tail);
  }
  return pdfs;
}
inline std::string documentPdf(const templates::Record& record, std::string_view templateId) {
  return documentPdfs({record}, templateId).front();
}

inline ReadDocument readDocument(const std::string& pdf) {
  const TempFolder folder;
  core::writeFile(folder / "d.pdf", pdf);
  const Output check = run({"qpdf", "--check", folder / "d.pdf"});
  EXPECT_EQ(check.status, 0) << check.out << check.err;
  EXPECT_EQ(check.err.find("WARNING"), std::string::npos) << check.err;
  const std::string info = run({"pdfinfo", folder / "d.pdf"}).out;
  ReadDocument read;
  read.pages = std::stoi(info.substr(info.find("Pages:") + 6));
  read.text = run({"pdftotext", "-raw", folder / "d.pdf", "-"}).out;
  std::erase_if(read.text, [](char c) { return c == '\n' || c == '\f' || c == ' '; });
  // No tag or mark of the template language is left; eleven stars cover an identity number.
  std::string words = read.text;
  for (std::size_t at; (at = words.find("***********")) != std::string::npos;) words.erase(at, 11);
  for (const char* mark : {"{{", "}}", "**", "##"}) EXPECT_EQ(words.find(mark), std::string::npos) << mark << words;
  return read;
}

}  // namespace qianda::test
