// Electronic service (民诉法 90, 电子签名法 11): the recipient is told at the confirmed address and gets a link that
// opens the documents. That our system sent it well, and that the recipient opened them, are filed as evidence; which
// day that makes is for the ruling to say. The link's secret is drawn when it is sent and only its digest is kept.
// Functions on a Transaction, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delivery/service/record_store.h"

namespace qianda::delivery {

struct ElectronicMessage {
  std::string record, organisation, party;
  std::string court, caseNumber, recipient;
  std::string kind, address;  // "sms", "email", "app" and the number, mailbox or account
  std::string titles;         // of the documents
};
// Nothing when the attempt was given up or its sending is on file: there is nothing left to send.
std::optional<ElectronicMessage> findElectronicMessage(storage::Transaction& transaction, const std::string& attempt);
// The secret of a new link.
std::string drawServiceLink(storage::Transaction& transaction, const std::string& attempt, core::Instant now);
void noteSent(storage::Transaction& transaction, const ElectronicMessage& message, const std::string& attempt,
              const std::string& receipt, core::Instant sentAt, core::Instant now);
void noteSendFailed(storage::Transaction& transaction, const ElectronicMessage& message, const std::string& attempt,
                    const std::string& reason, core::Instant now);

struct OpenedService {
  std::string record, organisation, attempt, court, caseNumber, recipient;
  struct Document {
    std::string id, title, sha256;
  };
  std::vector<Document> documents;
};
// Who has the secret; throws kNotFound.
OpenedService openServiceLink(storage::Transaction& transaction, const std::string& secret);
// The first opening of a document is filed as read; later ones change nothing.
void noteRead(storage::Transaction& transaction, const OpenedService& opened, const std::string& peer,
              const std::string& device, core::Instant now);

}  // namespace qianda::delivery
