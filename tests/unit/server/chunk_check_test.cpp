#include "server/http/chunk_check.h"

#include <string>

#include <gtest/gtest.h>

namespace qianda::server {
namespace {

struct Verdict {
  std::string state;  // "whole", "malformed", "open"
  std::string kept;   // without trailers
  std::string rest;
};

// Given `step` octets at a time, as they come off a connection.
Verdict follow(const std::string& octets, std::size_t step) {
  ChunkCheck check;
  Verdict verdict;
  std::size_t at = 0;
  while (at < octets.size()) {
    const std::string piece = octets.substr(at, step);
    const ChunkCheck::Taken taken = check.take(piece);
    if (!taken.isTrailer) verdict.kept += piece.substr(0, taken.count);
    at += taken.count;
    if (taken.count == 0) break;
  }
  verdict.state = check.isWhole() ? "whole" : check.isMalformed() ? "malformed" : "open";
  verdict.rest = octets.substr(at);
  return verdict;
}

class ChunkCheckBySteps : public testing::TestWithParam<std::size_t> {};

TEST_P(ChunkCheckBySteps, EndsWhereTheBodyEnds) {
  for (const char* body : {"0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "A;name=\"v\"\r\n0123456789\r\n00\r\n\r\n",
                           "3 \r\n\r\n\r\r\n0\r\n\r\n", "1\r\n0\r\n1\r\n\n\r\n0\r\n\r\n"}) {
    const Verdict verdict = follow(std::string(body) + "GET / HTTP/1.1\r\n", GetParam());
    EXPECT_EQ(verdict.state, "whole") << body;
    EXPECT_EQ(verdict.kept, body);
    EXPECT_EQ(verdict.rest, "GET / HTTP/1.1\r\n");
  }
}

TEST_P(ChunkCheckBySteps, TellsTrailersFromTheBody) {
  const Verdict verdict = follow("1\r\na\r\n0\r\nA: b\r\nTransfer-Encoding: x\r\n\r\nrest", GetParam());
  EXPECT_EQ(verdict.state, "whole");
  EXPECT_EQ(verdict.kept, "1\r\na\r\n0\r\n\r\n");
  EXPECT_EQ(verdict.rest, "rest");
}

TEST_P(ChunkCheckBySteps, RefusesWhatIsNoChunk) {
  for (const std::string& body : std::initializer_list<std::string>{
           "\r\n", "x\r\n", " 1\r\na\r\n", "+1\r\na\r\n", "0x1\r\na\r\n", "1\na\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n",
           "1\r\na\n0\r\n\r\n", "1\r\na0\r\n\r\n", "1;a\nb\r\na\r\n", "1\r\r\na\r\n", "000000001\r\na\r\n", "0\r\n\n",
           "0\r\nA: b\n\r\n", "0\r\nA: b\rc\r\n\r\n", "0\r\n\rA", "1;" + std::string(300, 'x') + "\r\na\r\n",
           "0\r\n" + std::string(9000, 'x') + "\r\n\r\n"}) {
    EXPECT_EQ(follow(body, GetParam()).state, "malformed") << body;
  }
}

TEST_P(ChunkCheckBySteps, StaysOpenUntilTheLastOctet) {
  const std::string body = "2;x\r\nab\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(follow(body.substr(0, size), GetParam()).state, "open") << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, ChunkCheckBySteps, testing::Values(1, 2, 3, 7, 100000));

TEST(ChunkCheck, KnowsWhatIsAnnouncedBeforeItComes) {
  ChunkCheck check;
  check.take("2\r\nab\r\nffffffff\r\n");
  EXPECT_EQ(check.announced(), std::uint64_t{2} + 0xffffffffu);
  EXPECT_FALSE(check.isMalformed());
}

}  // namespace
}  // namespace qianda::server
