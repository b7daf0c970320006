#include "templates/sample_roster.h"

#include <algorithm>
#include <unordered_set>

#include "core/error.h"
#include "core/text.h"
#include "templates/cell_text.h"
#include "templates/field_value.h"
#include "templates/law/term.h"
#include "templates/record_reader.h"
#include "templates/sample_contract.h"
#include "templates/sample_people.h"

namespace qianda::templates {
namespace {

constexpr std::string_view kSentences[] = {"双方协商一致后书面确认。", "具体办法以甲方依法制定并公示的规章制度为准。",
                                           "未尽事宜由双方另行签订书面补充协议，补充协议与本合同具有同等效力。"};
constexpr int kAttempts = 8;

// A value for a field whose meaning is not known, by its type and bounds.
class PlausibleValue {
 public:
  PlausibleValue(const FieldSpec& spec, std::uint64_t index, std::uint64_t seed, core::Date today, SampleRandom& random)
      : spec_(spec), index_(index), seed_(seed), today_(today), random_(random) {}

  std::string text() {
    switch (spec_.type) {
      case FieldType::kText:
        return "示例" + std::string(spec_.labelZh) + std::to_string(random_.between(1, 99));
      case FieldType::kMultiline:
        return std::string(random_.pick(kSentences)) + std::string(random_.pick(kSentences));
      case FieldType::kInteger:
        return std::to_string(between(1, 12, 0));
      case FieldType::kDecimal:
        return fixedText(between(10000, 120000, 4), 4, 0);
      case FieldType::kMoney:
        return fixedText(between(300000, 900000, 2) / 100 * 100, 2, 2);
      case FieldType::kDate:
        return core::isoDate(day(0));
      case FieldType::kPeriod:
        return period();
      case FieldType::kChoice:
        return spec_.choices.empty() ? "" : random_.pick(std::span<const Choice>(spec_.choices)).value;
      case FieldType::kBoolean:
        return random_.isOneIn(2) ? "是" : "否";
      case FieldType::kIdCard:
        return sampleResidentId(index_ + 5'000'000, seed_, today_);
      case FieldType::kUscc:
        return sampleUscc(random_.next() % 900000 + 100);
      case FieldType::kPhone:
        return sampleMobile(index_ + 5'000'000, seed_);
      case FieldType::kAddress:
        return sampleAddress(random_);
      case FieldType::kList:
        return list();
    }
    return {};
  }

 private:
  std::int64_t between(std::int64_t low, std::int64_t high, int scale) {
    const std::int64_t least = parseFixed(spec_.minimum.value_or(""), scale).value_or(low);
    const std::int64_t most = parseFixed(spec_.maximum.value_or(""), scale).value_or(std::max(high, least));
    return random_.between(std::min(least, most), most);
  }

  core::Date day(std::int64_t extra) {
    const auto least = core::parseDate(spec_.minimum.value_or("")), most = core::parseDate(spec_.maximum.value_or(""));
    std::int64_t days = core::toDays(today_) + random_.between(30, 300) + extra;
    if (least) days = std::max(days, core::toDays(*least) + extra);
    if (most) days = std::min(days, core::toDays(*most));
    return core::fromDays(days);
  }

  std::string period() {
    const core::Date start = day(0);
    const core::Date end = law::lastDayOfTerm(start, static_cast<int>(random_.between(1, 12)));
    const auto most = core::parseDate(spec_.maximum.value_or(""));
    return core::isoDate(start) + "~" + core::isoDate(most ? std::min(end, *most) : end);
  }

  std::string list() {
    std::string rows;
    const std::int64_t count = random_.between(1, 3);
    for (std::int64_t row = 1; row <= count; ++row) {
      if (row > 1) rows += ';';
      for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
        rows += (i > 0 ? "|" : "") + spec_.columns[i].labelZh + std::to_string(row);
      }
    }
    return rows;
  }

  const FieldSpec& spec_;
  std::uint64_t index_, seed_;
  core::Date today_;
  SampleRandom& random_;
};

std::string shortened(const std::string& text, const std::optional<std::string>& maximum) {
  const auto most = parseFixed(maximum.value_or(""), 0);
  std::size_t offset = 0;
  for (std::int64_t count = 0; offset < text.size() && (!most || count < *most); ++count)
    core::nextCodePoint(text, offset);
  return text.substr(0, offset);
}

void appendCell(std::string& line, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += cell;
    return;
  }
  line += '"';
  for (char c : cell) line.append(c == '"' ? 2 : 1, c);
  line += '"';
}

class SampleWriter {
 public:
  SampleWriter(const Template& form, std::uint64_t seed, core::Date today)
      : form_(form), seed_(seed), today_(today), contract_(form, seed, today), record_(form) {
    readers_.reserve(form.fields.size());
    for (const FieldSpec& spec : form.fields)
      readers_.emplace_back(spec,
                            core::fromDays(std::max(core::toDays(today), core::toDays(core::chinaDate(core::now())))));
    const law::Bindings bindings = law::bind(form);
    isStandard_.assign(form.fields.size(), false);
    for (std::size_t field : bindings) {
      if (field != Template::npos) isStandard_[field] = true;
    }
    cells_.resize(form.fields.size());
  }

  std::string header() const {
    std::unordered_set<std::string> seen, doubled;
    for (const FieldSpec& spec : form_.fields) {
      if (!seen.insert(spec.labelZh).second) doubled.insert(spec.labelZh);
    }
    std::string line;
    for (const FieldSpec& spec : form_.fields) {
      if (&spec != &form_.fields.front()) line += ',';
      appendCell(line, spec.labelZh.empty() || doubled.contains(spec.labelZh) ? spec.name : spec.labelZh);
    }
    return line += "\r\n";
  }

  void appendRow(std::uint64_t index, std::string& line) {
    SampleRandom random(seed_ * 0x9E3779B97F4A7C15u + index);
    contract_.write(index, random, cells_);
    for (std::size_t field = 0; field < cells_.size(); ++field) complete(field, index, random);
    fillDemanded(index, random);
    for (std::size_t field = 0; field < cells_.size(); ++field) {
      if (field > 0) line += ',';
      appendCell(line, cells_[field]);
    }
    line += "\r\n";
  }

 private:
  bool isValid(std::size_t field, const std::string& text) {
    Value value;
    const std::string& kindField = form_.fields[field].idTypeField;
    const std::size_t kind = kindField.empty() ? Template::npos : indexOfField(form_.fields, kindField);
    const bool anyDocument = kind != Template::npos && !cells_[kind].empty() && cells_[kind] != "resident_id";
    return !readers_[field].read(text, value, anyDocument);
  }

  void complete(std::size_t field, std::uint64_t index, SampleRandom& random) {
    const FieldSpec& spec = form_.fields[field];
    std::string& cell = cells_[field];
    if (!cell.empty() && isValid(field, cell)) return;
    const bool isDemanded = spec.required && !(isStandard_[field] && spec.condition);
    if (cell.empty() && !isDemanded && (isStandard_[field] || random.isOneIn(3))) return;
    makeUp(field, index, random);
  }

  // The scenario's own text cut to length, the template's example (every other time), else a value by type.
  void makeUp(std::size_t field, std::uint64_t index, SampleRandom& random) {
    const FieldSpec& spec = form_.fields[field];
    const auto accept = [&](std::string text) {
      if (text.empty() || !isValid(field, text)) return false;
      cells_[field] = std::move(text);
      return true;
    };
    if (accept(shortened(cells_[field], spec.maximum))) return;
    if (random.isOneIn(2) && accept(spec.example)) return;
    for (int i = 0; i < kAttempts; ++i) {
      const std::string text = PlausibleValue(spec, index, seed_, today_, random).text();
      if (accept(text) || accept(shortened(text, spec.maximum))) return;
    }
    if (accept(spec.example)) return;
    throw core::Error(core::ErrorCode::kUnsupported, "no sample value can be made up for field " + spec.name);
  }

  // Conditions of the template's own may demand what the scenario left empty, or have no use for what it filled in.
  void fillDemanded(std::uint64_t index, SampleRandom& random) {
    std::vector<Fault> faults;
    for (int i = 0; i < kAttempts; ++i) {
      std::vector<FieldCell> cells(cells_.size());
      for (std::size_t field = 0; field < cells.size(); ++field) cells[field].text = cells_[field];
      faults.clear();
      record_.read(index + 1, cells, faults);
      if (faults.empty()) return;
      for (const Fault& fault : faults) {
        const std::size_t field = indexOfField(form_.fields, fault.field);
        if (isBlocking(fault)) {
          makeUp(field, index, random);
        } else {
          cells_[field].clear();
        }
      }
    }
    throw core::Error(core::ErrorCode::kUnsupported, "no sample value can be made up for field " + faults[0].field);
  }

  const Template& form_;
  std::uint64_t seed_;
  core::Date today_;
  SampleContract contract_;
  RecordReader record_;
  std::vector<FieldReader> readers_;
  std::vector<bool> isStandard_;
  std::vector<std::string> cells_;
};

}  // namespace

void writeSampleRoster(const Template& form, std::uint64_t count, std::uint64_t seed, core::Date today,
                       std::ostream& out) {
  SampleWriter writer(form, seed, today);
  std::string block = writer.header();
  for (std::uint64_t index = 0; index < count; ++index) {
    writer.appendRow(index, block);
    if (block.size() < std::size_t{1} << 16) continue;
    out.write(block.data(), static_cast<std::streamsize>(block.size()));
    block.clear();
  }
  out.write(block.data(), static_cast<std::streamsize>(block.size()));
  if (!out.flush()) throw core::Error(core::ErrorCode::kSystem, "the sample roster could not be written");
}

}  // namespace qianda::templates
