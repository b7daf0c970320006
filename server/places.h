// Where a service keeps what it keeps, as its configuration says. For the service itself and for what works on the same
// data beside it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "server/config/configuration.h"
#include "storage/backup/backup.h"
#include "storage/document_store.h"
#include "storage/redis/redis.h"
#include "storage/sql/database.h"

namespace qianda::server {

// Made when missing.
std::filesystem::path dataFolder(const Configuration& configuration);
std::string databaseAddress(const Configuration& configuration);
// `readOnly`: beside a service that runs; nothing is written.
std::unique_ptr<storage::DocumentStore> openDocuments(const Configuration& configuration, storage::Database& database,
                                                      bool readOnly = false);
// Null when none is configured. Nobody is asked yet.
std::unique_ptr<storage::Redis> openRedis(const Configuration& configuration);
storage::BackupPlace backupPlace(const Configuration& configuration);

// Where people find the service: "https://sign.example.cn".
std::string publicAddress(const Configuration& configuration);
// What stands before a document's id in its QR code, upper case, which keeps the code small: "HTTPS://.../V/".
std::string verificationAddress(const Configuration& configuration);

}  // namespace qianda::server
