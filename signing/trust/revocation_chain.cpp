#include "signing/trust/revocation_chain.h"

#include <string>

#include "core/error.h"

namespace qianda::signing {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;

// The first answer; throws what the sources said where none had any.
std::optional<Bytes> RevocationChain::first(Find ask, BytesView certificate, BytesView issuer) const {
  std::string failure;
  for (const auto& source : sources_) {
    try {
      if (auto answer = ((*source).*ask)(certificate, issuer)) return answer;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable) throw;
      failure += (failure.empty() ? "" : "; ") + std::string(error.what());
    }
  }
  if (!failure.empty()) throw Error(ErrorCode::kUnavailable, failure);
  return std::nullopt;
}

// nullopt also where the wanted kind does not come but the other does: the caller asks for that then.
std::optional<Bytes> RevocationChain::find(Find wanted, Find other, BytesView certificate, BytesView issuer) const {
  try {
    return first(wanted, certificate, issuer);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) throw;
    try {
      if (first(other, certificate, issuer)) return std::nullopt;
    } catch (const Error& more) {
      throw Error(ErrorCode::kUnavailable, std::string(error.what()) + "; " + more.what());
    }
    throw;
  }
}

std::optional<Bytes> RevocationChain::findOcsp(BytesView certificate, BytesView issuer) const {
  return find(&RevocationSource::findOcsp, &RevocationSource::findCrl, certificate, issuer);
}

std::optional<Bytes> RevocationChain::findCrl(BytesView certificate, BytesView issuer) const {
  return find(&RevocationSource::findCrl, &RevocationSource::findOcsp, certificate, issuer);
}

}  // namespace qianda::signing
