// The four conditions of a reliable electronic signature, 中华人民共和国电子签名法 (2019) article 13, answered one by
// one from a verdict. What a file cannot show (who held the key) is answered as far as certificate and revocation go;
// the record of the signing ceremony completes it.
#pragma once

#include "signing/verify/verifier.h"

namespace qianda::signing::verify {

void judgeLaw13(SignatureVerdict& verdict);

}  // namespace qianda::signing::verify
