// How a happening is told in each protocol: the item of a track query or push, and the message of a push. Pure.
#pragma once

#include "clients/postal-simulator/parcel_book.h"
#include "delivery/partner/partner_settings.h"

namespace qianda::postal_simulator {

// The item of event `index`; `parcel` because a withdrawal names what it takes back.
delivery::JsonObject postItem(const Parcel& parcel, std::size_t index);
delivery::JsonObject plainItem(const Parcel& parcel, std::size_t index);

struct PushForm {
  std::string serial;
  core::Instant sentAt;
  std::string senderNo;  // china_post
  std::string key;
  std::size_t padding = 0;  // octets of a member nobody knows
};
struct PushRequest {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
PushRequest pushOf(const delivery::PartnerSettings& settings, const Parcel& parcel, std::size_t index,
                   const PushForm& form);

}  // namespace qianda::postal_simulator
