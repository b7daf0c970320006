#include "contracts/roster_check.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "templates/law/law.h"
#include "templates/roster.h"

namespace qianda::contracts {
namespace {

using templates::Fault;

constexpr std::size_t kChunk = 64;  // rows taken from the reader at a time

// What one thread finds.
struct Findings {
  std::vector<Fault> faults;
  templates::CharacterSet characters;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> persons;  // hash of the document number, row
};

class Check {
 public:
  Check(const templates::FrozenTemplate& frozen, const std::filesystem::path& roster, core::Date signingDay)
      : frozen_(frozen),
        form_(std::shared_ptr<const templates::Template>(std::shared_ptr<void>(), &frozen.form())),
        reader_(form_, roster),
        law_(form_),
        signingDay_(signingDay),
        personField_(form_->findField("worker_id_no")) {}

  RosterVerdict run(unsigned threads) {
    std::vector<Findings> findings(std::max(threads, 1u));
    if (reader_.faults().empty()) {
      std::vector<std::thread> workers;
      for (std::size_t i = 1; i < findings.size(); ++i) workers.emplace_back([&, i] { judge(findings[i]); });
      judge(findings[0]);
      for (std::thread& worker : workers) worker.join();
    }
    if (failure_) std::rethrow_exception(failure_);
    return merge(findings);
  }

 private:
  bool take(std::vector<templates::RosterRow>& rows, std::size_t& count) {
    const std::lock_guard lock(mutex_);
    count = 0;
    while (!failure_ && count < kChunk && reader_.next(rows[count])) ++count;
    rows_ += count;
    return count > 0;
  }

  void judge(Findings& found) try {
    std::vector<templates::RosterRow> rows(kChunk);
    for (std::size_t count = 0; take(rows, count);) {
      for (std::size_t i = 0; i < count; ++i) judgeRow(rows[i], found);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }

  void judgeRow(const templates::RosterRow& row, Findings& found) {
    const std::size_t before = found.faults.size();
    const templates::Record record = reader_.parse(row, found.faults);
    const std::size_t typed = found.faults.size();
    law_.check(record, signingDay_, found.faults);
    dropFollowUps(found.faults, before, typed);
    frozen_.checkGlyphs(record, found.faults);
    for (std::size_t i = before; i < found.faults.size(); ++i) {
      Fault& fault = found.faults[i];
      fault.row = row.row;
      if (fault.column != 0) continue;
      const std::size_t field = form_->findField(fault.field);
      if (field != templates::Template::npos) fault.column = reader_.columnOf(field);
    }
    found.characters.add(record);
    if (personField_ != templates::Template::npos && record.values[personField_].present) {
      found.persons.emplace_back(std::hash<std::string>()(record.values[personField_].text), row.row);
    }
  }

  // A field that could not be read is not judged by law as well.
  static void dropFollowUps(std::vector<Fault>& faults, std::size_t begin, std::size_t typed) {
    const auto first = faults.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto law = faults.begin() + static_cast<std::ptrdiff_t>(typed);
    faults.erase(std::remove_if(law, faults.end(),
                                [&](const Fault& fault) {
                                  return std::any_of(first, law,
                                                     [&](const Fault& one) { return one.field == fault.field; });
                                }),
                 faults.end());
  }

  RosterVerdict merge(std::vector<Findings>& findings) {
    RosterVerdict verdict;
    verdict.rows = rows_;
    std::vector<Fault> all = reader_.faults();
    std::vector<std::pair<std::uint64_t, std::uint64_t>> persons;
    for (Findings& found : findings) {
      std::move(found.faults.begin(), found.faults.end(), std::back_inserter(all));
      persons.insert(persons.end(), found.persons.begin(), found.persons.end());
      verdict.characters.merge(found.characters);
    }
    findDoubles(persons, all);
    if (rows_ == 0 && all.empty()) {
      Fault fault;
      fault.rule = "csv";
      fault.messageZh = "花名册没有数据行";
      fault.messageEn = "the roster has no data rows";
      all.push_back(std::move(fault));
    }
    std::stable_sort(all.begin(), all.end(), [](const Fault& a, const Fault& b) {
      return std::pair(a.row, a.column) < std::pair(b.row, b.column);
    });
    for (Fault& fault : all) {
      (templates::isBlocking(fault) ? verdict.faults : verdict.warnings).push_back(std::move(fault));
    }
    return verdict;
  }

  // One person twice in one roster is a slip of the hand: two contracts would be made.
  void findDoubles(std::vector<std::pair<std::uint64_t, std::uint64_t>>& persons, std::vector<Fault>& faults) const {
    std::sort(persons.begin(), persons.end());
    for (std::size_t i = 1; i < persons.size(); ++i) {
      if (persons[i].first != persons[i - 1].first) continue;
      Fault fault;
      fault.row = persons[i].second;
      fault.field = form_->fields[personField_].name;
      fault.column = reader_.columnOf(personField_);
      fault.rule = "duplicate";
      const std::string other = std::to_string(persons[i - 1].second);
      fault.messageZh = "与第 " + other + " 行是同一证件号码";
      fault.messageEn = "the same document number as in row " + other;
      faults.push_back(std::move(fault));
    }
  }

  const templates::FrozenTemplate& frozen_;
  std::shared_ptr<const templates::Template> form_;
  templates::RosterReader reader_;
  templates::law::Checker law_;
  core::Date signingDay_;
  std::size_t personField_;
  std::mutex mutex_;
  std::uint64_t rows_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

RosterVerdict checkRoster(const templates::FrozenTemplate& frozen, const std::filesystem::path& roster,
                          core::Date signingDay, unsigned threads) {
  return Check(frozen, roster, signingDay).run(threads);
}

std::string describe(const Fault& fault) {
  std::string text;
  if (fault.row) text += "row " + std::to_string(fault.row);
  if (fault.column) text += std::string(text.empty() ? "" : ", ") + "column " + std::to_string(fault.column);
  if (!fault.cell.empty()) text += std::string(text.empty() ? "" : ", ") + "cell " + fault.cell;
  if (!fault.field.empty()) text += (text.empty() ? "" : " ") + std::string("(") + fault.field + ")";
  if (!fault.value.empty()) text += ", value \"" + fault.value + "\"";
  text += (text.empty() ? "" : ": ") + fault.messageEn;
  if (!fault.computed.empty())
    text += " (" + fault.computed + (fault.limit.empty() ? "" : ", limit " + fault.limit) + ")";
  text += " [" + fault.rule + (fault.article.empty() ? "" : ", " + fault.article) + "] " + fault.messageZh;
  return text;
}

}  // namespace qianda::contracts
