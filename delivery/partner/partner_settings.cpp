#include "delivery/partner/partner_settings.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <arpa/inet.h>
#include <yaml-cpp/yaml.h>

#include "core/bytes.h"
#include "core/error.h"
#include "delivery/partner/china_post.h"
#include "delivery/partner/signed_json.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/partner/webhook_signature.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using Texts = std::vector<std::string>;

constexpr std::size_t kLargestPush = 1 << 20;
constexpr long kLongestWindow = 86'400;
constexpr std::int64_t kMostCalls = 10'000;

struct Place {
  const std::string& file;
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& reason) const {
    throw Error(ErrorCode::kInvalidInput,
                file + ":" + std::to_string(mark.is_null() ? 1 : mark.line + 1) + ": " + reason);
  }
};

bool isName(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool isUrl(const std::string& text) {
  return (text.starts_with("https://") && text.size() > 8) || (text.starts_with("http://") && text.size() > 7);
}

bool isCode(const std::string& text) {
  return text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '.'; });
}

struct TextField {
  std::string PartnerSettings::*member;
  bool (*isValid)(const std::string&);
  const char* shape;
};
bool isAnything(const std::string&) { return true; }
bool isProtocol(const std::string& text) { return text == "china_post" || text == "signed_json"; }

const std::map<std::string, TextField> kTexts{
    {"name", {&PartnerSettings::name, &isName, "letters, digits, '-' and '_', 64 at most"}},
    {"protocol", {&PartnerSettings::protocol, &isProtocol, "china_post or signed_json"}},
    {"address", {&PartnerSettings::address, &isUrl, "an http:// or https:// address"}},
    {"sender_no", {&PartnerSettings::senderNo, &isCode, "letters and digits"}},
    {"user_code", {&PartnerSettings::userCode, &isAnything, ""}},
    {"authorization", {&PartnerSettings::authorization, &isAnything, ""}},
    {"version", {&PartnerSettings::version, &isCode, "such as V1.0.0"}},
    {"msg_type", {&PartnerSettings::msgType, &isCode, "letters and digits"}},
    {"product", {&PartnerSettings::product, &isCode, "letters and digits"}},
    {"label_type", {&PartnerSettings::labelType, &isCode, "letters and digits"}},
    {"receipt_flag", {&PartnerSettings::receiptFlag, &isCode, "letters and digits"}},
    {"query_code", {&PartnerSettings::queryCode, &isCode, "letters and digits"}},
    {"receipt_code", {&PartnerSettings::receiptCode, &isCode, "letters and digits"}},
};

struct ListField {
  Texts PartnerSettings::*member;
  bool (*isValid)(const std::string&);
  const char* shape;
};
const std::map<std::string, ListField> kLists{
    {"keys", {&PartnerSettings::keys, &isAnything, ""}},
    {"peers",
     {&PartnerSettings::peers, &isNetwork, "an address such as 203.0.113.7 or a network such as 203.0.113.0/24"}},
    {"absent_codes", {&PartnerSettings::absentCodes, &isCode, "letters and digits"}},
};

long numberOf(const YAML::Node& node, const std::string& key, long most, const Place& place) {
  const std::string& text = node.IsScalar() ? node.Scalar() : std::string();
  long number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || rest != text.data() + text.size() || number < 1 || number > most) {
    place.refuse(node.Mark(), key + ": a number from 1 to " + std::to_string(most) + " is needed");
  }
  return number;
}

void readField(const std::string& key, const YAML::Node& node, PartnerSettings& settings, const Place& place) {
  if (const auto text = kTexts.find(key); text != kTexts.end()) {
    if (!node.IsScalar()) place.refuse(node.Mark(), key + ": a single value is needed");
    if (!text->second.isValid(node.Scalar())) place.refuse(node.Mark(), key + ": " + text->second.shape);
    settings.*text->second.member = node.Scalar();
  } else if (const auto list = kLists.find(key); list != kLists.end()) {
    if (!node.IsSequence()) place.refuse(node.Mark(), key + ": a list is needed");
    (settings.*list->second.member).clear();
    for (const YAML::Node& one : node) {
      if (!one.IsScalar() || !list->second.isValid(one.Scalar())) {
        place.refuse(one.Mark(), key + ": " + list->second.shape);
      }
      (settings.*list->second.member).push_back(one.Scalar());
    }
  } else if (key == "largest_push") {
    settings.largestPush = static_cast<std::size_t>(numberOf(node, key, kLargestPush, place));
  } else if (key == "calls_per_second") {
    settings.callsPerSecond = static_cast<double>(numberOf(node, key, kMostCalls, place));
  } else if (key == "window_seconds") {
    settings.window = std::chrono::seconds(numberOf(node, key, kLongestWindow, place));
  } else if (key == "pushes_carry_key") {
    if (!node.IsScalar() || (node.Scalar() != "true" && node.Scalar() != "false")) {
      place.refuse(node.Mark(), key + ": true or false");
    }
    settings.pushesCarryKey = node.Scalar() == "true";
  } else {
    place.refuse(node.Mark(), key + ": no such field");
  }
}

// What a partner cannot do without, and keys of its protocol's form.
void checkWhole(const YAML::Node& node, const PartnerSettings& settings, const Place& place) {
  const auto need = [&](const char* key, bool isThere) {
    if (!isThere) place.refuse(node.Mark(), std::string(key) + ": it is missing");
  };
  need("name", !settings.name.empty());
  need("protocol", !settings.protocol.empty());
  need("address", !settings.address.empty());
  need("keys", !settings.keys.empty());
  const bool isPost = settings.protocol == "china_post";
  need("sender_no", !isPost || !settings.senderNo.empty());
  need("authorization", !isPost || !settings.authorization.empty());
  for (std::size_t i = 0; i < settings.keys.size(); ++i) {
    if (isPost ? isSm4KeyText(settings.keys[i]) : isWebhookKey(settings.keys[i])) continue;
    place.refuse(node["keys"][i].Mark(),
                 std::string("keys: ") +
                     (isPost ? "base64 of 16 octets is needed" : "whsec_ and base64 of 24 to 64 octets is needed"));
  }
}

PartnerSettings readPartner(const YAML::Node& node, const Place& place) {
  if (!node.IsMap()) place.refuse(node.Mark(), "partners: fields are needed");
  PartnerSettings settings;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (!seen.insert(key).second) place.refuse(entry.first.Mark(), key + ": it is there twice");
    readField(key, entry.second, settings, place);
  }
  checkWhole(node, settings, place);
  return settings;
}

struct Address {
  core::Bytes octets;  // 4 or 16
};

std::optional<Address> addressOf(const std::string& text) {
  Address address{core::Bytes(16)};
  if (::inet_pton(AF_INET, text.c_str(), address.octets.data()) == 1) {
    address.octets.resize(4);
    return address;
  }
  if (::inet_pton(AF_INET6, text.c_str(), address.octets.data()) != 1) return std::nullopt;
  static const core::Bytes kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), address.octets.begin())) {
    address.octets.erase(address.octets.begin(), address.octets.begin() + 12);
  }
  return address;
}

struct Network {
  Address address;
  std::size_t bits = 0;
};

std::optional<Network> networkOf(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = addressOf(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network{*address, address->octets.size() * 8};
  if (slash == std::string::npos) return network;
  std::size_t bits = 0;
  const char *begin = text.data() + slash + 1, *end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(begin, end, bits);
  if (failure != std::errc() || rest != end || bits > network.bits) return std::nullopt;
  network.bits = bits;
  return network;
}

bool contains(const Network& network, const Address& address) {
  if (network.address.octets.size() != address.octets.size()) return false;
  for (std::size_t bit = 0; bit < network.bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80u >> bit % 8);
    if ((network.address.octets[bit / 8] & mask) != (address.octets[bit / 8] & mask)) return false;
  }
  return true;
}

}  // namespace

bool isNetwork(const std::string& text) { return networkOf(text).has_value(); }

bool isPeerAllowed(const std::vector<std::string>& peers, const std::string& peer) {
  if (peers.empty()) return true;
  const auto address = addressOf(peer);
  return address && std::any_of(peers.begin(), peers.end(), [&](const std::string& one) {
           const auto network = networkOf(one);
           return network && contains(*network, *address);
         });
}

std::vector<PartnerSettings> parsePartners(std::string_view yaml, const std::string& fileName) {
  const Place place{fileName};
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap() || root.size() != 1 || !root["partners"] || !root["partners"].IsSequence()) {
      place.refuse(root.Mark(), "partners: a list under this one key is needed");
    }
    std::vector<PartnerSettings> partners;
    std::set<std::string> names;
    for (const YAML::Node& node : root["partners"]) {
      partners.push_back(readPartner(node, place));
      if (!names.insert(partners.back().name).second) {
        place.refuse(node.Mark(), "name: another partner has the name " + partners.back().name);
      }
    }
    return partners;
  } catch (const YAML::Exception& error) {
    place.refuse(error.mark, "YAML: " + error.msg);
  }
}

std::unique_ptr<PostalPartner> makePartner(const PartnerSettings& settings, Wire wire) {
  return settings.protocol == "china_post" ? makeChinaPost(settings, std::move(wire))
                                           : makeSignedJson(settings, std::move(wire));
}

std::unique_ptr<PushReader> makePushReader(const PartnerSettings& settings) {
  return settings.protocol == "china_post" ? makeChinaPostReader(settings) : makeSignedJsonReader(settings);
}

}  // namespace qianda::delivery
