// Anchors over the audit log, PEERS pain 38 ("why believe an audit log the host can edit?").
#include "storage/audit/anchor.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/bytes.h"
#include "core/error.h"
#include "tests/support/database.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;

constexpr core::Instant kNow{1'800'000'000'000ms};

void append(Database& database, const std::string& organisation, const std::string& stream, int count = 1) {
  for (int i = 0; i < count; ++i) {
    database.write([&](Transaction& t) {
      appendAudit(t, {stream, organisation, kNow, "did", "user:U", "192.0.2.1", "phone"});
    });
  }
}

// The anchor's root as the share alone makes it.
std::string rootFrom(const Anchor& anchor, const AnchorShare& share, const std::string& organisation) {
  std::vector<std::string> leaves;
  for (const StreamHead& head : share.leaves) leaves.push_back(streamLeaf(head));
  return rootOfPath(organisationLeaf(organisation, share.previous, treeRoot(leaves)),
                    static_cast<std::size_t>(share.position), static_cast<std::size_t>(anchor.organisations),
                    share.path);
}

class AnchorTest : public test::OnBothDatabases {
 protected:
  std::map<std::int64_t, AnchorShare> shares(const std::string& organisation) {
    return database->looked<std::map<std::int64_t, AnchorShare>>(
        [&](Transaction& t) { return listShares(t, organisation); });
  }
  std::vector<Anchor> anchors() {
    return database->looked<std::vector<Anchor>>([](Transaction& t) { return listAnchors(t); });
  }
};
INSTANTIATE_TEST_SUITE_P(Databases, AnchorTest, test::bothDatabases(), test::databaseName);

TEST_P(AnchorTest, HoldsWhatGrewSinceTheLastOneAndProvesItWithoutTheOthers) {
  append(*database, "A", "organisation:A", 3);
  append(*database, "A", "envelope:1", 2);
  append(*database, "B", "organisation:B");
  append(*database, "C", "organisation:C");
  const auto first = makeAnchor(*database, kNow);
  ASSERT_TRUE(first);
  EXPECT_FALSE(makeAnchor(*database, kNow)) << "nothing grew";
  append(*database, "A", "envelope:1");
  const auto second = makeAnchor(*database, kNow + 1h);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->previous, first->hash);
  EXPECT_EQ(second->number, 2);
  EXPECT_EQ(first->organisations, 3);
  EXPECT_EQ(second->organisations, 1);
  const auto of = shares("A");
  ASSERT_EQ(of.size(), 2u);
  EXPECT_EQ(of.at(1).leaves.size(), 2u);
  ASSERT_EQ(of.at(2).leaves.size(), 1u);
  EXPECT_EQ(of.at(2).leaves[0].length, 3);
  EXPECT_EQ(of.at(1).previous, 0);
  EXPECT_EQ(of.at(2).previous, 1);
  EXPECT_EQ(rootFrom(*first, of.at(1), "A"), first->root);
  EXPECT_EQ(rootFrom(*second, of.at(2), "A"), second->root);
  EXPECT_EQ(rootFrom(*first, shares("C").at(1), "C"), first->root);
  EXPECT_NE(rootFrom(*first, of.at(1), "B"), first->root);
}

TEST_P(AnchorTest, WaitsForItsTimestampInAStateThatSaysSo) {
  append(*database, "A", "organisation:A");
  makeAnchor(*database, kNow);
  database->write([](Transaction& t) { noteSilence(t, 1, "the authority does not answer"); });
  EXPECT_EQ(anchors().at(0).state, "waiting");
  EXPECT_EQ(anchors().at(0).attempts, 1);
  EXPECT_EQ(anchors().at(0).lastError, "the authority does not answer");
  database->write([](Transaction& t) { stampAnchor(t, 1, "dG9rZW4=", kNow); });
  EXPECT_EQ(anchors().at(0).state, "stamped");
  EXPECT_EQ(anchors().at(0).lastError, "");
  // A token that is there stays.
  database->write([](Transaction& t) { stampAnchor(t, 1, "b3RoZXI=", kNow); });
  EXPECT_EQ(anchors().at(0).token, "dG9rZW4=");
}

TEST_P(AnchorTest, IsConsistentWhileManyAppendAndTwoMakeAnchors) {
  std::atomic<int> running = 4;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) append(*database, "A", "s" + std::to_string((thread + i) % 5));
      --running;
    });
  }
  for (int maker = 0; maker < 2; ++maker) {
    threads.emplace_back([&] {
      while (running > 0) {
        try {
          makeAnchor(*database, kNow);
        } catch (const core::Error& error) {  // the other one was faster
          EXPECT_EQ(error.code(), core::ErrorCode::kConflict) << error.what();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  makeAnchor(*database, kNow);
  std::map<std::string, StreamHead> anchored;
  std::string previous(64, '0');
  const auto of = shares("A");
  for (const Anchor& anchor : anchors()) {
    EXPECT_EQ(anchor.previous, previous);
    EXPECT_EQ(anchor.hash, anchorHash(anchor));
    EXPECT_EQ(rootFrom(anchor, of.at(anchor.number), "A"), anchor.root);
    previous = anchor.hash;
    for (const StreamHead& head : of.at(anchor.number).leaves) {
      database->read([&](Transaction& t) {
        EXPECT_EQ(t.findRow("SELECT hash FROM audit_entries WHERE stream = $1 AND seq = $2", {head.stream, head.length})
                      ->text(0),
                  head.head);
      });
      anchored[head.stream] = head;
    }
  }
  ASSERT_EQ(anchored.size(), 5u);
  for (const auto& [name, head] : anchored) {
    const auto now =
        database->looked<StreamHead>([&, stream = name](Transaction& t) { return *findStream(t, stream); });
    EXPECT_EQ(now, head);
    EXPECT_EQ(head.length, 20);
  }
}

TEST(HashTree, IsThatOfRfc6962) {
  std::vector<std::string> leaves;
  for (std::size_t count = 1; count <= 9; ++count) {
    leaves.push_back(leafHash("leaf " + std::to_string(count)));
    const std::string root = treeRoot(leaves);
    const auto paths = treePaths(leaves);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(paths[i], treePath(leaves, i));
      EXPECT_EQ(rootOfPath(leaves[i], i, count, paths[i]), root);
      EXPECT_NE(rootOfPath(leafHash("another"), i, count, paths[i]), root);
      EXPECT_NE(rootOfPath(leaves[i], i, count + count, paths[i]), root);
      if (count > 1) {
        EXPECT_NE(rootOfPath(leaves[i], (i + 1) % count, count, paths[i]), root);
      }
    }
  }
  // Three leaves by hand: ((0 1) 2).
  leaves.resize(3);
  const auto node = [](const std::string& left, const std::string& right) {
    return sm3Hex("\x01" + std::string(core::textOf(core::fromHex(left))) +
                  std::string(core::textOf(core::fromHex(right))));
  };
  EXPECT_EQ(treeRoot(leaves), node(node(leaves[0], leaves[1]), leaves[2]));
  // SM3("abc"), GB/T 32905-2016 annex A.
  EXPECT_EQ(sm3Hex("abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

}  // namespace
}  // namespace qianda::storage
