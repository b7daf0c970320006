// The tables of the catalogue and how an older one is brought forward: each entry of the list is one version's
// statements, applied in one transaction with its number. A newer catalogue than this program knows is kUnsupported.
#pragma once

#include <Poco/Data/Session.h>

namespace qianda::storage {

// Applies the versions that are missing; with `readOnly` only checks that none is.
void bringUpToDate(Poco::Data::Session& session, bool readOnly);

}  // namespace qianda::storage
