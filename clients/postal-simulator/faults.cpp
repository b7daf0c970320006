#include "clients/postal-simulator/faults.h"

#include <algorithm>

#include "core/error.h"

namespace qianda::postal_simulator {
namespace {

constexpr std::string_view kNames[] = {"outage",        "late",          "drop_reply",   "delay",     "answer_twice",
                                       "garbage_reply", "slow_reply",    "lose_push",    "duplicate", "reorder",
                                       "wrong_sender",  "stale",         "garbage_push", "oversize",  "forged",
                                       "withdraw",      "ignored_cancel"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Fault::kCount));

constexpr std::pair<std::string_view, int FaultNumbers::*> kNumbers[] = {{"delay_ms", &FaultNumbers::delayMs},
                                                                         {"slow_ms", &FaultNumbers::slowMs},
                                                                         {"duplicates", &FaultNumbers::duplicates},
                                                                         {"reorder_ms", &FaultNumbers::reorderMs}};
constexpr std::string_view kIdempotencies[] = {"same", "second", "refuse"};
constexpr std::int64_t kLargest = 1'000'000'000;

[[noreturn]] void refuse(const std::string& member, const std::string& reason) {
  throw core::Error(core::ErrorCode::kInvalidInput, "\"" + member + "\": " + reason);
}

std::int64_t integerOf(const std::string& member, const Poco::Dynamic::Var& value, std::int64_t least) {
  if (!value.isInteger() || value.isBoolean()) refuse(member, "an integer is needed");
  const auto number = value.convert<std::int64_t>();
  if (number < least || number > kLargest) refuse(member, "out of range");
  return number;
}

std::string textOf(const std::string& member, const Poco::Dynamic::Var& value) {
  if (!value.isString()) refuse(member, "a text is needed");
  return value.extract<std::string>();
}

}  // namespace

void Faults::set(const Poco::JSON::Object& json) {
  const std::lock_guard lock(mutex_);
  State next = state_;
  for (const auto& [member, value] : json) {
    const auto* fault = std::find(std::begin(kNames), std::end(kNames), member);
    const auto* number =
        std::find_if(std::begin(kNumbers), std::end(kNumbers), [&](const auto& one) { return one.first == member; });
    if (fault != std::end(kNames)) {
      if (!value.isNumeric()) refuse(member, "a probability from 0 to 1 is needed");
      const double chance = value.convert<double>();
      if (!(chance >= 0 && chance <= 1)) refuse(member, "a probability from 0 to 1 is needed");
      next.chances[static_cast<std::size_t>(fault - std::begin(kNames))] = chance;
    } else if (number != std::end(kNumbers)) {
      next.numbers.*number->second = static_cast<int>(integerOf(member, value, 0));
    } else if (member == "times") {
      next.times = integerOf(member, value, -1);
    } else if (member == "seed") {
      next.seed = integerOf(member, value, 0);
    } else if (member == "only") {
      next.only = textOf(member, value);
    } else if (member == "idempotency") {
      next.idempotency = textOf(member, value);
      if (std::find(std::begin(kIdempotencies), std::end(kIdempotencies), next.idempotency) ==
          std::end(kIdempotencies)) {
        refuse(member, "same, second or refuse");
      }
    } else {
      refuse(member, "no such fault");
    }
  }
  if (json.has("seed")) random_.seed(static_cast<std::uint64_t>(next.seed));
  state_ = next;
}

delivery::JsonObject Faults::json() const {
  const std::lock_guard lock(mutex_);
  delivery::JsonObject json = delivery::newObject();
  for (std::size_t i = 0; i < std::size(kNames); ++i) json->set(std::string(kNames[i]), state_.chances[i]);
  for (const auto& [name, member] : kNumbers) json->set(std::string(name), state_.numbers.*member);
  json->set("only", state_.only);
  json->set("idempotency", state_.idempotency);
  json->set("times", state_.times);
  json->set("seed", state_.seed);
  return json;
}

bool Faults::strikes(Fault fault, std::string_view operation) {
  const std::lock_guard lock(mutex_);
  const double chance = state_.chances[static_cast<std::size_t>(fault)];
  if (chance <= 0 || state_.times == 0) return false;
  if (!operation.empty() && !state_.only.empty() && operation != state_.only) return false;
  if (std::uniform_real_distribution<double>(0, 1)(random_) >= chance) return false;
  if (state_.times > 0) --state_.times;
  return true;
}

bool Faults::isSet(Fault fault) const {
  const std::lock_guard lock(mutex_);
  return state_.chances[static_cast<std::size_t>(fault)] > 0;
}

FaultNumbers Faults::numbers() const {
  const std::lock_guard lock(mutex_);
  return state_.numbers;
}

std::string Faults::idempotency() const {
  const std::lock_guard lock(mutex_);
  return state_.idempotency;
}

std::uint64_t Faults::below(std::uint64_t limit) {
  const std::lock_guard lock(mutex_);
  return limit == 0 ? 0 : random_() % limit;
}

}  // namespace qianda::postal_simulator
