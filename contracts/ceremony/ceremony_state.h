// How far one ceremony is: its row, read and changed under the lock of its envelope. For the sources of this folder.
#pragma once

#include "contracts/ceremony/ceremony.h"

namespace qianda::contracts {

struct CeremonyRow {
  std::string noticeVersion, pagesRead, strokes;
  std::int64_t opened = 0, acknowledged = 0, compared = 0, coded = 0, faced = 0, identified = 0, reading = 0, read = 0,
               strokesAt = 0, willing = 0, copied = 0;
};

struct Standing {
  Envelope envelope;
  Party party;
  CeremonyRow row;
  Step step = Step::kNotice;
};

// Locks the envelope; makes the row on the first visit, with its event. Throws kConflict when it is not the party's
// turn, "over" when nothing can be done any more.
Standing stand(storage::Transaction& transaction, CeremonyServices& services, const Bearer& bearer, core::Instant now);
// Reads only; the row is empty before the first visit.
Standing look(storage::Transaction& transaction, CeremonyServices& services, const Bearer& bearer);
// Throws kConflict, naming the step that comes next.
void require(const Standing& standing, Step step);
// Sets one column of the ceremony's row.
void setColumn(storage::Transaction& transaction, const Standing& standing, const std::string& column,
               const storage::Value& value);
Actor actorOf(const Bearer& bearer);
// Counts of a PDF's pages; throws kCorrupt when it is none.
std::size_t countPages(const std::string& pdf);
bool isDevelopment(const CeremonyServices& services);

}  // namespace qianda::contracts
