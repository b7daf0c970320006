// A postal partner as the house sees it: it takes orders, cancels them, gives labels, and says what happened to an
// item. Adapters speak a partner's own protocol (china_post.h, signed_json.h) over a transport that is given to them,
// as only the server knows HTTP. A call ends in an answer, a refusal (a business reason: never asked again blindly) or,
// when nobody knows whether it had effect, kUnknown (P6). The order number is the idempotency key. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "delivery/post/mail_event.h"

namespace qianda::delivery {

struct WireRequest {
  std::string method = "POST";
  std::string path;  // appended to the partner's address, "" for none
  std::vector<std::pair<std::string, std::string>> headers;
  core::Bytes body;
};
struct WireReply {
  int status = 0;
  std::string contentType;
  core::Bytes body;
};
// Throws core::Error kUnavailable when no whole answer came in time.
using Wire = std::function<WireReply(const WireRequest&)>;

struct PostalAddress {
  std::string name, phone, postcode, province, city, district, street;
};

struct PostalOrder {
  std::string orderNo;  // ours, unique for ever (logisticsOrderNo)
  PostalAddress from, to;
  std::vector<std::string> contents;  // titles of the documents in the envelope
  int pages = 0;
  bool wantsReceipt = false;  // 返单: the signed receipt travels back under its own number
};

struct PartnerAnswer {
  enum class How { kDone, kRefused, kUnknown, kNotFound } how = How::kUnknown;
  std::string waybill, returnWaybill;
  std::string code, reason;       // as the partner says
  core::Bytes raw;                // what came over the wire, decoded where the protocol encodes
  core::Bytes label;              // PDF, of label()
  core::Bytes image;              // scan of the signed receipt, of receipt(): PNG, JPEG or PDF
  std::vector<MailEvent> events;  // of track(); key, waybill and everything told, `receivedAt` and `message` left empty
};

class PostalPartner {
 public:
  virtual ~PostalPartner() = default;
  virtual const std::string& name() const = 0;
  virtual PartnerAnswer order(const PostalOrder& order, core::Instant now) = 0;
  virtual PartnerAnswer cancel(const std::string& orderNo, const std::string& waybill, const std::string& reason,
                               core::Instant now) = 0;
  virtual PartnerAnswer label(const std::string& orderNo, const std::string& waybill, core::Instant now) = 0;
  // Was it ordered? kDone with the waybill, kNotFound when proven absent.
  virtual PartnerAnswer query(const std::string& orderNo, core::Instant now) = 0;
  virtual PartnerAnswer track(const std::string& waybill, core::Instant now) = 0;
  // The scanned receipt (返单) under its own waybill: kNotFound while there is none.
  virtual PartnerAnswer receipt(const std::string& returnWaybill, core::Instant now);
};

inline PartnerAnswer PostalPartner::receipt(const std::string&, core::Instant) {
  PartnerAnswer answer;
  answer.how = PartnerAnswer::How::kNotFound;
  return answer;
}

// What a partner sent us.
struct PushMessage {
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  core::Bytes body;
  std::string peer;  // address of the sender
};
struct PushReading {
  enum class Verdict {
    kGood,         // its events may take effect
    kQuarantined,  // kept and answered well, without effect: stale, an unknown waybill is for the caller to see
    kForged,       // wrong signature, sender or method
    kGarbage,      // cannot be read
  } verdict = Verdict::kGarbage;
  std::string reason;
  std::string messageKey;  // the partner's id of this message, or the digest of its octets: for replays
  std::string serial;      // the partner's own number of the message, for the answer, or ""
  std::vector<MailEvent> events;
};
struct PushAnswer {
  int status = 200;
  std::string contentType;
  core::Bytes body;
};
// The way in of a partner: checks, decodes, and words the answer. Pure; `now` judges the time window.
class PushReader {
 public:
  virtual ~PushReader() = default;
  virtual PushReading read(const PushMessage& message, core::Instant now) const = 0;
  // `accepted`: committed. Otherwise the partner shall send it again.
  virtual PushAnswer answer(const PushReading& reading, bool accepted) const = 0;
};

}  // namespace qianda::delivery
