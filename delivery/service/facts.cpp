#include "delivery/service/facts.h"

#include <array>
#include <utility>

namespace qianda::delivery {
namespace {

constexpr std::array<std::pair<ServiceMethod, std::string_view>, 8> kMethods{
    {{ServiceMethod::kDirect, "direct"},
     {ServiceMethod::kLien, "lien"},
     {ServiceMethod::kElectronic, "electronic"},
     {ServiceMethod::kEntrusted, "entrusted"},
     {ServiceMethod::kPostal, "postal"},
     {ServiceMethod::kForwarded, "forwarded"},
     {ServiceMethod::kPublicNotice, "public_notice"},
     {ServiceMethod::kCollection, "collection"}}};

constexpr std::array<std::pair<AddressGround, std::string_view>, 7> kGrounds{
    {{AddressGround::kConfirmed, "confirmed"},
     {AddressGround::kContractClause, "contract_clause"},
     {AddressGround::kPleading, "pleading"},
     {AddressGround::kOtherCase, "other_case"},
     {AddressGround::kUsedWithinYear, "used_within_year"},
     {AddressGround::kRegistered, "registered"},
     {AddressGround::kOpponent, "opponent"}}};

constexpr std::array<std::pair<EvidenceKind, std::string_view>, 17> kEvidence{
    {{EvidenceKind::kReturnReceipt, "return_receipt"},
     {EvidenceKind::kSystemSent, "system_sent"},
     {EvidenceKind::kRead, "read"},
     {EvidenceKind::kReplied, "replied"},
     {EvidenceKind::kArrivalProof, "arrival_proof"},
     {EvidenceKind::kWitness, "witness"},
     {EvidenceKind::kPhoto, "photo"},
     {EvidenceKind::kVideo, "video"},
     {EvidenceKind::kNote, "note"},
     {EvidenceKind::kRefusal, "refusal"},
     {EvidenceKind::kLeft, "left"},
     {EvidenceKind::kReceiptImage, "receipt_image"},
     {EvidenceKind::kReceiptUnreadable, "receipt_unreadable"},
     {EvidenceKind::kContentsMismatch, "contents_mismatch"},
     {EvidenceKind::kContentsReturned, "contents_returned"},
     {EvidenceKind::kNoticePosted, "notice_posted"},
     {EvidenceKind::kSendFailed, "send_failed"}}};

constexpr std::array<std::pair<HumanDecision, std::string_view>, 6> kDecisions{{{HumanDecision::kConfirm, "confirm"},
                                                                                {HumanDecision::kReject, "reject"},
                                                                                {HumanDecision::kContest, "contest"},
                                                                                {HumanDecision::kUphold, "uphold"},
                                                                                {HumanDecision::kRevoke, "revoke"},
                                                                                {HumanDecision::kVoid, "void"}}};

template <class Value, std::size_t Size>
std::string_view nameIn(const std::array<std::pair<Value, std::string_view>, Size>& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return {};
}
template <class Value, std::size_t Size>
std::optional<Value> findIn(const std::array<std::pair<Value, std::string_view>, Size>& table, std::string_view name) {
  for (const auto& [value, known] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view nameOf(ServiceMethod method) { return nameIn(kMethods, method); }
std::string_view nameOf(AddressGround ground) { return nameIn(kGrounds, ground); }
std::string_view nameOf(EvidenceKind kind) { return nameIn(kEvidence, kind); }
std::string_view nameOf(HumanDecision decision) { return nameIn(kDecisions, decision); }
std::optional<ServiceMethod> findServiceMethod(std::string_view name) { return findIn(kMethods, name); }
std::optional<AddressGround> findAddressGround(std::string_view name) { return findIn(kGrounds, name); }
std::optional<EvidenceKind> findEvidenceKind(std::string_view name) { return findIn(kEvidence, name); }
std::optional<HumanDecision> findHumanDecision(std::string_view name) { return findIn(kDecisions, name); }

}  // namespace qianda::delivery
