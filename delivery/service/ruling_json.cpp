#include <cstdio>

#include "delivery/service/ruling.h"

namespace qianda::delivery {
namespace {

// Written by hand so that a ruling has the same octets under every version of every library.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string orNull(const std::optional<core::Date>& day) { return day ? quoted(core::isoDate(*day)) : "null"; }
std::string orNull(const std::optional<core::Instant>& moment) {
  return moment ? quoted(core::isoInstant(*moment)) : "null";
}
const char* boolean(bool value) { return value ? "true" : "false"; }

template <class Values, class Print>
std::string array(const Values& values, Print print) {
  std::string out = "[";
  for (const auto& value : values) {
    if (out.size() > 1) out += ',';
    out += print(value);
  }
  return out + ']';
}

std::string attemptJson(const AttemptRuling& ruling) {
  return "{\"attempt\":" + quoted(ruling.attempt) + ",\"ending\":" + quoted(ruling.ending) +
         ",\"code\":" + quoted(ruling.code) + ",\"legal_date\":" + orNull(ruling.legalDate) +
         ",\"moment\":" + orNull(ruling.moment) + ",\"rule\":" + quoted(ruling.rule) +
         ",\"reason_zh\":" + quoted(ruling.reasonZh) + ",\"reason_en\":" + quoted(ruling.reasonEn) +
         ",\"effective\":" + boolean(ruling.isEffective) +
         ",\"needs_confirmation\":" + boolean(ruling.needsConfirmation) +
         ",\"needs_review\":" + boolean(ruling.needsReview) +
         ",\"recalled_rules\":" + array(ruling.recalledRules, quoted) + "}";
}

}  // namespace

std::string rulingJson(const RecordRuling& ruling) {
  const auto methodJson = [](ServiceMethod method) { return quoted(nameOf(method)); };
  return "{\"state\":" + quoted(nameOf(ruling.state)) + ",\"ending\":" + quoted(ruling.ending) +
         ",\"attempt\":" + quoted(ruling.attempt) + ",\"legal_date\":" + orNull(ruling.legalDate) +
         ",\"rule\":" + quoted(ruling.rule) + ",\"reason_zh\":" + quoted(ruling.reasonZh) +
         ",\"reason_en\":" + quoted(ruling.reasonEn) + ",\"needs_confirmation\":" + boolean(ruling.needsConfirmation) +
         ",\"needs_review\":" + boolean(ruling.needsReview) + ",\"attempts\":" + array(ruling.attempts, attemptJson) +
         ",\"fallback\":" + array(ruling.fallback, methodJson) +
         ",\"recalled_rules\":" + array(ruling.recalledRules, quoted) +
         ",\"rules_version\":" + quoted(ruling.rulesVersion) +
         ",\"calendar_version\":" + quoted(ruling.calendarVersion) + "}";
}

}  // namespace qianda::delivery
