// What a partner pushes: genuine messages take effect, every tampered twin does not (R10).
#include <random>

#include <gtest/gtest.h>

#include "core/base64.h"
#include "delivery/partner/china_post.h"
#include "delivery/partner/strict_json.h"
#include "tests/support/postal.h"

namespace qianda::delivery {
namespace {

using test::morning;
using test::PostPush;
using Verdict = PushReading::Verdict;

class ChinaPostPush : public testing::Test {
 protected:
  PushReading read(const PushMessage& message, core::Instant now = morning()) const {
    return makePushReader(settings)->read(message, now);
  }
  PushReading read(const PostPush& push) const { return read(push.message(settings)); }
  static std::string bodyOf(const PushAnswer& answer) { return std::string(core::textOf(answer.body)); }

  PartnerSettings settings = test::postSettings();
};

TEST_F(ChinaPostPush, TellsItsEvent) {
  const PushReading reading = read(PostPush());
  ASSERT_EQ(reading.verdict, Verdict::kGood) << reading.reason;
  ASSERT_EQ(reading.events.size(), 1u);
  const MailEvent& event = reading.events.front();
  EXPECT_EQ(event.kind, MailEventKind::kSigned);
  EXPECT_EQ(event.waybill, "1272448151316");
  EXPECT_EQ(event.opTime, *parsePostTime("2026-03-02 08:55:00"));
  EXPECT_EQ(event.officeCode, "51900001");
  EXPECT_EQ(event.signer, SignerClass::kAddressee);
  EXPECT_EQ(event.signerName, "张示例");
  EXPECT_TRUE(event.hasIdNumber);
  EXPECT_EQ(event.source, "push");
  EXPECT_EQ(event.key, postEventKey("1272448151316", "704", "2026-03-02 08:55:00", "51900001", "10", ""));
}

TEST_F(ChinaPostPush, IsAnsweredAsThePartnerExpects) {
  const auto reader = makePushReader(settings);
  const PushReading good = read(PostPush());
  const PushAnswer done = reader->answer(good, true), later = reader->answer(good, false);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(bodyOf(done), R"({"serialNo":"S1","code":"00000","codeMessage":"成功","senderNo":"1100000000001"})");
  EXPECT_EQ(later.status, 503);
  EXPECT_NE(bodyOf(later).find("S00001"), std::string::npos);
  PostPush forged;
  forged.senderNo = "1100000000002";
  EXPECT_NE(bodyOf(reader->answer(read(forged), true)).find("S00001"), std::string::npos);
}

TEST_F(ChinaPostPush, ToldTwiceHasOneKeyEach) {
  PostPush first, second;
  second.serialNo = "S2";
  EXPECT_EQ(read(first).events.front().key, read(second).events.front().key);
  EXPECT_NE(read(first).messageKey, read(second).messageKey);
  EXPECT_EQ(read(first).messageKey, read(first).messageKey);
}

TEST_F(ChinaPostPush, WithAnotherSenderMethodOrTypeIsForged) {
  for (const auto member : {&PostPush::senderNo, &PostPush::method, &PostPush::msgType}) {
    PostPush push;
    push.*member = "1100000000002";
    EXPECT_EQ(read(push).verdict, Verdict::kForged);
  }
  PartnerSettings other = settings;
  other.keys = {test::randomKey(16)};
  EXPECT_EQ(read(PostPush().message(other)).verdict, Verdict::kForged);
  PostPush bare;
  bare.appendsKey = false;
  EXPECT_EQ(read(bare).verdict, Verdict::kForged);
}

TEST_F(ChinaPostPush, MayBeTakenWithoutTheKeysTextWhereThePartnerLeavesItOut) {
  settings.pushesCarryKey = false;
  PostPush bare;
  bare.appendsKey = false;
  EXPECT_EQ(read(bare).verdict, Verdict::kGood);
  EXPECT_EQ(read(PostPush()).verdict, Verdict::kGarbage);
}

TEST_F(ChinaPostPush, FromAnotherAddressIsForged) {
  settings.peers = {"203.0.113.0/24", "::1"};
  EXPECT_EQ(read(PostPush()).verdict, Verdict::kForged);
  for (const char* peer : {"203.0.113.77", "::1", "::ffff:203.0.113.1"}) {
    PushMessage push = PostPush().message(settings);
    push.peer = peer;
    EXPECT_EQ(read(push).verdict, Verdict::kGood) << peer;
  }
  for (const char* peer : {"203.0.114.1", "", "nonsense", "::2"}) {
    PushMessage push = PostPush().message(settings);
    push.peer = peer;
    EXPECT_EQ(read(push).verdict, Verdict::kForged) << peer;
  }
}

TEST_F(ChinaPostPush, StaleOrOfTheFutureIsKeptWithoutEffect) {
  const PushMessage push = PostPush().message(settings);
  const std::chrono::seconds window(600), one(1);
  EXPECT_EQ(read(push, morning() + window).verdict, Verdict::kGood);
  EXPECT_EQ(read(push, morning() - window).verdict, Verdict::kGood);
  for (const auto off : {window + one, -window - one}) {
    const PushReading reading = read(push, morning() + off);
    EXPECT_EQ(reading.verdict, Verdict::kQuarantined);
    EXPECT_NE(bodyOf(makePushReader(settings)->answer(reading, true)).find("00000"), std::string::npos);
  }
}

TEST_F(ChinaPostPush, OversizeIsGarbageBeforeItIsRead) {
  PushMessage push = PostPush().message(settings);
  settings.largestPush = push.body.size();
  EXPECT_EQ(read(push).verdict, Verdict::kGood);
  push.body.push_back(' ');
  const PushReading reading = read(push);
  EXPECT_EQ(reading.verdict, Verdict::kGarbage);
  EXPECT_NE(reading.reason.find("octets"), std::string::npos);
}

TEST_F(ChinaPostPush, OfAKeyBeforeTheExchangeIsStillRead) {
  const PushMessage push = PostPush().message(settings);
  settings.keys.insert(settings.keys.begin(), test::randomKey(16));
  EXPECT_EQ(read(push).verdict, Verdict::kGood);
}

TEST_F(ChinaPostPush, WithAFieldThatHasNotItsFormIsQuarantined) {
  const auto with = [](const std::string& from, const std::string& to) {
    PostPush push;
    push.inner.replace(push.inner.find(from), from.size(), to);
    return push;
  };
  EXPECT_EQ(read(with("1272448151316", "127244815131X")).verdict, Verdict::kQuarantined);
  EXPECT_EQ(read(with(R"("orderNo")", R"("traceNo":"9858638312956","orderNo")")).verdict, Verdict::kQuarantined);
  EXPECT_EQ(read(with("51900001", "5190 001")).verdict, Verdict::kQuarantined);
  EXPECT_EQ(read(with("2026-03-02 08:55", "2026-03-32 08:55")).verdict, Verdict::kGarbage);
  EXPECT_EQ(read(with(R"("opCode":"704")", R"("opCode":"704","opCode":"705")")).verdict, Verdict::kGarbage);
  EXPECT_EQ(read(with(R"("opCode":"704",)", "")).verdict, Verdict::kGarbage);
  // A code nobody knows is kept (R24).
  const PushReading unknown = read(with(R"("opCode":"704")", R"("opCode":"O_011","newField":{"a":1})"));
  ASSERT_EQ(unknown.verdict, Verdict::kGood) << unknown.reason;
  EXPECT_EQ(unknown.events.front().kind, MailEventKind::kUnknown);
}

TEST_F(ChinaPostPush, OfSeveralEventsIsAllOrNothing) {
  PostPush push;
  const std::string one = push.inner;
  push.inner = "[" + one + "," + one + "]";
  EXPECT_EQ(read(push).events.size(), 2u);
  push.inner = "[" + one + ",{}]";
  EXPECT_EQ(read(push).verdict, Verdict::kGarbage);
  EXPECT_TRUE(read(push).events.empty());
  push.inner = "[]";
  EXPECT_EQ(read(push).verdict, Verdict::kGarbage);
}

// Whole blocks of one message moved within it, repeated, left out, or taken from another message with the same key: the
// octets are always well sealed. What stays readable is told from the genuine message by nobody (decision 0030), so it
// must at least never be an event that was not told in one of the two messages' fields, or have a form it never has.
TEST_F(ChinaPostPush, CutAndPastedBlocksAreSeenUnlessTheyFitInPlace) {
  settings.keys = {core::toBase64(core::viewOf("a key that fits!"))};  // a repeatable run
  PostPush first, second;
  second.inner.replace(second.inner.find("1272448151316"), 13, "9858638312956");
  second.inner.replace(second.inner.find("704"), 3, "705");
  const auto blocksOf = [&](const PostPush& push) {
    const auto octets = *core::fromBase64(sealSm4(push.inner, settings.keys.front()).substr(4));
    std::vector<core::Bytes> blocks;
    for (std::size_t at = 0; at < octets.size(); at += 16) {
      blocks.emplace_back(octets.begin() + static_cast<std::ptrdiff_t>(at),
                          octets.begin() + static_cast<std::ptrdiff_t>(at + 16));
    }
    return blocks;
  };
  const auto verdictOf = [&](const std::vector<core::Bytes>& blocks) {
    core::Bytes joined;
    for (const core::Bytes& block : blocks) joined.insert(joined.end(), block.begin(), block.end());
    return read(PostPush().around("|$4|" + core::toBase64(joined))).verdict;
  };
  const auto blocks = blocksOf(first), others = blocksOf(second);
  ASSERT_EQ(verdictOf(blocks), Verdict::kGood);
  int moved = 0, passed = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    auto without = blocks, twice = blocks;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), blocks[i]);
    moved += 2;
    passed += (verdictOf(without) == Verdict::kGood) + (verdictOf(twice) == Verdict::kGood);
    for (std::size_t j = i + 1; j < blocks.size(); ++j) {
      auto swapped = blocks;
      std::swap(swapped[i], swapped[j]);
      if (swapped == blocks) continue;
      ++moved;
      passed += verdictOf(swapped) == Verdict::kGood;
    }
  }
  // Blocks within the free words of opDesc may change places unseen; none of those that carry waybill, code or time.
  EXPECT_GT(moved, 100);
  EXPECT_LT(passed * 20, moved) << passed << " of " << moved;
  // The last block carries the end of the key's text: no message ends with another one's beginning.
  auto cut = blocks;
  cut.back() = others.front();
  EXPECT_EQ(verdictOf(cut), Verdict::kForged);
}

TEST_F(ChinaPostPush, EveryChangedOctetChangesTheVerdict) {
  settings.keys = {core::toBase64(core::viewOf("a key that fits!"))};  // a repeatable run
  const PushMessage good = PostPush().message(settings);
  std::mt19937_64 random(7);
  const std::string_view text = core::textOf(good.body);
  const std::size_t from = text.find("|$4|"), to = text.find('"', from);
  for (int i = 0; i < 3000; ++i) {
    PushMessage push = good;
    const std::size_t at = from + random() % (to - from);
    const std::uint8_t octet = static_cast<std::uint8_t>(random());
    if (push.body[at] == octet) continue;
    push.body[at] = octet;
    const PushReading reading = read(push);
    // A changed cipher block deciphers to noise: not UTF-8, or no JSON, or no such field.
    ASSERT_NE(reading.verdict, Verdict::kGood) << "octet " << at;
    ASSERT_FALSE(reading.reason.empty());
  }
}

TEST_F(ChinaPostPush, EveryMutationIsForgedGarbageOrQuarantined) {
  settings.keys = {core::toBase64(core::viewOf("a key that fits!"))};  // a repeatable run
  const PushMessage good = PostPush().message(settings);
  std::mt19937_64 random(11);
  for (int i = 0; i < 20'000; ++i) {
    PushMessage push = good;
    for (std::size_t changes = 1 + random() % 4; changes > 0 && !push.body.empty(); --changes) {
      const std::size_t at = random() % push.body.size();
      switch (random() % 4) {
        case 0:
          push.body[at] = static_cast<std::uint8_t>(random());
          break;
        case 1:
          push.body.erase(push.body.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 2:
          push.body.resize(at);
          break;
        default:
          push.body.insert(push.body.begin() + static_cast<std::ptrdiff_t>(at), push.body[random() % push.body.size()]);
      }
    }
    const PushReading reading = read(push);
    if (reading.verdict != Verdict::kGood) {
      EXPECT_NE(reading.verdict == Verdict::kQuarantined, reading.events.empty());
      continue;
    }
    // serialNo, version and a time within the window are nobody's to vouch for: the events are those that were sealed.
    ASSERT_EQ(reading.events.size(), 1u);
    EXPECT_EQ(reading.events.front().key, read(good).events.front().key);
  }
}

TEST_F(ChinaPostPush, SaysWhoSignedAndWhyItFailed) {
  const auto eventOf = [&](const std::string& code, const std::string& words) {
    PostPush push;
    push.inner = R"({"waybillNo":"1272448151316","opTime":"2026-03-02 08:55:00","opCode":")" + code +
                 R"(","opDesc":")" + words + R"("})";
    const PushReading reading = read(push);
    EXPECT_EQ(reading.verdict, Verdict::kGood) << reading.reason;
    return reading.events.at(0);
  };
  EXPECT_EQ(eventOf("705", "未妥投，原因：拒收").reason, ReturnReason::kRefused);
  EXPECT_EQ(eventOf("705", "未妥投，原因：收件人无人在家；明日再投").reason, ReturnReason::kAbsent);
  EXPECT_EQ(eventOf("705", "未妥投，原因：火星撞击").reason, ReturnReason::kUnclassified);
  EXPECT_EQ(eventOf("704", "已签收，签收人：王五").signerName, "王五");
  EXPECT_EQ(eventOf("704", "已签收，签收人：王五").signer, SignerClass::kUnknown);
  EXPECT_FALSE(eventOf("704", "已签收，签收人：本人").hasIdNumber);
  // Traps of 704 (docs/postal-partners.md).
  EXPECT_EQ(eventOf("704", "退回妥投").kind, MailEventKind::kReturned);
  EXPECT_TRUE(eventOf("704", "退回妥投").isReturnLeg);
  EXPECT_FALSE(eventOf("705", "未妥投，原因：拒收，将退回").isReturnLeg);
  EXPECT_TRUE(eventOf("954", "退回件到达处理中心").isReturnLeg);
  EXPECT_EQ(eventOf("704", "已妥投，放入包裹柜").kind, MailEventKind::kPickupHeld);
  EXPECT_EQ(eventOf("704", "已妥投，家门口").kind, MailEventKind::kPickupHeld);
  // What is taken back, in both forms.
  const MailEvent signedFor = eventOf("704", "已签收，签收人：本人");
  EXPECT_EQ(eventOf("207", "撤销 704 2026-03-02 08:55:00").withdraws, signedFor.key);
  EXPECT_EQ(eventOf("207", "撤销").withdraws, "");
}

TEST_F(ChinaPostPush, WithoutEffectTakesTheSameEventBack) {
  PostPush push;
  const std::string key = read(push).events.front().key;
  push.inner.insert(1, R"("effect":"0",)");
  const PushReading reading = read(push);
  ASSERT_EQ(reading.verdict, Verdict::kGood) << reading.reason;
  EXPECT_EQ(reading.events.front().kind, MailEventKind::kWithdrawn);
  EXPECT_EQ(reading.events.front().withdraws, key);
  EXPECT_NE(reading.events.front().key, key);
}

class SignedJsonPush : public testing::Test {
 protected:
  PushReading read(const PushMessage& message, core::Instant now = morning()) const {
    return makePushReader(settings)->read(message, now);
  }
  PartnerSettings settings = test::plainSettings();
};

TEST_F(SignedJsonPush, TellsItsEvents) {
  const PushReading reading = read(test::plainPush(settings.keys, test::plainEvent()));
  ASSERT_EQ(reading.verdict, Verdict::kGood) << reading.reason;
  EXPECT_EQ(reading.messageKey, "msg-1");
  const MailEvent& event = reading.events.at(0);
  EXPECT_EQ(event.kind, MailEventKind::kSigned);
  EXPECT_EQ(event.signer, SignerClass::kAddressee);
  EXPECT_TRUE(event.hasIdNumber);
  EXPECT_EQ(event.opTime, *parsePostTime("2026-03-02 08:55:00"));
  EXPECT_EQ(makePushReader(settings)->answer(reading, true).status, 200);
  EXPECT_EQ(makePushReader(settings)->answer(reading, false).status, 503);
}

TEST_F(SignedJsonPush, ForgedOldOrUnreadableHasNoEffect) {
  const std::string body = test::plainEvent();
  EXPECT_EQ(read(test::plainPush({"whsec_" + test::randomKey(32)}, body)).verdict, Verdict::kForged);
  EXPECT_EQ(read(test::plainPush(settings.keys, body), morning() + std::chrono::seconds(301)).verdict,
            Verdict::kQuarantined);
  EXPECT_EQ(read(test::plainPush(settings.keys, "{}")).verdict, Verdict::kGarbage);
  EXPECT_EQ(read(test::plainPush(settings.keys, R"({"type":"other","events":[]})")).verdict, Verdict::kGarbage);
  PushMessage bare;
  bare.body = test::octetsOf(body);
  EXPECT_EQ(read(bare).verdict, Verdict::kGarbage);
}

TEST_F(SignedJsonPush, EveryChangedOctetIsSeen) {
  const PushMessage good = test::plainPush(settings.keys, test::plainEvent());
  for (std::size_t at = 0; at < good.body.size(); ++at) {
    PushMessage push = good;
    push.body[at] ^= 0x01;
    ASSERT_EQ(read(push).verdict, Verdict::kForged) << at;
  }
}

TEST_F(SignedJsonPush, NamesItsEventsByWaybillAndId) {
  const auto keyOf = [&](const std::string& id) {
    return read(test::plainPush(settings.keys, test::plainEvent(id))).events.at(0).key;
  };
  EXPECT_EQ(keyOf("ev1"), keyOf("ev1"));
  EXPECT_NE(keyOf("ev1"), keyOf("ev2"));
  std::string body = test::plainEvent("ev3");
  body.insert(body.find(R"("kind":"signed")"), R"("withdraws":"ev1",)");
  EXPECT_EQ(read(test::plainPush(settings.keys, body)).events.at(0).withdraws, keyOf("ev1"));
}

}  // namespace
}  // namespace qianda::delivery
