#include "delivery/service/sweep.h"

#include "core/json_text.h"
#include "delivery/callbacks/receive.h"
#include "delivery/cases/case_store.h"
#include "delivery/cases/clock_events.h"
#include "storage/outbox/outbox.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::jsonOf;
using storage::Row;
using storage::Transaction;

constexpr std::int64_t kPage = 200;
constexpr std::chrono::hours kQuiet{24};  // a parcel is not looked at more often

// Runs `each` over the ids a statement gives, a page in one transaction; `sql` has $1 (ids behind it) and $2 (limit).
template <typename Each>
void forPages(storage::Database& database, const std::string& sql, Each each) {
  std::string after;
  for (std::size_t count = kPage; count == static_cast<std::size_t>(kPage);) {
    database.write([&](Transaction& t) {
      std::string last = after;
      const storage::Rows rows = t.query(sql, {last, kPage});
      for (const Row& row : rows) {
        each(t, row);
        last = row.text(0);
      }
      count = rows.size();
      if (count > 0) after = last;
    });
  }
}

std::int64_t raiseAlarms(Transaction& t, const std::string& organisation, const std::string& id, core::Instant now) {
  const CaseFile file = getCase(t, organisation, id);
  const ServiceLaw law = lawOf(t, organisation);
  std::int64_t raised = 0;
  for (const Deadline& deadline :
       clockOf(eventsWithParties(file), law.rules, *law.calendar, core::chinaDate(now)).deadlines) {
    const bool isNear = deadline.state == Deadline::State::kWarned;
    if (!isNear && deadline.state != Deadline::State::kOverdue) continue;
    const std::string key = deadline.subject.empty() ? deadline.key : deadline.key + ":" + deadline.subject;
    const std::string last = core::isoDate(deadline.last), state = isNear ? "warned" : "overdue";
    if (t.insertAll("INSERT INTO case_deadline_alarms (case_id, deadline, last_day, state, at_ms) VALUES", 5,
                    {{id, key, last, state, storage::msOf(now)}}, true) == 0) {
      continue;
    }
    ++raised;
    const std::string details = jsonOf({{"case", id},
                                        {"number", file.number},
                                        {"deadline", deadline.key},
                                        {"party", deadline.subject},
                                        {"last", last},
                                        {"rule", deadline.rule}});
    noteInCase(t, {organisation, "system", "", ""}, id, "case.deadline_" + state, details, now);
    storage::publish(t, {organisation, id, "case.deadline_" + state, details}, now);
  }
  return raised;
}

}  // namespace

SweepCount sweep(storage::Database& database, core::Instant now) {
  SweepCount count;
  forPages(database, "SELECT id, organisation FROM cases WHERE id > $1 AND state <> 'closed' ORDER BY id LIMIT $2",
           [&](Transaction& t, const Row& row) {
             ++count.cases;
             count.alarms += raiseAlarms(t, row.text(1), row.text(0), now);
           });
  forPages(database,
           "SELECT r.id, r.organisation FROM service_records r WHERE r.id > $1 AND r.state IN ('open', 'trying') AND "
           "EXISTS (SELECT 1 FROM service_attempts a WHERE a.record = r.id AND a.method IN ('public_notice', 'lien')) "
           "ORDER BY r.id LIMIT $2",
           [&](Transaction& t, const Row& row) {
             ++count.rulings;
             recompute(t, {row.text(1), "system", "", ""}, row.text(0), now);
           });
  const std::string quiet = std::to_string(storage::msOf(now - kQuiet));
  forPages(database,
           "SELECT id FROM parcels WHERE id > $1 AND is_stale = 0 AND waybill <> '' AND state NOT IN ('signed', "
           "'returned', 'lost', 'cancelled', 'rejected') AND changed_ms < " +
               quiet + " ORDER BY id LIMIT $2",
           [&](Transaction& t, const Row& row) {
             Parcel parcel = lockParcel(t, row.text(0));
             const ParcelView view = settleParcel(t, parcel, now);
             if (!view.isStale) return;
             ++count.stale;
             noteInService(t, {parcel.organisation, "system", "", ""}, parcel.record, "parcel.stale",
                           jsonOf({{"parcel", parcel.id}}), now);
           });
  return count;
}

std::vector<DeadlineAlarm> listAlarms(Transaction& t, const std::string& organisation, const std::string& state,
                                      std::size_t limit) {
  std::vector<DeadlineAlarm> alarms;
  for (const Row& row : t.query("SELECT a.case_id, c.number, a.deadline, a.last_day, a.state, a.at_ms FROM "
                                "case_deadline_alarms a JOIN cases c ON c.id = a.case_id WHERE c.organisation = $1 AND "
                                "a.state = $2 AND c.state <> 'closed' ORDER BY a.at_ms DESC, a.case_id, a.deadline "
                                "LIMIT $3",
                                {organisation, state, static_cast<std::int64_t>(limit)})) {
    alarms.push_back({row.text(0) + "." + row.text(2), row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                      storage::instantOf(row.number(5))});
  }
  return alarms;
}

}  // namespace qianda::delivery
