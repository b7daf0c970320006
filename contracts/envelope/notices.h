// How people hear of an envelope: the interface behind which SMS, mail or an app's channel stand, and the log of what
// was sent over it (人社厅发〔2021〕54号 10, 11: the employer tells the worker and prompts for the download). A notice
// is durable work; its link is drawn when it is sent, and only the link's hash is kept.
#pragma once

#include <string>

#include "core/time.h"

namespace qianda::contracts {

struct Notice {
  std::string kind;  // "invitation", "reminder", "completed", "declined", "revoked", "expired", "erasure"
  std::string envelope, party, title;
  std::string recipient;  // the person's or the organisation's name
  std::string phone;      // of a person
  std::string organisation;
  std::string link;    // with its secret; empty when there is nothing to open
  std::string reason;  // of "erasure": the day until which a copy may be fetched
};

struct NoticeReceipt {
  std::string channel;    // "sms", "development"
  std::string requestId;  // of the provider
};

class NoticeChannel {
 public:
  virtual ~NoticeChannel() = default;
  // Throws kUnavailable when it could not be handed over: it is tried again. Thread-safe.
  virtual NoticeReceipt send(const Notice& notice) = 0;
};

}  // namespace qianda::contracts
