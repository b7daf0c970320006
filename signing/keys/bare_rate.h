// The limit every batch is measured against: how many bare signatures a second the machine makes.
#pragma once

#include <chrono>
#include <string_view>

namespace qianda::signing {

// EVP_PKEY_sign over a digest with one kept context per thread, `threads` at once for `duration`; a throwaway key of
// that kind (as makeThrowawayCredential). Signatures a second and thread.
double measureBareRate(std::string_view kind, unsigned threads, std::chrono::milliseconds duration);

}  // namespace qianda::signing
