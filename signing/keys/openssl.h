// The handles of OpenSSL's objects and its error queue. OpenSSL queues errors per thread; whoever sees a call fail
// empties the queue into the Error it throws (or drops it), so that no later caller finds a stale one.
#pragma once

#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::signing {

using BioHandle = core::Handle<BIO, &BIO_free_all>;
using DigestHandle = core::Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using KeyHandle = core::Handle<EVP_PKEY, &EVP_PKEY_free>;
using KeyContextHandle = core::Handle<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using X509Handle = core::Handle<X509, &X509_free>;

// Empties this thread's queue: "reason; reason", oldest first, or "" when it was empty.
std::string takeOpensslErrors();
// Error(code, message + ": " + takeOpensslErrors()); the client is told `message` alone.
[[noreturn]] void throwOpenssl(core::ErrorCode code, const std::string& message);

}  // namespace qianda::signing
