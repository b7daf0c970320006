#include "server/outbound/revocation_client.h"

#include <functional>

#include <fmt/format.h>

#include "core/error.h"
#include "signing/ca/crl.h"
#include "signing/ca/ocsp_responder.h"
#include "signing/trust/revocation_addresses.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostKept = 10'000, kMostOctets = std::size_t{64} << 20;

[[noreturn]] void refuse(const std::string& url, const std::string& reason) {
  throw Error(ErrorCode::kUnavailable, url + ": " + reason, "revocation data cannot be had");
}

// The first answer; with every refusal when there is none.
std::optional<Bytes> firstOf(const std::vector<std::string>& addresses,
                             const std::function<Bytes(const std::string&)>& ask) {
  std::vector<std::string> refusals;
  for (const std::string& address : addresses) {
    try {
      return ask(address);
    } catch (const Error& error) {
      refusals.emplace_back(error.what());
    }
  }
  if (refusals.empty()) return std::nullopt;
  throw Error(ErrorCode::kUnavailable, fmt::format("{}", fmt::join(refusals, "; ")), "revocation data cannot be had");
}

}  // namespace

HttpRevocationSource::HttpRevocationSource(const HttpClient& client, std::chrono::seconds keeping)
    : client_(client), keeping_(keeping) {}

Bytes HttpRevocationSource::askOnce(const HttpRequest& request) const {
  HttpAnswer answer = client_.send(request);
  if (answer.status != 200) refuse(request.url, "HTTP status " + std::to_string(answer.status));
  return std::move(answer.body);
}

Bytes HttpRevocationSource::ask(const HttpRequest& request) const {
  const std::pair key(request.url, request.body);
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found != kept_.end() && Clock::now() < found->second.until) {
      if (!found->second.failure.empty()) throw Error(ErrorCode::kUnavailable, found->second.failure);
      return found->second.answer;
    }
  }
  Kept kept{{}, {}, {}};
  try {
    kept.answer = askOnce(request);
  } catch (const Error& error) {
    kept.failure = error.what();
  }
  kept.until = Clock::now() + keeping_;
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostKept || octets_ + kept.answer.size() > kMostOctets) {
    kept_.clear();
    octets_ = 0;
  }
  Kept& place = kept_[key];
  octets_ = octets_ - place.answer.size() + kept.answer.size();
  place = kept;
  if (!kept.failure.empty()) throw Error(ErrorCode::kUnavailable, kept.failure);
  return std::move(kept.answer);
}

std::optional<Bytes> HttpRevocationSource::findOcsp(BytesView certificate, BytesView issuer) const {
  const auto addresses = signing::revocationAddressesOf(certificate).responders;
  return firstOf(addresses, [&](const std::string& url) {
    HttpRequest request{"POST",
                        url,
                        {{"Content-Type", "application/ocsp-request"}, {"Accept", "application/ocsp-response"}},
                        signing::makeOcspRequest(certificate, issuer)};
    Bytes answer = ask(request);
    const auto status = signing::ocspStatusOf(answer);
    if (!status) refuse(url, "the answer is no OCSP response");
    if (*status != 0) refuse(url, "the responder answered with OCSP status " + std::to_string(*status));
    return answer;
  });
}

std::optional<Bytes> HttpRevocationSource::findCrl(BytesView certificate, BytesView /*issuer*/) const {
  const auto addresses = signing::revocationAddressesOf(certificate).lists;
  return firstOf(addresses, [&](const std::string& url) {
    const Bytes answer = ask({"GET", url, {{"Accept", "application/pkix-crl"}}, {}});
    Bytes crl;
    try {
      crl = signing::crlFromFile(core::textOf(answer));
    } catch (const Error&) {
      refuse(url, "the answer is no certificate revocation list");
    }
    if (!signing::isListFor(crl, certificate, url)) refuse(url, "the list there is not for this certificate");
    return crl;
  });
}

}  // namespace qianda::server
