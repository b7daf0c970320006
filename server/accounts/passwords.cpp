#include "server/accounts/passwords.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string_view>

#include <argon2.h>

#include "core/error.h"
#include "core/text.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

constexpr std::size_t kShortest = 12, kLongest = 256, kFewestKinds = 5;
constexpr std::size_t kSaltOctets = 16, kHashOctets = 32;
constexpr auto kLongestWait = std::chrono::seconds(10);

// The commonest of at least twelve characters that the other rules let through.
constexpr std::string_view kCommon[] = {
    "administrator", "passw0rd1234",  "password1234",  "password12345", "qwertyuiop12",     "qwertyuiop123",
    "1q2w3e4r5t6y",  "1qaz2wsx3edc",  "qazwsxedcrfv",  "qwerty123456",  "abc123456789",     "a123456789012",
    "iloveyou1234",  "woaini1314520", "woaini5201314", "letmein12345",  "welcome12345",     "changeme1234",
    "q1w2e3r4t5y6",  "zxcvbnm12345",  "asdfghjkl123",  "trustno12345",  "administrator1",   "123456789abc",
    "password2024",  "password2025",  "password2026",  "qianda123456",  "1qaz2wsx3edc4rfv", "passwordpassword",
};

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return lower;
}

bool isRepeated(const std::u32string& text) {
  for (std::size_t period = 1; period * 2 <= text.size(); ++period) {
    if (std::equal(text.begin() + static_cast<std::ptrdiff_t>(period), text.end(), text.begin())) return true;
  }
  return false;
}

// abcdefghijkl, 098765432109: each character the one after, or before, the last.
bool isSequence(const std::u32string& text) {
  const auto steps = [&](int step) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      const auto difference = static_cast<int>(text[i]) - static_cast<int>(text[i - 1]);
      if (difference != step && difference != -9 * step) return false;
    }
    return true;
  };
  return steps(1) || steps(-1);
}

bool holds(const std::string& password, std::string_view part) {
  const std::string lower = lowered(core::trim(part));
  return core::decodeUtf8(lower).value_or(U"").size() >= 3 && password.find(lower) != std::string::npos;
}

void check(int code, const char* what) {
  if (code == ARGON2_OK) return;
  throw core::Error(core::ErrorCode::kSystem, std::string(what) + ": " + argon2_error_message(code), "internal error");
}

}  // namespace

class PasswordHasher::Turn {
 public:
  explicit Turn(PasswordHasher& hasher) : hasher_(hasher) {
    std::unique_lock lock(hasher.mutex_);
    if (!hasher.free_.wait_for(lock, kLongestWait, [&] { return hasher.running_ < hasher.cost_.parallel; })) {
      throw core::Error(core::ErrorCode::kUnavailable, "too many passwords are being checked", "try again later");
    }
    ++hasher.running_;
  }
  ~Turn() {
    {
      const std::lock_guard lock(hasher_.mutex_);
      --hasher_.running_;
    }
    hasher_.free_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(PasswordCost cost) : cost_(cost) { nobody_ = hash(randomToken()); }

std::string PasswordHasher::hash(const std::string& password) {
  const core::Bytes salt = randomOctets(kSaltOctets);
  const std::size_t size = argon2_encodedlen(cost_.passes, cost_.memoryKib, 1, kSaltOctets, kHashOctets, Argon2_id);
  std::string encoded(size, '\0');
  const Turn turn(*this);
  check(argon2id_hash_encoded(cost_.passes, cost_.memoryKib, 1, password.data(), password.size(), salt.data(),
                              salt.size(), kHashOctets, encoded.data(), encoded.size()),
        "cannot hash a password");
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool PasswordHasher::isRight(const std::string& password, const std::optional<std::string>& encoded) {
  const std::string& compared = encoded ? *encoded : nobody_;
  const Turn turn(*this);
  const int code = argon2id_verify(compared.c_str(), password.data(), password.size());
  if (code != ARGON2_OK && code != ARGON2_VERIFY_MISMATCH) check(code, "cannot check a password");
  return code == ARGON2_OK && encoded.has_value();
}

bool PasswordHasher::isOutdated(const std::string& encoded) const {
  unsigned memory = 0, passes = 0, lanes = 0;
  if (std::sscanf(encoded.c_str(), "$argon2id$v=19$m=%u,t=%u,p=%u$", &memory, &passes, &lanes) != 3) return true;
  return memory < cost_.memoryKib || passes < cost_.passes;
}

std::optional<std::string> findPasswordFault(const std::string& password, const std::string& login,
                                             const std::string& name) {
  const auto characters = core::decodeUtf8(password);
  if (!characters) return "not_utf8";
  if (characters->size() < kShortest) return "too_short";
  if (characters->size() > kLongest) return "too_long";
  const std::string lower = lowered(password);
  if (holds(lower, login) || holds(lower, login.substr(0, login.find('@'))) || holds(lower, name)) return "own_name";
  const std::u32string plain = *core::decodeUtf8(lower);
  const std::set<char32_t> kinds(plain.begin(), plain.end());
  if (kinds.size() < kFewestKinds || isRepeated(plain) || isSequence(plain) ||
      std::find(std::begin(kCommon), std::end(kCommon), lower) != std::end(kCommon)) {
    return "too_common";
  }
  return std::nullopt;
}

std::string describePasswordFault(const std::string& fault) {
  static constexpr std::pair<std::string_view, const char*> kWords[] = {
      {"too_short", "a password has at least 12 characters"},
      {"too_long", "a password has at most 256 characters"},
      {"not_utf8", "the password is not UTF-8"},
      {"own_name", "the password contains the account's own name"},
      {"too_common", "the password is among the first that are guessed"},
  };
  for (const auto& [code, words] : kWords) {
    if (code == fault) return words;
  }
  return "the password cannot be used";
}

}  // namespace qianda::server
