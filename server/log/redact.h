// Takes personal data and secrets out of a text before it is logged: identity card numbers (15 to 19 digits in a row,
// or 17 and an X: GB 11643), mobile phones (11 digits from 13 to 19, also with +86, blanks or hyphens), e-mail
// addresses, credentials of Authorization and Cookie fields, passwords in addresses, the values of secret query or JSON
// members, and any run of 40 or more characters of base 64 (tokens, signatures). Names cannot be recognised: nobody
// logs them, people appear by their id. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace qianda::server {

std::string redact(std::string_view text);
// Whether a field of that name never shows its value: "authorization", "password", "token", ...
bool isSecretName(std::string_view name);

}  // namespace qianda::server
