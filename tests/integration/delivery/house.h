// A court at work without a service: cases, a press that seals nothing, a partner that a test scripts, and a clock that
// a test turns.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "core/error.h"
#include "delivery/callbacks/receive.h"
#include "delivery/cases/case_store.h"
#include "delivery/post/parcel_work.h"
#include "delivery/queue/task_rows.h"
#include "delivery/service/issue_steps.h"
#include "tests/support/court_case.h"
#include "tests/support/database.h"

namespace qianda::delivery {

inline core::Instant at(const std::string& day, int hours = 0) {
  return core::Instant(std::chrono::sys_days(*core::parseDate(day))) - std::chrono::hours(8) +
         std::chrono::hours(hours);
}

class PaperPress : public CourtPress {
 public:
  Pressed press(const core::Actor&, const std::string&, const std::string& subject, const std::vector<PressItem>& items,
                core::Instant now) override {
    subjects.push_back(subject);
    before();
    Pressed pressed;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const core::DocumentId id = core::DocumentId::at(now);
      pressed.documents.push_back({id, core::sha256Hex(id.text()), 1000, 2});
    }
    pressed.settle = [this](storage::Transaction&) { ++settled; };
    return pressed;
  }
  std::vector<std::string> subjects;
  std::function<void()> before = [] {};
  int settled = 0;
};

// A partner whose book is its truth: every call that reaches it counts.
inline PartnerAnswer answer(PartnerAnswer::How how, const std::string& waybill = "",
                            const std::string& returnWaybill = "", const std::string& code = "",
                            const std::string& reason = "") {
  PartnerAnswer told;
  told.how = how;
  told.waybill = waybill;
  told.returnWaybill = returnWaybill;
  told.code = code;
  told.reason = reason;
  return told;
}

template <typename Action>
std::optional<core::ErrorCode> codeOf(Action action) {
  try {
    action();
  } catch (const core::Error& error) {
    return error.code();
  }
  return std::nullopt;
}

class ScriptedPartner : public PostalPartner {
 public:
  const std::string& name() const override { return name_; }
  PartnerAnswer order(const PostalOrder& order, core::Instant) override {
    const std::lock_guard lock(mutex);
    ++orders[order.orderNo];
    if (refuses) return answer(PartnerAnswer::How::kRefused, "", "", "B001", "地址不详");
    if (losesRequest) return answer(PartnerAnswer::How::kUnknown, "", "", "", "timed out");
    const std::string waybill = book.emplace(order.orderNo, waybillOf(book.size())).first->second;
    last = order;
    if (losesReply) return answer(PartnerAnswer::How::kUnknown, "", "", "", "timed out");
    return answer(PartnerAnswer::How::kDone, waybill, "R" + waybill, "00000", "");
  }
  PartnerAnswer query(const std::string& orderNo, core::Instant) override {
    const std::lock_guard lock(mutex);
    ++queries;
    if (isSilent) return answer(PartnerAnswer::How::kUnknown, "", "", "", "timed out");
    const auto found = book.find(orderNo);
    if (found == book.end()) return answer(PartnerAnswer::How::kNotFound, "", "", "", "");
    return answer(PartnerAnswer::How::kDone, found->second, "R" + found->second, "00000", "");
  }
  PartnerAnswer cancel(const std::string&, const std::string&, const std::string&, core::Instant) override {
    const std::lock_guard lock(mutex);
    ++cancels;
    if (refuses) return answer(PartnerAnswer::How::kRefused, "", "", "B002", "已收寄");
    return answer(PartnerAnswer::How::kDone, "", "", "00000", "");
  }
  PartnerAnswer label(const std::string&, const std::string&, core::Instant) override { return {}; }
  PartnerAnswer receipt(const std::string& returnWaybill, core::Instant) override {
    const std::lock_guard lock(mutex);
    if (scan.empty()) return delivery::answer(PartnerAnswer::How::kNotFound);
    PartnerAnswer found = delivery::answer(PartnerAnswer::How::kDone, returnWaybill);
    found.image.assign(scan.begin(), scan.end());
    return found;
  }
  PartnerAnswer track(const std::string& waybill, core::Instant) override {
    const std::lock_guard lock(mutex);
    PartnerAnswer answer;
    answer.how = PartnerAnswer::How::kDone;
    const auto found = told.find(waybill);
    if (found != told.end()) answer.events = found->second;
    return answer;
  }

  static std::string waybillOf(std::size_t number) { return std::to_string(1270000000000 + number); }

  std::mutex mutex;
  std::map<std::string, std::string> book;  // waybills by order number
  std::map<std::string, int> orders;
  std::map<std::string, std::vector<MailEvent>> told;  // by waybill
  PostalOrder last;
  std::string scan;  // of every receipt
  int queries = 0, cancels = 0;
  bool refuses = false, losesReply = false, losesRequest = false, isSilent = false;

 private:
  const std::string name_ = "china-post";
};

class HouseTest : public test::OnBothDatabases {
 protected:
  HouseTest() {
    house.policy.unknownWait = std::chrono::minutes(3);
    write([&](storage::Transaction& t) {
      setSender(t, clerk, {"示例仲裁院", "07560000000", "519000", "广东省", "珠海市", "香洲区", "示例大道1号"}, now);
    });
  }

  void write(const std::function<void(storage::Transaction&)>& work) { database->write(work); }
  template <typename Result>
  Result look(const std::function<Result(storage::Transaction&)>& work) {
    return database->looked<Result>(work);
  }

  std::string createCase(const std::string& mark = "000001") {
    std::string id;
    write([&](storage::Transaction& t) {
      id = delivery::createCase(t, clerk, test::sampleCase(mark), *core::parseDate("2026-03-02"), now);
    });
    return id;
  }
  IssueHouse issueHouse() { return {*database, press, "china-post", true}; }
  StepOrder acceptOrder(const std::string& id) {
    StepOrder order;
    order.caseId = id;
    order.step = "accept";
    order.entered = {{"issued_on", "2026-03-03"}};
    for (const templates::FieldSpec* field : enteredValues(getStepSet("accept"))) {
      if (!field->required || order.entered.contains(field->name)) continue;
      order.entered[field->name] = field->type == templates::FieldType::kDate ? "2026-03-03" : field->example;
    }
    return order;
  }
  IssuedStep issueAccept(const std::string& id, const std::string& key = "k1") {
    const IssueOutcome outcome = issueSteps(issueHouse(), clerk, "seal", key, {acceptOrder(id)}, now);
    for (const IssueFault& fault : outcome.faults) ADD_FAILURE() << fault.field << ": " << fault.messageEn;
    return outcome.steps.at(0);
  }

  // The parcel's task of that kind, in a worker's hands.
  PostalTask take(const std::string& parcel, const std::string& kind) {
    std::optional<PostalTask> task;
    write([&](storage::Transaction& t) {
      task.reset();
      const auto row =
          t.findRow("SELECT id FROM postal_tasks WHERE parcel = $1 AND kind = $2 AND state = 'ready'", {parcel, kind});
      if (!row) return;
      task = takeTask(t, *findTask(t, row->text(0)), {{kind}, {}, now + house.policy.trackEvery}, "node",
                      now + std::chrono::minutes(1));
    });
    if (!task) throw std::runtime_error("no task " + kind + " of " + parcel);
    return *task;
  }
  void giveBack(const PostalTask& task) {
    write([&](storage::Transaction& t) { postponeTask(t, task, now, "again", now); });
  }
  Parcel parcelOf(const std::string& id) {
    return look<Parcel>([&](storage::Transaction& t) { return getParcel(t, id); });
  }
  ServiceRecord recordOf(const std::string& id) {
    return look<ServiceRecord>([&](storage::Transaction& t) { return getRecord(t, clerk.organisation, id); });
  }

  static MailEvent event(const std::string& waybill, MailEventKind kind, core::Instant opTime) {
    MailEvent e;
    e.waybill = waybill;
    e.kind = kind;
    e.opTime = opTime;
    e.officeCode = "51900000";
    e.officeName = "珠海示例营业部";
    e.key = core::sha256Hex(waybill + std::string(nameOf(kind)) + core::isoInstant(opTime));
    return e;
  }
  static std::vector<MailEvent> signedBy(const std::string& waybill, SignerClass signer) {
    std::vector<MailEvent> events = {event(waybill, MailEventKind::kPosted, at("2026-03-04", 10)),
                                     event(waybill, MailEventKind::kOut, at("2026-03-05", 9)),
                                     event(waybill, MailEventKind::kSigned, at("2026-03-05", 11))};
    events.back().signer = signer;
    events.back().hasIdNumber = true;
    return events;
  }
  void push(const std::vector<MailEvent>& events, const std::string& octets) {
    PushMessage message;
    message.body.assign(octets.begin(), octets.end());
    PushReading reading;
    reading.verdict = PushReading::Verdict::kGood;
    reading.events = events;
    write([&](storage::Transaction& t) { takePush(t, "china-post", message, reading, now); });
  }

  core::Instant now = at("2026-03-03", 9);
  const core::Actor clerk{"01COURT0000000000000000000", "user:clerk", "203.0.113.9", "test"};
  PaperPress press;
  ScriptedPartner partner;
  PostalHouse house{
      *database, [this](const std::string&) -> PostalPartner& { return partner; }, {}, [this] { return now; }};
};

}  // namespace qianda::delivery
