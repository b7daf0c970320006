// TLS of the service: 1.2 and 1.3 only, forward secrecy and AEAD only. Without a certificate of its own it makes a
// development one on the first run: self-signed, named as such, for this machine alone; its key has mode 0600.
#pragma once

#include <filesystem>
#include <string>

#include <Poco/Net/Context.h>

namespace qianda::server {

struct TlsFiles {
  std::filesystem::path certificate, key;  // PEM
};

// FOLDER/development-tls.crt and .key, valid for localhost, 127.0.0.1, ::1 and `listen`; made when missing, and again
// when they have expired or name another address.
TlsFiles developmentTls(const std::filesystem::path& folder, const std::string& listen);

// Throws kUsage when the files are no certificate with its key.
Poco::Net::Context::Ptr tlsContext(const TlsFiles& files);

}  // namespace qianda::server
