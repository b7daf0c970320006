// A store in its own temporary folder, and documents to put into it.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/error.h"
#include "storage/segment_document_store.h"

namespace qianda::storage {

inline std::string octetsOf(std::uint64_t seed, std::size_t size) {
  std::string octets(size, '\0');
  for (char& octet : octets) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    octet = static_cast<char>(seed >> 56);
  }
  return octets;
}

inline BatchRow makeBatch(const std::string& key) {
  BatchRow row;
  row.id = core::DocumentId::random().text();
  row.idempotencyKey = key;
  row.requestDigest = std::string(64, 'a');
  row.templateId = "labour-general";
  row.templateVersion = "1.0.0";
  row.rows = 100;
  row.createdAt = core::now();
  return row;
}

inline NewDocument makeDocument(const std::string& batch, std::uint64_t row, const Sha256& prefix, std::size_t size) {
  return {core::DocumentId::random(), batch, row, prefix, octetsOf(row, size), core::now()};
}

template <typename Work>
core::ErrorCode codeOf(Work&& work) {
  try {
    work();
  } catch (const core::Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return core::ErrorCode::kUsage;
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "qianda-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path segment(int number) const {
    return folder_ / "segments" / ("0000000" + std::to_string(number) + ".seg");
  }

  std::filesystem::path folder_;
};

}  // namespace qianda::storage
