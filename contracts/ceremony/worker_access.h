// A person's own way to their contracts, for ever and free of charge, whatever has become of the employer's account or
// of any link (人社厅发〔2021〕54号 11, 12; PEERS 35): name, identity number and phone, checked by the provider, and a
// code to that phone. Nobody learns by asking whether a person has contracts here. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contracts/ceremony/ceremony.h"

namespace qianda::contracts {

// Sends a code to the phone when the person has contracts here; returns the secret that the code belongs to in any
// case. Throws kConflict for too many attempts.
std::string requestAccess(CeremonyServices& services, const PersonClaim& claim);
// The secret of an access that lasts a while. Throws kInvalidInput for a wrong code.
std::string openAccess(CeremonyServices& services, const PersonClaim& claim, const std::string& secret,
                       const std::string& code);
// By the hash of that secret (SHA-256): the identity number it stands for; nothing when it is over.
std::optional<std::string> findAccess(storage::Transaction& transaction, const std::string& secretSha256,
                                      core::Instant now);

// The person's envelopes that were sent, newest first.
std::vector<Envelope> listOwn(storage::Transaction& transaction, const std::string& idNumber, const std::string& before,
                              std::size_t most);
struct OwnCopy {
  std::string file, sha256;
  Envelope envelope;
};
// The completed contract; throws kNotFound when it is not this person's or not completed.
OwnCopy fetchOwn(CeremonyServices& services, const std::string& idNumber, const std::string& envelope,
                 const std::string& peer, const std::string& device);

}  // namespace qianda::contracts
