#include "contracts/batch_services.h"

#include <atomic>
#include <map>
#include <mutex>

#include "core/error.h"

namespace qianda::contracts {
namespace {

using core::Bytes;
using core::BytesView;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes kAnswersKept{5};

// One service's patience, shared by all threads: once one of them has given up, no other waits.
class SharedPatience {
 public:
  explicit SharedPatience(const signing::Patience& patience) : patience_(patience) {}
  bool isOver() const { return isOver_; }

  template <typename Ask>
  auto operator()(Ask ask) const {
    try {
      return signing::askPatiently(patience_, ask, [this](auto&&...) { return !isOver_; });
    } catch (const core::Error& error) {
      if (error.code() == core::ErrorCode::kUnavailable) isOver_ = true;
      throw;
    }
  }

 private:
  const signing::Patience patience_;
  mutable std::atomic<bool> isOver_ = false;
};

class PatientTime : public signing::TimestampSource {
 public:
  PatientTime(const signing::TimestampSource& source, const signing::Patience& patience)
      : source_(source), patience_(patience) {}
  bool hasGivenUp() const { return patience_.isOver(); }
  std::string name() const override { return source_.name(); }
  Bytes stamp(signing::DigestAlgorithm algorithm, BytesView digest) const override {
    return patience_([&] { return source_.stamp(algorithm, digest); });
  }
  std::size_t maxTokenSize() const override { return source_.maxTokenSize(); }

 private:
  const signing::TimestampSource& source_;
  const SharedPatience patience_;
};

class PatientRevocation : public signing::RevocationSource {
 public:
  PatientRevocation(const signing::RevocationSource& source, const signing::Patience& patience)
      : source_(source), patience_(patience) {}
  bool hasGivenUp() const { return patience_.isOver(); }
  std::optional<Bytes> findOcsp(BytesView certificate, BytesView issuer) const override {
    return kept(ocsps_, certificate, [&] { return source_.findOcsp(certificate, issuer); });
  }
  std::optional<Bytes> findCrl(BytesView certificate, BytesView issuer) const override {
    return kept(crls_, certificate, [&] { return source_.findCrl(certificate, issuer); });
  }

 private:
  struct Answer {
    Clock::time_point asked;
    std::optional<Bytes> octets;
  };
  using Answers = std::map<Bytes, Answer>;

  // One thread asks while the others wait for the same answer.
  template <typename Ask>
  std::optional<Bytes> kept(Answers& answers, BytesView certificate, Ask ask) const {
    const std::lock_guard lock(mutex_);
    Answer& answer = answers[Bytes(certificate.begin(), certificate.end())];
    if (answer.asked == Clock::time_point{} || Clock::now() - answer.asked > kAnswersKept) {
      answer.octets = patience_(ask);
      answer.asked = Clock::now();
    }
    return answer.octets;
  }

  const signing::RevocationSource& source_;
  mutable std::mutex mutex_;
  mutable Answers ocsps_, crls_;
  const SharedPatience patience_;
};

}  // namespace

struct BatchServices::Parts {
  std::optional<PatientTime> time;
  std::optional<PatientRevocation> revocation;
};

BatchServices::BatchServices(const signing::LongTermServices& outside, const signing::Patience& patience)
    : parts_(std::make_unique<Parts>()), patient_(outside) {
  if (outside.time) patient_.time = &parts_->time.emplace(*outside.time, patience);
  if (outside.revocation) patient_.revocation = &parts_->revocation.emplace(*outside.revocation, patience);
}

BatchServices::~BatchServices() = default;

const signing::TimestampSource* BatchServices::time() const { return patient_.time; }

std::string BatchServices::waitingFor() const {
  if (parts_->time && parts_->time->hasGivenUp()) return "pending_timestamp";
  if (parts_->revocation && parts_->revocation->hasGivenUp()) return "pending_revocation";
  return {};
}

}  // namespace qianda::contracts
