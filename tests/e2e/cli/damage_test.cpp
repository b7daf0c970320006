// A data folder that lost octets: the next run says what is damaged and whose contract it is, exits with 3, and writes
// every contract that is still whole.
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRows = 40;
constexpr std::uint32_t kDocument = 1, kPrefix = 2;
constexpr std::size_t kHeaderOctets = 104;

// Records as docs/storage.md describes them.
struct Record {
  std::size_t at = 0;
  std::uint64_t length = 0, row = 0;
};

std::vector<Record> recordsOf(const std::string& segment, std::uint32_t type) {
  std::vector<Record> records;
  for (std::size_t at = segment.find("QREC"); at != std::string::npos; at = segment.find("QREC", at + 4)) {
    std::uint32_t found = 0;
    std::memcpy(&found, segment.data() + at + 4, sizeof found);
    if (found != type) continue;
    Record record{at, 0, 0};
    std::memcpy(&record.length, segment.data() + at + 8, sizeof record.length);
    std::memcpy(&record.row, segment.data() + at + 80, sizeof record.row);
    records.push_back(record);
  }
  return records;
}

class DamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sampleRoster(folder_, kRows).write(folder_ / "roster.csv");
    job_ = {folder_ / "data", folder_ / "out", folder_ / "roster.csv"};
    const Output made = job_.run();
    ASSERT_EQ(made.status, 0) << made.err;
    before_ = filesOf(job_.out);
    fs::remove_all(job_.out);
    segment_ = job_.data / "segments" / "00000001.seg";
    octets_ = core::readFile(segment_);
  }
  Record recordOf(std::uint64_t row) const {
    for (const Record& record : recordsOf(octets_, kDocument)) {
      if (record.row == row) return record;
    }
    throw std::runtime_error("no record of that row");
  }
  std::string nameOf(std::size_t row) const {
    for (const auto& [name, octets] : before_) {
      if (rowOf(name) == row) return name;
    }
    throw std::runtime_error("no file of that row");
  }
  // Runs again over a damaged store: everything but `lost` is exported as before, and `lost` are named.
  void expectLost(const std::set<std::size_t>& lost) const {
    const Output again = job_.run();
    EXPECT_EQ(again.status, 3) << again.err;
    const Json report = jsonObject(again.out);
    EXPECT_EQ(number(report, "created"), 0u);
    EXPECT_GE(report->getArray("damage")->size(), lost.size());
    std::map<std::string, std::string> whole = before_;
    for (const std::size_t row : lost) {
      const std::string name = nameOf(row);
      EXPECT_THAT(again.err, ::testing::HasSubstr(idOf(name))) << "row " << row;
      EXPECT_THAT(again.out, ::testing::HasSubstr(idOf(name))) << "row " << row;
      whole.erase(name);
    }
    EXPECT_TRUE(filesOf(job_.out) == whole) << "other files than before";
    for (const auto& [name, octets] : whole) {
      EXPECT_THAT(again.err, ::testing::Not(::testing::HasSubstr(idOf(name)))) << "a sound contract is called damaged";
    }
    const Output checked = qianda({"store", "check", "--data", job_.data, "--json"});
    EXPECT_EQ(checked.status, 3);
    EXPECT_FALSE(jsonObject(checked.out)->getValue<bool>("sound"));
  }

  TempFolder folder_;
  Batch job_;
  fs::path segment_;
  std::string octets_;
  std::map<std::string, std::string> before_;
};

TEST_F(DamageTest, OneOctetOfOneContract) {
  const Record record = recordOf(17);
  octets_[record.at + kHeaderOctets + record.length / 2] ^= 1;
  core::writeFile(segment_, octets_);
  expectLost({17});
}

TEST_F(DamageTest, OneOctetOfARecordHeader) {
  octets_[recordOf(23).at + 50] ^= 0x10;
  core::writeFile(segment_, octets_);
  expectLost({23});
}

TEST_F(DamageTest, OctetsOfTwoContracts) {
  octets_[recordOf(1).at + kHeaderOctets] ^= 1;
  const Record last = recordOf(kRows);
  octets_[last.at + kHeaderOctets + last.length - 1] ^= 1;
  core::writeFile(segment_, octets_);
  expectLost({1, kRows});
}

TEST_F(DamageTest, ATruncatedSegmentLosesOnlyItsEnd) {
  std::vector<Record> records = recordsOf(octets_, kDocument);
  ASSERT_EQ(records.size(), kRows);
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.at < b.at; });
  const Record& cut = records[kRows / 2];
  octets_.resize(cut.at + kHeaderOctets + cut.length / 2);
  core::writeFile(segment_, octets_);
  std::set<std::size_t> lost;
  for (std::size_t i = kRows / 2; i < kRows; ++i) lost.insert(records[i].row);
  expectLost(lost);
}

TEST_F(DamageTest, AMissingSegmentLosesEverythingAndSaysSo) {
  fs::remove(segment_);
  std::set<std::size_t> lost;
  for (std::size_t row = 1; row <= kRows; ++row) lost.insert(row);
  const Output again = job_.run();
  EXPECT_EQ(again.status, 3) << again.err;
  for (const auto& [name, octets] : before_) EXPECT_THAT(again.err, ::testing::HasSubstr(idOf(name)));
  EXPECT_TRUE(filesOf(job_.out).empty());
}

// What all contracts share can be made again, and is.
TEST_F(DamageTest, ADamagedPrefixIsMended) {
  const std::vector<Record> prefixes = recordsOf(octets_, kPrefix);
  ASSERT_EQ(prefixes.size(), 1u);
  octets_[prefixes[0].at + kHeaderOctets + prefixes[0].length / 2] ^= 1;
  core::writeFile(segment_, octets_);
  const Output again = job_.run();
  EXPECT_EQ(again.status, 3) << again.err;
  EXPECT_TRUE(filesOf(job_.out) == before_);
}

TEST_F(DamageTest, ADamagedExportIsWrittenAgain) {
  ASSERT_EQ(job_.run().status, 0);
  const std::string name = nameOf(5);
  std::string spoilt = before_.at(name);
  spoilt[spoilt.size() / 2] ^= 1;
  core::writeFile(job_.out / name, spoilt);
  fs::remove(job_.out / nameOf(6));
  EXPECT_EQ(job_.run().status, 0);
  EXPECT_TRUE(filesOf(job_.out) == before_);
}

}  // namespace
}  // namespace qianda::test
