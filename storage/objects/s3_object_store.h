// Objects in a bucket of a service that speaks the S3 protocol, through libs3. The version of libs3 decides how
// requests are signed: Debian 12's 2.0 with AWS signature version 2, later ones with version 4. A stalled transfer ends
// after 15 seconds (libs3).
#pragma once

#include <filesystem>
#include <memory>

#include "storage/objects/object_store.h"

namespace qianda::storage {

struct S3Options {
  std::string host;    // "s3.example.cn:9000"
  std::string bucket;  // must exist
  std::string accessKey, secretKey;
  bool tls = true;
  bool pathStyle = true;  // https://host/bucket/name rather than https://bucket.host/name
  std::string folder;     // put before every name, "qianda/"
  int tries = 4;
};

// "s3://bucket.of.ours/folder?host=s3.example.cn:9000&style=path&tls=no"; the keys come from a file with two lines,
// access key and secret key, readable for its owner alone. Throws kUsage naming what is wrong.
S3Options parseS3Address(const std::string& address, const std::filesystem::path& keyFile);

class S3ObjectStore : public ObjectStore {
 public:
  // Asks whether the bucket can be reached: kUnavailable or kUsage otherwise.
  explicit S3ObjectStore(S3Options options);
  ~S3ObjectStore() override;

  void put(const std::string& name, std::string_view octets) override;
  std::string get(const std::string& name, std::uint64_t start, std::optional<std::uint64_t> length) override;
  void remove(const std::string& name) override;
  std::string describe() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::storage
