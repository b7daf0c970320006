// A case of labour arbitration (劳动人事争议仲裁案件) as it stands: what its documents are filled from and its service
// records address. Plain values, read from SQL by case_store.h; nothing derived. 调解仲裁法 7, 22-24, 办案规则 20.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "delivery/cases/clock.h"
#include "delivery/service/facts.h"

namespace qianda::delivery {

// An address a document may be served at, with its history: a later one of the same party does not replace it, the
// ground decides.
struct ServiceAddress {
  std::string id, party;
  std::string kind = "postal";  // "postal", "sms", "email", "app"
  std::string recipient;        // 收件人 or 指定代收人, "" for the party itself
  std::string phone, postcode, province, city, district, street;  // postal
  std::string value;                                              // number, mailbox or account of the others
  AddressGround ground = AddressGround::kOpponent;
  core::Date since;      // of the confirmation or the source
  std::string document;  // of the document store: 送达地址确认书, or ""
  bool refusedAfterWarning = false, isOpponentsPlace = false;
  std::optional<core::Date> consentOn, consentWithdrawnOn;  // to electronic service
  std::string state = "active";                             // "withdrawn"
  core::Instant recordedAt{};
  std::string recordedBy;
};

struct CaseParty {
  std::string id;
  std::string role;             // "applicant", "respondent", "third_party"
  std::string kind = "person";  // "organisation"
  std::string name;
  std::string idNumber;             // resident identity number, or unified social credit code
  std::string legalRepresentative;  // of an organisation
  std::string phone;
  std::string dispatchRole;    // 劳务派遣: "dispatching", "using", or "" (法 22: co-parties)
  bool isRepresented = false;  // by a representative chosen among ten or more (法 7)
};

struct CaseAgent {
  std::string id, party;
  std::string kind;  // "agent" 诉讼代理人, "representative" 推举代表, "designated" 指定代收人, "guardian" 法定代理人
  std::string name, idNumber, phone;
  std::string scope;  // 代理权限: "general", "special"
  core::Date since;   // authority on file from then on
  std::optional<core::Date> until;
};

struct CaseFile {
  std::string id, organisation;
  std::string number;                  // 珠劳人仲案字〔2026〕000001号
  std::string cause;                   // 案由
  std::string procedure = "ordinary";  // "simplified" 简易处理
  bool isCollective = false;           // 十人以上
  std::string claims;                  // 仲裁请求, lines
  std::string court;                   // name of the arbitration commission on its documents
  std::vector<std::string> panel;      // 首席仲裁员 first
  std::string clerk;                   // 书记员
  std::string room;                    // 仲裁庭 place of hearings
  std::string state = "received";      // "mediating", "accepted", "heard", "suspended", "closed"
  std::int64_t version = 0;
  std::vector<CaseParty> parties;
  std::vector<CaseAgent> agents;
  std::vector<ServiceAddress> addresses;
  std::vector<CaseEvent> events;  // in order
};

}  // namespace qianda::delivery
