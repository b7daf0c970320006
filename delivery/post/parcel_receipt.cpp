#include "delivery/post/parcel_receipt.h"

#include "core/digest.h"
#include "core/id.h"
#include "delivery/service/record_store.h"

namespace qianda::delivery {
namespace {

using storage::Transaction;

// The partner may tell of the receipt before its scan is there.
constexpr std::int64_t kMostLooks = 5;

bool isOnFile(Transaction& t, const std::string& attempt) {
  return t
      .findRow("SELECT 1 FROM service_evidence WHERE attempt = $1 AND kind IN ('receipt_image', 'receipt_unreadable')",
               {attempt})
      .has_value();
}

}  // namespace

TaskEnd fetchReceipt(const PostalHouse& house, storage::DocumentStore& documents, const PostalTask& task) {
  using How = PartnerAnswer::How;
  const TaskEnd nothing{TaskEnd::How::kDone, {}, {}, TaskEnd::Partner::kNotAsked};
  Parcel parcel;
  std::optional<core::Instant> arrived;
  bool isFiled = false;
  house.database.read([&](Transaction& t) {
    parcel = getParcel(t, task.parcel);
    arrived = viewOf(t, parcel, house.policy.stale, house.clock()).receiptArrivedAt;
    isFiled = isOnFile(t, parcel.attempt);
  });
  if (!arrived || isFiled || parcel.returnWaybill.empty()) return nothing;
  const PartnerAnswer answer = house.partner(task.partner).receipt(parcel.returnWaybill, house.clock());
  if (answer.how == How::kUnknown) return {TaskEnd::How::kAgain, answer.reason, {}, TaskEnd::Partner::kFailed};
  const bool hasImage = answer.how == How::kDone && !answer.image.empty();
  if (!hasImage && task.attempts < kMostLooks) {
    return {TaskEnd::How::kAgain, "there is no scan yet", {}, TaskEnd::Partner::kAnswered};
  }
  const core::Instant now = house.clock();
  NewEvidence evidence;
  evidence.attempt = parcel.attempt;
  evidence.kind = hasImage ? EvidenceKind::kReceiptImage : EvidenceKind::kReceiptUnreadable;
  evidence.at = *arrived;
  evidence.text = hasImage ? parcel.returnWaybill : answer.code + " " + answer.reason;
  if (hasImage) {
    const core::DocumentId id = core::DocumentId::at(now);
    documents.appendWhole(id, core::textOf(answer.image), now);
    evidence.document = id.text();
    evidence.sha256 = core::sha256Hex(core::textOf(answer.image));
  }
  house.database.write([&](Transaction& t) {
    finishTask(t, task, now);
    if (isOnFile(t, parcel.attempt)) return;
    addEvidence(t, {parcel.organisation, "partner:" + parcel.partner, "", ""}, parcel.record, evidence, now);
  });
  return {TaskEnd::How::kFinished, {}, {}, TaskEnd::Partner::kAnswered};
}

}  // namespace qianda::delivery
