// What envelopes need of the house, gathered once by who starts it; all of it outlives its users and is thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "contracts/envelope/notices.h"
#include "contracts/envelope/seal_source.h"
#include "core/time.h"
#include "signing/ca/certificate_issuer.h"
#include "signing/pades/long_term.h"
#include "signing/trust/patience.h"
#include "signing/verify/verifier.h"
#include "storage/document_store.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct EnvelopePolicy {
  std::chrono::milliseconds linkLifetime = std::chrono::hours(72);
  std::chrono::milliseconds deadline = std::chrono::days(30);  // of an envelope that names none
  std::chrono::milliseconds reminderInterval = std::chrono::days(2);
  std::int64_t mostReminders = 5;
  std::chrono::milliseconds erasureNotice = std::chrono::days(30);  // between telling the persons and erasing
  std::chrono::milliseconds firstRetry = std::chrono::seconds(15), longestRetry = std::chrono::minutes(10);
  std::string signingAddress = "https://127.0.0.1/sign/#";  // the link is this and the secret
  std::string copyAddress = "https://127.0.0.1/my-contracts";
};

struct EnvelopeServices {
  storage::Database& database;
  storage::DocumentStore& documents;
  const signing::Verifier& verifier;  // its anchors: who seals, who certifies workers, who stamps
  signing::LongTermServices outside;  // `time` is needed for every signature
  signing::CertificateIssuer& issuer;
  SealSource& seals;
  NoticeChannel& notices;
  signing::Patience patience{2, std::chrono::milliseconds(500)};  // within one attempt
  std::string workerKeyKind = "p256";                             // "p256", "rsa2048", "sm2"
  EnvelopePolicy policy;
  std::function<core::Instant()> clock = core::now;
  std::function<void(const char* step)> atStep = [](const char*) {};  // where tests break in
};

}  // namespace qianda::contracts
