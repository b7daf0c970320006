// What a ruling on service is made from: everything that is known of one service record (a case's documents for one
// recipient), as plain values read from its event log. Nothing here is derived. Days and hours are instants; the legal
// day is that of China. Terms: docs/service-of-documents.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "delivery/post/parcel.h"

namespace qianda::delivery {

enum class ServiceMethod {
  kDirect,        // 直接送达, 民诉法 88
  kLien,          // 留置送达, 89
  kElectronic,    // 电子送达, 90
  kEntrusted,     // 委托送达, 91
  kPostal,        // 邮寄送达, 91
  kForwarded,     // 转交送达, 92-94
  kPublicNotice,  // 公告送达, 95
  kCollection,    // 通知领取, 民诉法解释 131
};

enum class AddressGround {
  kConfirmed,       // 送达地址确认书
  kContractClause,  // agreed in the contract
  kPleading,        // given in the party's own pleading
  kOtherCase,       // of another case within a year
  kUsedWithinYear,  // used by the party within a year
  kRegistered,      // 户籍/经常居住地, or the registered 住所
  kOpponent,        // known from the other party alone
};

struct AddressFacts {
  std::string id;
  AddressGround ground = AddressGround::kOpponent;
  core::Instant since{};                   // on file from then on
  bool refusedAfterWarning = false;        // gave none although warned, in the minutes (笔录): 法院专递规定 5
  bool isOpponentsPlace = false;           // employer's dormitory or mailroom: the opponent would sign
  std::optional<core::Instant> consentAt;  // to electronic service (民诉法 90)
  std::optional<core::Instant> consentWithdrawnAt;
};

// Something that was put on file about an attempt. `at` is when it happened, `recordedAt` when it was filed.
enum class EvidenceKind {
  kReturnReceipt,  // 送达回证 signed; signer says by whom
  kSystemSent,     // our system's "sent OK" (电子)
  kRead,           // read receipt
  kReplied,        // replied or acted on it
  kArrivalProof,   // the addressee proves another time of arrival
  kWitness,        // representative of a 基层组织/单位 signed
  kPhoto,
  kVideo,
  kNote,               // note of two staff (说明)
  kRefusal,            // refused to take or sign
  kLeft,               // left at the place, or posted there (留置/张贴)
  kReceiptImage,       // scanned 返单
  kReceiptUnreadable,  // its image cannot be read
  kContentsMismatch,   // addressee objected on the spot
  kContentsReturned,   // sent back within three days
  kNoticePosted,       // 公告 published at one place
  kSendFailed,         // electronic message bounced
};

struct EvidenceFacts {
  std::string id;
  EvidenceKind kind = EvidenceKind::kNote;
  core::Instant at{}, recordedAt{};
  SignerClass signer = SignerClass::kNone;
  bool hasIdNumber = false;
  int staff = 0;         // kNote: how many signed it
  std::string document;  // of the document store, or ""
  std::string text;
};

struct AttemptFacts {
  std::string id;
  int number = 0;  // 1, 2, 3 ... of the record
  ServiceMethod method = ServiceMethod::kPostal;
  core::Instant startedAt{};
  AddressFacts address;
  std::optional<ParcelView> parcel;  // kPostal
  std::vector<EvidenceFacts> evidence;
  bool signerAuthorised = false;  // agent or designated recipient: authority on file before the date (E3)
  bool isWithdrawn = false;       // given up by us
};

// What a named person decided. The machine proposes DEEMED and every doubtful case, a person confirms it.
enum class HumanDecision { kConfirm, kReject, kContest, kUphold, kRevoke, kVoid };

struct DecisionFacts {
  HumanDecision decision = HumanDecision::kConfirm;
  std::string attempt;  // about which
  std::string by, reason;
  core::Instant at{};
  std::optional<core::Date> legalDate;  // set by the person where the machine may not
  std::string ending = {};              // kConfirm: the one the person saw; it confirms no other. "": whichever it is
};

struct RecordFacts {
  bool isOrganisation = false;           // the recipient
  bool isSimplified = false;             // 简易处理
  bool hasMediationStatement = false;    // 调解书 among the documents
  bool hasConcludingDocument = false;    // 结案类: 裁决书, 调解书, 决定书
  bool publicNoticeGrounded = false;     // other ways exhausted, reason on file
  bool isCollective = false;             // 十人以上: a local rule may shorten the public notice
  std::vector<AttemptFacts> attempts;    // by number
  std::vector<DecisionFacts> decisions;  // by time
};

std::string_view nameOf(ServiceMethod method);
std::string_view nameOf(AddressGround ground);
std::string_view nameOf(EvidenceKind kind);
std::string_view nameOf(HumanDecision decision);
std::optional<ServiceMethod> findServiceMethod(std::string_view name);
std::optional<AddressGround> findAddressGround(std::string_view name);
std::optional<EvidenceKind> findEvidenceKind(std::string_view name);
std::optional<HumanDecision> findHumanDecision(std::string_view name);

}  // namespace qianda::delivery
