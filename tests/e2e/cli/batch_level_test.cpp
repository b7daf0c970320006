// `qianda batch --level`: timestamps, validation data and archive timestamps for every contract; a timestamp authority
// that falls silent in the middle, and comes back.
#include <Poco/Net/HTTPClientSession.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/child.h"
#include "tests/support/http_server.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;

std::string post(const std::string& url, const Heard& heard) {
  const Poco::Net::SocketAddress address(url.substr(7, url.find('/', 7) - 7));
  Poco::Net::HTTPClientSession session(address);
  Poco::Net::HTTPRequest request("POST", "/", "HTTP/1.1");
  request.setContentType(heard.contentType);
  request.setContentLength(static_cast<std::streamsize>(heard.body.size()));
  session.sendRequest(request) << heard.body;
  Poco::Net::HTTPResponse response;
  std::string body;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
  return body;
}

// A timestamp authority that answers `left` queries and then is out of order.
struct FickleAuthority {
  Child authority{{QIANDA_BINARY_DIR "/qianda", "tsa", "serve", "--key", developmentPki() / "tsa.p12", "--port", "0"}};
  std::atomic<int> left;
  HttpServer server{[this](const Heard& heard) {
    if (left-- <= 0) return Said{503, "text/plain", "out of order"};
    return Said{200, "application/timestamp-reply", post(authority.line(), heard)};
  }};
  explicit FickleAuthority(int queries) : left(queries) {}
};

// How many files of the folder pass at exactly that level.
std::size_t countAt(const fs::path& folder, const std::string& level) {
  std::vector<std::string> arguments{"verify", "--json", "--trust", developmentPki() / "root.pem"};
  for (const auto& entry : fs::directory_iterator(folder)) arguments.push_back(entry.path());
  const JsonList files = jsonObject(qianda(arguments).out)->getArray("files");
  std::size_t count = 0;
  for (unsigned i = 0; i < files->size(); ++i) {
    const Json file = files->getObject(i);
    count += text(file, "indication") == "TOTAL_PASSED" &&
             text(file->getArray("signatures")->getObject(0), "level") == "PAdES-BASELINE-" + level;
  }
  return count;
}

class BatchLevelTest : public testing::Test {
 protected:
  Batch batchOf(std::size_t rows, std::vector<std::string> more) const {
    sampleRoster(folder_, rows).write(folder_ / "roster.csv");
    return {folder_ / "data", folder_ / "out", folder_ / "roster.csv", "labour-general", std::move(more)};
  }
  TempFolder folder_;
};

TEST_F(BatchLevelTest, EveryLevelIsReached) {
  for (const std::string level : {"T", "LT", "LTA"}) {
    Batch batch = batchOf(4, {"--level", "B-" + level});
    batch.out = folder_ / level;
    const Output made = batch.run();
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(text(jsonObject(made.out), "level"), "B-" + level);
    EXPECT_EQ(countAt(batch.out, level), 4u);
    for (const auto& entry : fs::directory_iterator(batch.out)) {
      EXPECT_EQ(run({"qpdf", "--check", entry.path()}).status, 0);
    }
  }
}

TEST_F(BatchLevelTest, TheRestWaitsForASilentAuthorityAndIsMadeLater) {
  FickleAuthority authority(15);
  const Batch batch = batchOf(40, {"--level", "B-T", "--attempts", "1", "--tsa", authority.server.url()});
  const Output first = batch.run();
  EXPECT_EQ(first.status, 3);
  EXPECT_THAT(first.err, testing::AllOf(testing::HasSubstr("pending_timestamp"), testing::HasSubstr("503")));
  const Json waiting = jsonObject(first.out);
  EXPECT_EQ(text(waiting, "state"), "pending_timestamp");
  EXPECT_EQ(number(waiting, "contracts"), 15u);
  EXPECT_EQ(number(waiting, "pending"), 25u);
  EXPECT_THAT(text(waiting, "reason"), testing::HasSubstr("503"));
  EXPECT_EQ(countAt(batch.out, "T"), 15u);
  const auto early = filesOf(batch.out);
  EXPECT_EQ(early.size(), 15u);
  const std::vector<std::string> listing{"store", "list", "--json", "--data", batch.data};
  EXPECT_EQ(text(jsonObject(qianda(listing).out)->getArray("batches")->getObject(0), "state"), "pending_timestamp");

  authority.left = 1'000;
  const Output second = batch.run();
  ASSERT_EQ(second.status, 0) << second.err;
  const Json done = jsonObject(second.out);
  EXPECT_EQ(text(done, "state"), "complete");
  EXPECT_EQ(text(done, "batch_id"), text(waiting, "batch_id"));
  EXPECT_EQ(number(done, "created"), 25u);
  EXPECT_EQ(countAt(batch.out, "T"), 40u);
  const auto all = filesOf(batch.out);
  for (const auto& [name, octets] : early) EXPECT_EQ(all.at(name), octets) << name;
  EXPECT_EQ(text(jsonObject(qianda(listing).out)->getArray("batches")->getObject(0), "state"), "complete");
}

TEST_F(BatchLevelTest, AskedAgainAnAuthorityThatStumblesIsNoReasonToWait) {
  FickleAuthority authority(3);
  std::jthread mender([&] {
    while (authority.left > -3) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    authority.left = 1'000;
  });
  const Output made =
      batchOf(8, {"--level", "B-T", "--tsa", authority.server.url(), "--attempts", "10", "--retry", "0.1"}).run();
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(text(jsonObject(made.out), "state"), "complete");
}

TEST_F(BatchLevelTest, ALevelIsPartOfWhatWasAskedFor) {
  ASSERT_EQ(batchOf(2, {"--idempotency-key", "k"}).run().status, 0);
  const Output other = batchOf(2, {"--idempotency-key", "k", "--level", "B-T"}).run();
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, testing::HasSubstr("another request"));
  EXPECT_EQ(batchOf(2, {"--level", "B-X"}).run().status, 2);
}

}  // namespace
}  // namespace qianda::test
