// The text of a proof of deletion: one line of JSON, members in a fixed order, without any person's name or number.
#pragma once

#include "contracts/retention/orders.h"

namespace qianda::contracts {

struct ToldPerson {
  std::string party;
  core::Instant at;
};
struct ErasureFacts {
  Envelope envelope;
  std::vector<Revision> revisions;
  RetentionState state;
  ErasureOrder order;
  std::vector<ToldPerson> told;
  std::size_t documents = 0;  // erased, with those that no revision names
};

std::string erasureStatement(const ErasureFacts& facts, const std::string& node, core::Instant erased);

}  // namespace qianda::contracts
