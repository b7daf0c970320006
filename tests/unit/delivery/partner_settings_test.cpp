#include "delivery/partner/partner_settings.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/error_of.h"
#include "tests/support/postal.h"

namespace qianda::delivery {
namespace {

std::string said(const std::string& yaml) {
  return test::errorOf([&] { parsePartners(yaml, "partners.yaml"); });
}

std::string post(const std::string& more = "", const std::string& key = test::randomKey(16)) {
  return "  - name: post\n    protocol: china_post\n    address: https://partner.example/api\n    sender_no: \"1100\"\n"
         "    authorization: abc\n    keys: [\"" +
         key + "\"]\n" + more;
}

std::string plain(const std::string& more = "") {
  return "  - name: plain\n    protocol: signed_json\n    address: http://127.0.0.1:1\n    keys:\n      - whsec_" +
         test::randomKey(32) + "\n" + more;
}

TEST(PartnerSettings, AreReadFromTheirFile) {
  const auto partners = parsePartners(
      "partners:\n" +
          post("    peers: [203.0.113.0/24, \"::1\"]\n    window_seconds: 60\n    pushes_carry_key: false\n") + plain(),
      "partners.yaml");
  ASSERT_EQ(partners.size(), 2u);
  EXPECT_EQ(partners[0].senderNo, "1100");
  EXPECT_EQ(partners[0].window.count(), 60);
  EXPECT_FALSE(partners[0].pushesCarryKey);
  EXPECT_EQ(partners[0].version, "V1.0.0");
  EXPECT_EQ(partners[0].peers.size(), 2u);
  EXPECT_EQ(partners[1].protocol, "signed_json");
  EXPECT_EQ(makePartner(partners[1], {})->name(), "plain");
  EXPECT_TRUE(parsePartners("partners: []\n", "partners.yaml").empty());
}

TEST(PartnerSettings, MistakesNameFileLineAndField) {
  const auto starts = [](const std::string& message, const std::string& start) {
    EXPECT_TRUE(message.starts_with(start)) << message;
  };
  starts(said("partners:\n" + post("    colour: red\n")), "partners.yaml:8: colour: no such field");
  starts(said("partners:\n" + post("    sender_no: \"1\"\n")), "partners.yaml:8: sender_no: it is there twice");
  starts(said("partners:\n" + post("    window_seconds: soon\n")), "partners.yaml:8: window_seconds: ");
  starts(said("partners:\n" + post("    largest_push: 99999999\n")), "partners.yaml:8: largest_push: ");
  starts(said("partners:\n" + post("    peers: [here]\n")), "partners.yaml:8: peers: ");
  starts(said("partners:\n" + post("    peers: [10.0.0.0/33]\n")), "partners.yaml:8: peers: ");
  starts(said("partners:\n" + post("    pushes_carry_key: perhaps\n")), "partners.yaml:8: pushes_carry_key: ");
  starts(said("partners:\n" + post("", test::randomKey(15))), "partners.yaml:7: keys: base64 of 16 octets");
  starts(said("partners:\n" + plain("      - whsec_short\n")), "partners.yaml:7: keys: whsec_");
  starts(said("partners:\n" + post() + post()), "partners.yaml:8: name: another partner");
  starts(said("partners:\n  - name: a b\n"), "partners.yaml:2: name: ");
  starts(said("partners:\n  - name: a\n    protocol: pigeon\n"), "partners.yaml:3: protocol: ");
  starts(said("partners:\n  - name: a\n    protocol: signed_json\n    address: here\n"), "partners.yaml:4: address: ");
  starts(said("partners:\n  - name: a\n    protocol: china_post\n    address: http://h\n    keys: [\"" +
              test::randomKey(16) + "\"]\n"),
         "partners.yaml:2: sender_no: it is missing");
  starts(said("partners:\n  - 12\n"), "partners.yaml:2: partners: ");
  starts(said("partners: 12\n"), "partners.yaml:1: partners: ");
  starts(said("partner: []\n"), "partners.yaml:1: partners: ");
  starts(said("partners:\n  - {\n"), "partners.yaml:");
  EXPECT_EQ(said("partners:\n" + post() + plain()), "accepted");
}

}  // namespace
}  // namespace qianda::delivery
