// The key and the look of one person's signature: a key drawn for this ceremony alone, held in memory for one attempt
// and nowhere else, a short-lived certificate in the person's name that names the ceremony (signing/ca/profiles.h
// "event"), and the handwriting that was given in it (电子签名法 13 (1), (2)).
#pragma once

#include "contracts/envelope/envelope.h"
#include "contracts/envelope/seal_source.h"
#include "contracts/envelope/services.h"

namespace qianda::contracts {

// `strokes`: as kept in the ceremony; empty: no visible handwriting. Throws kUnavailable when the authority is silent.
OpenedSeal openPersonSigner(EnvelopeServices& services, const Envelope& envelope, const Party& party,
                            const std::string& strokes);

}  // namespace qianda::contracts
