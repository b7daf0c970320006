// The postal partners a court works with, as its file of settings names them (docs/postal-partners.md): who they are,
// which protocol they speak, and the keys. A list of keys is a key exchange: the first one makes, every one opens.
// Values; parsePartners throws kInvalidInput with file, line and field. The file is secret: it holds the keys.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/partner/postal_partner.h"

namespace qianda::delivery {

struct PartnerSettings {
  std::string name;      // as parcels and routes name it: letters, digits, '-'
  std::string protocol;  // "china_post", "signed_json"
  std::string address;   // URL that WireRequest::path is appended to
  std::vector<std::string> keys;
  std::vector<std::string> peers;   // addresses and networks pushes may come from; empty: any
  std::size_t largestPush = 65536;  // octets
  double callsPerSecond = 0;        // of all nodes together; 0: no cap
  std::chrono::seconds window{0};   // of a push's time stamp, either way; 0: 600 for china_post, else 300

  // China Post alone.
  std::string senderNo, userCode, authorization;
  std::string version = "V1.0.0", msgType = "0";
  std::string product = "1";      // bizProductNo, 1 = 特快专递
  std::string labelType = "129";  // 129, 149, 179
  std::string receiptFlag = "6";  // of an order with 返单
  // Codes that no public client shows: CHECK with the postal account manager (decision 0030).
  std::string queryCode = "020009", receiptCode = "010009";
  std::vector<std::string> absentCodes = {"B00001"};  // retCode of a query that proves there is no such order
  bool pushesCarryKey = true;  // the key's text stands behind the JSON of pushes as behind that of requests
};

std::vector<PartnerSettings> parsePartners(std::string_view yaml, const std::string& fileName);

std::unique_ptr<PostalPartner> makePartner(const PartnerSettings& settings, Wire wire);
std::unique_ptr<PushReader> makePushReader(const PartnerSettings& settings);

// "203.0.113.7" within "203.0.113.0/24"; an IPv4 address in IPv6 form is that IPv4 address.
bool isPeerAllowed(const std::vector<std::string>& peers, const std::string& peer);
bool isNetwork(const std::string& text);

}  // namespace qianda::delivery
