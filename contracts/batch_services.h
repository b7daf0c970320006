// The outside world of a batch: a timestamp authority and a source of revocation data, asked patiently. A service that
// does not answer is asked again until the patience is over; then the batch waits for it in an explicit state, and no
// contract is made at a lower level. Revocation answers are kept for some minutes, as all contracts of a batch ask for
// the same certificates. Thread-safe; what is wrapped outlives this.
#pragma once

#include <memory>
#include <string>

#include "signing/pades/long_term.h"
#include "signing/trust/patience.h"

namespace qianda::contracts {

class BatchServices {
 public:
  BatchServices(const signing::LongTermServices& outside, const signing::Patience& patience);
  ~BatchServices();

  const signing::TimestampSource* time() const;  // null: none configured
  const signing::LongTermServices& longTerm() const { return patient_; }
  // What was given up on: "pending_timestamp", "pending_revocation", or "".
  std::string waitingFor() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  signing::LongTermServices patient_;
};

}  // namespace qianda::contracts
