#include "contracts/retention/rules.h"

#include <algorithm>

#include "contracts/envelope/details.h"
#include "contracts/retention/erasures.h"
#include "contracts/retention/holds.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"

namespace qianda::contracts {
namespace {

using core::Date;
using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;

struct LegalRule {
  const char* name;
  std::int64_t years;
  const char* law;
};
// The first is the usual one.
constexpr LegalRule kLegalRules[] = {
    {"labour_contract", 2, "劳动合同法 50：已经解除或者终止的劳动合同的文本，至少保存二年备查"},
    {"construction", 3, "保障农民工工资支付条例 28：用工管理台账保存至工程完工且工资全部结清后至少3年"},
};
constexpr std::int64_t kMostYears = 100;
constexpr int kLongestChain = 50;  // of renewals

const LegalRule& legalRule(const std::string& name) {
  for (const LegalRule& rule : kLegalRules) {
    if (name == rule.name) return rule;
  }
  throw Error(ErrorCode::kNotFound, "there is no retention class \"" + name + "\"");
}

RetentionRule ruleOf(Transaction& transaction, const std::string& organisation, const std::string& name) {
  const LegalRule& legal = legalRule(name);
  RetentionRule rule{legal.name, legal.years, legal.years, legal.law};
  if (const auto row = transaction.findRow("SELECT years FROM retention_rules WHERE organisation = $1 AND class = $2",
                                           {organisation, name})) {
    rule.years = std::max(legal.years, row->number(0));
  }
  return rule;
}

void note(Transaction& transaction, const Actor& actor, const std::string& type, const std::string& details,
          core::Instant now) {
  storage::appendAudit(transaction, {"organisation:" + actor.organisation, actor.organisation, now, type, actor.name,
                                     actor.peer, actor.device, details});
}

std::optional<Date> findDate(const std::string& text) { return text.empty() ? std::nullopt : core::parseDate(text); }
std::string textOf(const std::optional<Date>& date) { return date ? core::isoDate(*date) : ""; }

struct NotedEnd {
  std::string className;
  std::optional<Date> ended, settled;
};
NotedEnd notedEnd(Transaction& transaction, const std::string& envelope) {
  const auto row =
      transaction.findRow("SELECT class, ended, settled FROM retention_notes WHERE envelope = $1", {envelope});
  if (!row) return {};
  return {row->text(0), findDate(row->text(1)), findDate(row->text(2))};
}

// A field of what the document was filled with: "name":"value".
std::string snapshotField(Transaction& transaction, const std::string& envelope, const std::string& name) {
  const auto row = transaction.findRow("SELECT snapshot FROM evidence_snapshots WHERE envelope = $1", {envelope});
  if (!row) return "";
  const std::string key = '"' + name + "\":\"";
  const std::size_t at = row->text(0).find(key);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + key.size();
  return row->text(0).substr(begin, row->text(0).find('"', begin) - begin);
}

struct FoundEnd {
  std::optional<Date> day;
  std::string source;
};

FoundEnd endOf(Transaction& transaction, const Envelope& envelope, int depth);

// Of a completed envelope that nobody wrote anything down of.
FoundEnd endByRelations(Transaction& transaction, const Envelope& envelope, int depth) {
  if (depth > kLongestChain) return {};
  bool isAmended = false;
  std::optional<Envelope> renewal;
  for (const Relation& relation : listRelations(transaction, envelope.id)) {
    if (relation.of != envelope.id) {
      // An amendment or a termination lives as long as its contract.
      if (relation.kind == "renewal") continue;
      return {endOf(transaction, getEnvelope(transaction, relation.of), depth + 1).day, "contract"};
    }
    const Envelope other = getEnvelope(transaction, relation.envelope);
    if (other.state != EnvelopeState::kCompleted) continue;
    if (relation.kind == "termination") return {core::chinaDate(other.changed), "termination"};
    if (relation.kind == "renewal") renewal = other;
    isAmended = isAmended || relation.kind == "amendment";
  }
  if (renewal) return {endOf(transaction, *renewal, depth + 1).day, "renewal"};
  // An amendment may have changed the term.
  if (isAmended) return {};
  return {findDate(snapshotField(transaction, envelope.id, "term_end")), "term_end"};
}

FoundEnd endOf(Transaction& transaction, const Envelope& envelope, int depth) {
  if (!isOver(envelope.state)) return {};
  if (envelope.state != EnvelopeState::kCompleted) return {core::chinaDate(envelope.changed), "not_concluded"};
  if (const auto noted = notedEnd(transaction, envelope.id); noted.ended) return {noted.ended, "noted"};
  return endByRelations(transaction, envelope, depth);
}

}  // namespace

std::vector<RetentionRule> listRetentionRules(Transaction& transaction, const std::string& organisation) {
  std::vector<RetentionRule> rules;
  for (const LegalRule& legal : kLegalRules) rules.push_back(ruleOf(transaction, organisation, legal.name));
  return rules;
}

void setRetentionRule(Transaction& transaction, const Actor& actor, const std::string& name, std::int64_t years,
                      core::Instant now) {
  const LegalRule& legal = legalRule(name);
  if (years < legal.years || years > kMostYears) {
    throw Error(ErrorCode::kInvalidInput, "years: at least " + std::to_string(legal.years) + " (" + legal.law +
                                              "), at most " + std::to_string(kMostYears));
  }
  transaction.execute(
      "INSERT INTO retention_rules (organisation, class, years, set_by, set_ms) VALUES ($1, $2, $3, $4, $5) ON "
      "CONFLICT "
      "(organisation, class) DO UPDATE SET years = excluded.years, set_by = excluded.set_by, set_ms = excluded.set_ms",
      {actor.organisation, name, years, actor.name, now.time_since_epoch().count()});
  note(transaction, actor, "retention.rule_set", jsonOf({{"class", name}, {"years", years}}), now);
}

std::string retentionClass(Transaction& transaction, const std::string& organisation) {
  const auto row = transaction.findRow("SELECT class FROM retention_classes WHERE organisation = $1", {organisation});
  return row ? row->text(0) : kLegalRules[0].name;
}

void setRetentionClass(Transaction& transaction, const Actor& actor, const std::string& name, core::Instant now) {
  legalRule(name);
  transaction.execute(
      "INSERT INTO retention_classes (organisation, class, set_by, set_ms) VALUES ($1, $2, $3, $4) ON CONFLICT "
      "(organisation) DO UPDATE SET class = excluded.class, set_by = excluded.set_by, set_ms = excluded.set_ms",
      {actor.organisation, name, actor.name, now.time_since_epoch().count()});
  note(transaction, actor, "retention.class_set", jsonOf({{"class", name}}), now);
}

void noteEnd(Transaction& transaction, const Actor& actor, const std::string& envelope, const RetentionNote& noted,
             core::Instant now) {
  const Envelope locked = lockForRetention(transaction, actor.organisation, envelope);
  if (!noted.className.empty()) legalRule(noted.className);
  transaction.execute(
      "INSERT INTO retention_notes (envelope, organisation, class, ended, settled, ground, noted_by, noted_ms) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (envelope) DO UPDATE SET class = excluded.class, ended = "
      "excluded.ended, settled = excluded.settled, ground = excluded.ground, noted_by = excluded.noted_by, noted_ms = "
      "excluded.noted_ms",
      {envelope, actor.organisation, noted.className, textOf(noted.ended), textOf(noted.settled), noted.ground,
       actor.name, now.time_since_epoch().count()});
  recordPrivately(transaction, locked, actor, "retention.end_noted",
                  jsonOf({{"class", noted.className},
                          {"ended", textOf(noted.ended)},
                          {"settled", textOf(noted.settled)},
                          {"ground", noted.ground}}),
                  now);
}

RetentionState retentionOf(Transaction& transaction, const Envelope& envelope) {
  RetentionState state;
  const NotedEnd noted = notedEnd(transaction, envelope.id);
  state.rule = ruleOf(transaction, envelope.organisation, retentionClass(transaction, envelope.organisation));
  if (!noted.className.empty()) {
    const RetentionRule own = ruleOf(transaction, envelope.organisation, noted.className);
    if (own.years > state.rule.years) state.rule = own;
  }
  const FoundEnd found = endOf(transaction, envelope, 0);
  state.end = found.day;
  if (state.end) state.endSource = found.source;
  if (state.rule.name == "construction" && envelope.state == EnvelopeState::kCompleted) {
    if (!noted.settled) state.end.reset();
    if (state.end && core::toDays(*noted.settled) > core::toDays(*state.end)) {
      state.end = noted.settled;
      state.endSource = "noted";
    }
  }
  if (state.end) {
    const Date last = core::addMonths(*state.end, static_cast<int>(12 * state.rule.years));
    state.due = core::fromDays(core::toDays(last) + 1);
  }
  state.holds = listHoldsOn(transaction, envelope.id);
  return state;
}

std::string keepReason(const RetentionState& state, Date today) {
  if (!state.holds.empty()) {
    return "it is held: " + state.holds.front().reference + " (" + state.holds.front().ground + ")";
  }
  if (!state.due) return "its end is not known";
  if (core::toDays(*state.due) > core::toDays(today)) return "it is kept until " + core::isoDate(*state.due);
  return "";
}

DueEnvelopes listDue(Transaction& transaction, const std::string& organisation, Date today, const std::string& after,
                     std::size_t examined) {
  DueEnvelopes due;
  const storage::Rows rows = transaction.query(
      "SELECT id FROM envelopes WHERE organisation = $1 AND id > $2 AND state IN ('completed', 'declined', 'revoked', "
      "'expired') AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.envelope = envelopes.id) ORDER BY id LIMIT $3",
      {organisation, after, static_cast<std::int64_t>(examined)});
  for (const Row& row : rows) {
    Envelope envelope = getEnvelope(transaction, row.text(0));
    RetentionState state = retentionOf(transaction, envelope);
    if (keepReason(state, today).empty()) due.items.emplace_back(std::move(envelope), std::move(state));
  }
  if (rows.size() == examined) due.next = rows.back().text(0);
  return due;
}

}  // namespace qianda::contracts
