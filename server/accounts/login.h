// Signing in by password and second factor. An unknown login, a wrong password and an account that is closed look and
// cost alike. Every attempt is limited per address and per account (429) and counted for the lock-out (attempts.h);
// what is counted is forgotten only when every factor the account has was shown, so that a known password buys no free
// guesses at the codes.
#pragma once

#include <string>
#include <vector>

#include "server/accounts/sessions.h"

namespace qianda::server {

// What a session's cookie must be set to, and whose session it is.
struct OpenedSession {
  std::string token;
  Session session;
};

// Throws Problem 401 "login_failed", 429 "too_many_requests".
OpenedSession logIn(Accounts& accounts, const Actor& actor, const std::string& login, const std::string& password);

// Problem 429 when the account is limited or locked: before anything that could be guessed is compared.
void countGuess(Accounts& accounts, const Actor& actor, const std::string& login);

// Shows a one-time or a recovery code in a session of the stage kSecondFactor. Throws Problem 401 "code_wrong", 409
// "second_factor_not_expected".
OpenedSession proveSecondFactor(Accounts& accounts, const Actor& actor, const Session& session,
                                const std::string& code);

// Ends the user's other sessions. Throws Problem 401 "password_wrong", 422 for the new one (findPasswordFault).
OpenedSession changePassword(Accounts& accounts, const Actor& actor, const Session& session, const std::string& present,
                             const std::string& next);

struct Enrolment {
  std::string secret, uri;  // base 32; otpauth
};
// Throws Problem 409 "second_factor_enrolled", 401 "password_wrong". Counts only once it was confirmed by a code.
Enrolment enrolSecondFactor(Accounts& accounts, const Actor& actor, const Session& session,
                            const std::string& password);

struct ConfirmedEnrolment {
  OpenedSession opened;
  std::vector<std::string> recoveryCodes;  // shown this once
};
// Throws Problem 401 "code_wrong", 409 "second_factor_not_expected".
ConfirmedEnrolment confirmSecondFactor(Accounts& accounts, const Actor& actor, const Session& session,
                                       const std::string& code);
// Throws Problem 401 "code_wrong", 409 "second_factor_needed" when the role asks for one.
void dropSecondFactor(Accounts& accounts, const Actor& actor, const Session& session, const std::string& code);
// Replaces all recovery codes. Throws Problem 401 "code_wrong".
std::vector<std::string> renewRecoveryCodes(Accounts& accounts, const Actor& actor, const Session& session,
                                            const std::string& code);

}  // namespace qianda::server
