#include "server/places.h"

#include <algorithm>

#include "core/error.h"
#include "storage/object_document_store.h"
#include "storage/objects/s3_object_store.h"
#include "storage/segment_document_store.h"

namespace qianda::server {

using core::Error;
using core::ErrorCode;

std::filesystem::path dataFolder(const Configuration& configuration) {
  const std::filesystem::path folder = configuration.text("data-folder");
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw Error(ErrorCode::kSystem, "cannot make the folder " + folder.string() + ": " + failure.message());
  return folder;
}

std::string databaseAddress(const Configuration& configuration) {
  const std::string& address = configuration.text("database");
  return address.empty() ? "sqlite:" + (dataFolder(configuration) / "qianda.sqlite").string() : address;
}

std::unique_ptr<storage::DocumentStore> openDocuments(const Configuration& configuration, storage::Database& database,
                                                      bool readOnly) {
  const std::string& address = configuration.text("documents");
  if (address.empty()) {
    storage::StoreOptions options;
    options.readOnly = readOnly;
    return std::make_unique<storage::SegmentDocumentStore>(dataFolder(configuration) / "documents", options);
  }
  return std::make_unique<storage::ObjectDocumentStore>(
      database, std::make_unique<storage::S3ObjectStore>(
                    storage::parseS3Address(address, configuration.text("documents-key-file"))));
}

std::unique_ptr<storage::Redis> openRedis(const Configuration& configuration) {
  const std::string& address = configuration.text("redis");
  return address.empty() ? nullptr : std::make_unique<storage::Redis>(storage::parseRedisAddress(address));
}

storage::BackupPlace backupPlace(const Configuration& configuration) {
  return {configuration.text("data-folder"), databaseAddress(configuration), configuration.text("documents").empty()};
}

std::string publicAddress(const Configuration& configuration) {
  if (const std::string& url = configuration.text("public-url"); !url.empty()) return url;
  return (configuration.flag("tls") ? "https://" : "http://") + configuration.text("listen") + ":" +
         std::to_string(configuration.integer("port"));
}

std::string verificationAddress(const Configuration& configuration) {
  if (const std::string& address = configuration.text("verification-address"); !address.empty()) return address;
  std::string address = publicAddress(configuration) + "/v/";
  std::transform(address.begin(), address.end(), address.begin(), [](unsigned char c) { return std::toupper(c); });
  return address;
}

}  // namespace qianda::server
