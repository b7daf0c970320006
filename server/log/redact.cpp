#include "server/log/redact.h"

#include <algorithm>
#include <array>

namespace qianda::server {
namespace {

constexpr std::size_t kTokenLength = 40;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isWord(char c) { return isDigit(c) || isLetter(c) || c == '_' || c == '-'; }
bool isLocal(char c) { return isWord(c) || c == '.' || c == '+' || c == '%'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t runOf(std::string_view text, std::size_t from, bool (*belongs)(char)) {
  std::size_t at = from;
  while (at < text.size() && belongs(text[at])) ++at;
  return at - from;
}

struct Found {
  std::size_t length = 0;  // 0: nothing here
  const char* shown = "";
};

// Digits, with single blanks or hyphens between them, and a last X.
Found findNumber(std::string_view text, std::size_t at) {
  if (!isDigit(text[at]) || (at > 0 && isDigit(text[at - 1]))) return {};
  const std::size_t plain = runOf(text, at, isDigit);
  const bool hasX = plain == 17 && at + 17 < text.size() && lower(text[at + 17]) == 'x';
  if (hasX) return {18, "(id number)"};
  if (plain >= 15 && plain <= 19) return {plain, "(id number)"};
  std::string digits;
  std::size_t end = at;
  for (std::size_t next = at; next < text.size() && digits.size() < 20; ++next) {
    if (isDigit(text[next])) {
      digits += text[next];
      end = next + 1;
    } else if ((text[next] != ' ' && text[next] != '-') || next != end) {
      break;
    }
  }
  std::string_view number = digits;
  const bool country = number.size() == 13 && number.starts_with("86");
  if (country) number.remove_prefix(2);
  if (number.size() == 11 && number[0] == '1' && number[1] >= '3') return {end - at, "(phone)"};
  if (plain == 11 && text[at] == '1' && text[at + 1] >= '3') return {plain, "(phone)"};
  return {};
}

Found findMail(std::string_view text, std::size_t at) {
  if (!isLocal(text[at]) || (at > 0 && isLocal(text[at - 1]))) return {};
  const std::size_t local = runOf(text, at, isLocal);
  const std::size_t sign = at + local;
  if (sign >= text.size() || text[sign] != '@') return {};
  const std::size_t domain = runOf(text, sign + 1, isLocal);
  const bool dotted = text.substr(sign + 1, domain).find('.') != std::string_view::npos;
  return domain > 0 && dotted ? Found{local + 1 + domain, "(e-mail)"} : Found{};
}

// "://user:password@"
Found findUserInfo(std::string_view text, std::size_t at) {
  if (text.substr(at, 3) != "://") return {};
  const std::size_t end = std::min(text.find_first_of("/ \"'\n?#", at + 3), text.size());
  const std::size_t sign = text.substr(0, end).rfind('@');
  return sign != std::string_view::npos && sign > at + 3 ? Found{sign + 1 - at, "://(secret)@"} : Found{};
}

Found findToken(std::string_view text, std::size_t at) {
  if (!isWord(text[at]) || (at > 0 && isWord(text[at - 1]))) return {};
  const std::size_t run = runOf(text, at, isWord);
  return run >= kTokenLength ? Found{run, "(token)"} : Found{};
}

// NAME=VALUE, NAME: VALUE, "NAME":"VALUE" of a secret name: the name stays.
std::size_t secretValue(std::string_view text, std::size_t at, std::size_t& valueAt) {
  if (!isWord(text[at]) || (at > 0 && isWord(text[at - 1]))) return 0;
  const std::size_t name = runOf(text, at, isWord);
  if (!isSecretName(text.substr(at, name))) return 0;
  std::size_t next = at + name;
  if (next < text.size() && text[next] == '"') ++next;
  if (next >= text.size() || (text[next] != '=' && text[next] != ':')) return 0;
  const bool isQuery = text[next] == '=';
  ++next;
  while (next < text.size() && text[next] == ' ') ++next;
  const bool isQuoted = next < text.size() && text[next] == '"';
  if (isQuoted) ++next;
  valueAt = next;
  // A header field goes on to the end of its line: "Bearer abc", "a=b; c=d".
  const std::string_view ends = isQuoted  ? std::string_view("\"")
                                : isQuery ? std::string_view("& \"'\r\n;,")
                                          : "\"\r\n";
  return std::min(text.find_first_of(ends, next), text.size()) - next;
}

// "Bearer abc", wherever it stands.
Found findCredential(std::string_view text, std::size_t at) {
  for (const std::string_view scheme : {"bearer ", "basic "}) {
    if (text.size() - at <= scheme.size() || (at > 0 && isWord(text[at - 1]))) continue;
    const bool same = std::equal(scheme.begin(), scheme.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                                 [](char a, char b) { return a == lower(b); });
    if (!same) continue;
    const std::size_t end = std::min(text.find_first_of(" \"'\r\n,;", at + scheme.size()), text.size());
    if (end > at + scheme.size()) return {end - at, "(credential)"};
  }
  return {};
}

}  // namespace

bool isSecretName(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') plain += lower(c);
  }
  static constexpr std::string_view kWhole[] = {
      "authorization", "proxyauthorization", "cookie", "setcookie", "code", "otp", "totp", "state", "nonce", "key",
      "sig",           "signature",          "csrf",   "pin"};
  static constexpr std::string_view kParts[] = {"password", "passphrase", "passwd",     "secret", "token",
                                                "apikey",   "privatekey", "credential", "csrf",   "session"};
  return std::any_of(std::begin(kWhole), std::end(kWhole), [&](std::string_view w) { return plain == w; }) ||
         std::any_of(std::begin(kParts), std::end(kParts),
                     [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

std::string redact(std::string_view text) {
  static constexpr std::array kFinders = {findUserInfo, findCredential, findMail, findToken, findNumber};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t valueAt = 0;
    if (const std::size_t value = secretValue(text, at, valueAt); value > 0) {
      out.append(text.substr(at, valueAt - at)).append("(secret)");
      at = valueAt + value;
      continue;
    }
    Found found;
    for (const auto& find : kFinders) {
      found = find(text, at);
      if (found.length > 0) break;
    }
    if (found.length > 0) {
      out += found.shown;
      at += found.length;
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace qianda::server
