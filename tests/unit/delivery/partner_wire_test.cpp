// What a partner's answers are taken for, over a wire that is a function (R2, R13).
#include <Poco/URI.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/partner/strict_json.h"
#include "tests/support/postal.h"

namespace qianda::delivery {
namespace {

using How = PartnerAnswer::How;
using test::anOrder;
using test::morning;

struct Wired {
  WireRequest asked;
  int calls = 0;
  std::unique_ptr<PostalPartner> partner;

  Wired(const PartnerSettings& settings, int status, const std::string& body) {
    partner = makePartner(settings, [this, status, body](const WireRequest& request) {
      asked = request;
      ++calls;
      return WireReply{status, "application/json", test::octetsOf(body)};
    });
  }
};

std::string inText(std::string json) {
  std::string escaped;
  for (const char c : json) escaped += c == '"' ? "\\\"" : std::string(1, c);
  return "\"" + escaped + "\"";
}

std::string postReply(const std::string& code, const std::string& body) {
  return R"({"serialNo":"1","retCode":")" + code + R"(","retMsg":"说明","retBody":)" + body + R"(,"success":true})";
}

TEST(ChinaPost, SendsAFormWhoseSealedFieldIsTheOrder) {
  const PartnerSettings settings = test::postSettings();
  Wired wired(settings, 200, postReply("00000", inText(R"({"logisticsOrderNo":"QD1","waybillNo":"1272448151316"})")));
  const auto answer = wired.partner->order(anOrder("QD1"), morning());
  ASSERT_EQ(answer.how, How::kDone) << answer.reason;
  EXPECT_EQ(answer.waybill, "1272448151316");
  std::map<std::string, std::string> form;
  const auto query = Poco::URI("http://h/?" + std::string(core::textOf(wired.asked.body))).getQueryParameters();
  for (const auto& [key, value] : query) form[key] = value;
  EXPECT_EQ(query.size(), 8u);
  EXPECT_EQ(form["apiCode"], "020003");
  EXPECT_EQ(form["senderNo"], settings.senderNo);
  EXPECT_EQ(form["timeStamp"], "2026-03-02 09:00:00");
  EXPECT_EQ(form["version"], "V1.0.0");
  const auto opening = openSm4(form["logitcsInterface"], settings.keys.front());
  ASSERT_EQ(opening.outcome, Sm4Opening::Outcome::kOpened) << opening.reason;
  const auto items = objectsOf(parseStrictJson(opening.json), "order");
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(textAt(*items[0], "logisticsOrderNo"), "QD1");
  EXPECT_EQ(textAt(*items[0], "contentsAttribute"), "1");
  EXPECT_EQ(textAt(*items[0]->getObject("receiver"), "name"), "张示例");
  EXPECT_EQ(items[0]->getArray("cargos")->size(), 2u);
  EXPECT_FALSE(items[0]->has("receiptFlag"));
}

TEST(ChinaPost, TakesNothingForDoneThatIsNotAWholeAnswerAboutThisOrder) {
  const std::string good = R"({"logisticsOrderNo":"QD1","waybillNo":"1272448151316"})";
  struct Case {
    int status;
    std::string body;
    How how;
  };
  const Case cases[] = {
      {200, postReply("00000", inText(good)), How::kDone},
      {200, postReply("00000", inText("[" + good + "]")), How::kDone},
      {200, postReply("00000", good), How::kDone},
      {200, postReply("B00020", "null"), How::kRefused},
      {200, postReply("S00001", "null"), How::kUnknown},
      {500, postReply("00000", inText(good)), How::kUnknown},
      {404, postReply("00000", inText(good)), How::kUnknown},
      {302, "", How::kUnknown},
      {200, "", How::kUnknown},
      {200, "<html>", How::kUnknown},
      {200, "{}", How::kUnknown},
      {200, postReply("00000", inText(good)).substr(0, 60), How::kUnknown},
      {200, postReply("00000", "null"), How::kUnknown},
      {200, postReply("00000", inText("[]")), How::kUnknown},
      {200, postReply("00000", inText("[" + good + "," + good + "]")), How::kUnknown},
      {200, postReply("00000", inText(R"({"logisticsOrderNo":"QD2","waybillNo":"1272448151316"})")), How::kUnknown},
      {200, postReply("00000", inText(R"({"logisticsOrderNo":"QD1","waybillNo":"12724"})")), How::kUnknown},
      {200, postReply("00000", inText(R"({"logisticsOrderNo":"QD1"})")), How::kUnknown},
      {200, postReply("00000", inText("{nonsense")), How::kUnknown},
  };
  for (const Case& one : cases) {
    Wired wired(test::postSettings(), one.status, one.body);
    const auto answer = wired.partner->order(anOrder("QD1"), morning());
    EXPECT_EQ(answer.how, one.how) << one.status << " " << one.body << " " << answer.reason;
    EXPECT_EQ(wired.calls, 1);
    EXPECT_EQ(core::textOf(answer.raw), one.body);
    EXPECT_EQ(answer.how != How::kDone && answer.reason.empty(), false) << one.body;
  }
  // A receipt was asked for, and its number did not come.
  Wired wired(test::postSettings(), 200, postReply("00000", inText(good)));
  EXPECT_EQ(wired.partner->order(anOrder("QD1", true), morning()).how, How::kUnknown);
}

TEST(ChinaPost, FindsAnOrderOrProvesThatThereIsNone) {
  const auto query = [](const std::string& code, const std::string& body) {
    Wired wired(test::postSettings(), 200, postReply(code, body));
    return wired.partner->query("QD1", morning()).how;
  };
  EXPECT_EQ(query("00000", inText(R"([{"logisticsOrderNo":"QD1","waybillNo":"1272448151316"}])")), How::kDone);
  EXPECT_EQ(query("00000", inText("[]")), How::kNotFound);
  EXPECT_EQ(query("00000", "null"), How::kNotFound);
  EXPECT_EQ(query("B00001", "null"), How::kNotFound);
  EXPECT_EQ(query("B00009", "null"), How::kRefused);
  EXPECT_EQ(query("00000", inText(R"([{"waybillNo":"1272448151316"},{"waybillNo":"9858638312956"}])")), How::kUnknown);
}

TEST(ChinaPost, ATrackIsReadWholeOrNotAtAll) {
  const std::string item = R"({"waybillNo":"1272448151316","opTime":"2026-03-02 08:55:00","opCode":"203"})";
  const auto track = [](const std::string& items) {
    Wired wired(test::postSettings(), 200, postReply("00000", inText("{\"responseItems\":" + items + "}")));
    return wired.partner->track("1272448151316", morning());
  };
  EXPECT_EQ(track("[" + item + "]").events.size(), 1u);
  EXPECT_EQ(track("[" + item + "]").events.at(0).source, "poll");
  EXPECT_EQ(track("[]").how, How::kDone);
  for (const std::string& other :
       {std::string(R"({"waybillNo":"9858638312956","opTime":"2026-03-02 08:55:00","opCode":"203"})"),
        std::string(R"({"waybillNo":"1272448151316","opTime":"yesterday","opCode":"203"})"), std::string("{}")}) {
    const auto answer = track("[" + item + "," + other + "]");
    EXPECT_EQ(answer.how, How::kUnknown) << other;
    EXPECT_TRUE(answer.events.empty());
  }
}

TEST(ChinaPost, ALabelIsAPdf) {
  const auto label = [](const std::string& octets) {
    Wired wired(test::postSettings(), 200, postReply("00000", octets));
    return wired.partner->label("QD1", "1272448151316", morning()).how;
  };
  EXPECT_EQ(label("\"" + core::toBase64(core::viewOf("%PDF-1.4 and so on")) + "\""), How::kDone);
  EXPECT_EQ(label("\"" + core::toBase64(core::viewOf("a picture")) + "\""), How::kUnknown);
  EXPECT_EQ(label("\"https://partner.example/label.pdf\""), How::kUnknown);
  EXPECT_EQ(label("null"), How::kUnknown);
}

TEST(SignedJson, SignsItsRequestsUnderTheOrdersOwnId) {
  const PartnerSettings settings = test::plainSettings();
  Wired wired(settings, 200, R"({"result":"done","order_no":"QD1","waybill":"W-1"})");
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(wired.partner->order(anOrder("QD1"), morning()).how, How::kDone);
    EXPECT_EQ(wired.asked.path, "/orders");
    const auto check = checkWebhook(settings.keys, wired.asked.headers, core::textOf(wired.asked.body), morning(),
                                    std::chrono::seconds(300));
    EXPECT_TRUE(check.isInTime) << check.reason;
    EXPECT_EQ(check.id, "order-QD1");
  }
}

TEST(SignedJson, TakesNothingForDoneThatIsNotAWholeAnswerAboutThisOrder) {
  struct Case {
    int status;
    std::string body;
    How how;
  };
  const Case cases[] = {{200, R"({"result":"done","order_no":"QD1","waybill":"W-1"})", How::kDone},
                        {200, R"({"result":"refused","code":"area","reason":"too far"})", How::kRefused},
                        {200, R"({"result":"not_found"})", How::kNotFound},
                        {200, R"({"result":"perhaps"})", How::kUnknown},
                        {200, R"({"result":"done","order_no":"QD2","waybill":"W-1"})", How::kUnknown},
                        {200, R"({"result":"done","order_no":"QD1"})", How::kUnknown},
                        {200, R"({"result":"done","result":"refused"})", How::kUnknown},
                        {200, "[]", How::kUnknown},
                        {200, "", How::kUnknown},
                        {503, R"({"result":"done","order_no":"QD1","waybill":"W-1"})", How::kUnknown},
                        {401, R"({"result":"unauthorized"})", How::kUnknown}};
  for (const Case& one : cases) {
    Wired wired(test::plainSettings(), one.status, one.body);
    const auto answer = wired.partner->order(anOrder("QD1"), morning());
    EXPECT_EQ(answer.how, one.how) << one.body;
    EXPECT_FALSE(one.how == How::kUnknown && answer.reason.empty()) << one.body;
  }
}

TEST(AnyPartner, AWireThatBreaksLeavesItUnknown) {
  for (const PartnerSettings& settings : {test::postSettings(), test::plainSettings()}) {
    const auto partner = makePartner(settings, [](const WireRequest&) -> WireReply {
      throw core::Error(core::ErrorCode::kUnavailable, "no answer within 15 s");
    });
    const auto now = morning();
    for (const auto& answer :
         {partner->order(anOrder(), now), partner->cancel("QD1", "W", "x", now), partner->label("QD1", "W", now),
          partner->query("QD1", now), partner->track("W", now), partner->receipt("W", now)}) {
      EXPECT_EQ(answer.how, How::kUnknown);
      EXPECT_EQ(answer.reason, "no answer within 15 s");
    }
  }
}

}  // namespace
}  // namespace qianda::delivery
