#include "delivery/partner/cover_sheet.h"

#include <algorithm>

#include "core/error.h"
#include "core/id.h"
#include "templates/typesetter.h"

namespace qianda::delivery {
namespace {

using templates::Record;
using templates::Value;

// Of titles the longest kind counts: 不予受理通知书 is no 受理通知书.
constexpr std::string_view kKinds[] = {"受理通知书", "不予受理通知书", "应诉通知书", "举证通知书", "申请书副本",
                                       "答辩书副本", "组庭通知书",     "开庭通知书", "延期通知书", "中止通知书",
                                       "恢复通知书", "调解书",         "裁决书",     "决定书"};

constexpr const char* kHead = R"(---
id: postal-cover
version: 1.0.0
title: 仲裁专递封装清单
title_en: Contents of a postal item
law: none
page: {size: A4, top: 66mm, bottom: 20mm, left: 21mm, right: 21mm}
font_size: 10.5pt
fields:
  case_number: {type: text, label: 案号}
  court: {type: text, label: 寄件机构}
  recipient: {type: text, label: 收件人}
  phone: {type: text, label: 电话}
  address: {type: text, label: 地址}
  order_no: {type: text, label: 订单号}
  waybill: {type: text, label: 邮件号}
  return_waybill: {type: text, label: 返单号}
  pages: {type: text, label: 页数}
  printed: {type: text, label: 制作时间}
  kinds: {type: text, label: 文书种类}
  contents: {type: list, label: 内件, columns: {number: 序号, title: 文书名称, pages: 页数, box: 核对}}
---

# 仲裁专递封装清单

| | |
|:--|:--|)";

struct Fact {
  const char *name, *label;
};
constexpr Fact kFacts[] = {{"case_number", "案号"}, {"court", "寄件机构"},        {"recipient", "收件人"},
                           {"phone", "联系电话"},   {"address", "收件地址"},      {"order_no", "订单号"},
                           {"waybill", "邮件号"},   {"return_waybill", "返单号"}, {"pages", "内件份数、页数"},
                           {"printed", "制作时间"}};

std::string templateText() {
  std::string body = kHead;
  for (const Fact& fact : kFacts) {
    body += std::string("\n|**") + fact.label + "**|{{" + fact.name + "|plain}}|";
  }
  return body +
         "\n\n{{noindent}}{{keep}}**文书种类**\n\n{{noindent}}{{kinds|plain}}\n\n"
         "|序号|文书名称|页数|核对|\n|:--|:--|:--|:--|\n"
         "|{{contents.number|blank:3}}|{{contents.title|blank:26}}|{{contents.pages|blank:4}}|{{contents.box|blank:4}}|"
         "\n\n"
         "{{small}}{{noindent}}"
         "封装前逐份核对名称、份数和页数，核对后在“核对”栏打勾。封装人：　　　　　　日期：\n";
}

std::shared_ptr<const templates::FrozenTemplate> frozenCover() {
  static const std::shared_ptr<const templates::FrozenTemplate> frozen = [] {
    const templates::Compilation compilation = templates::compile(templateText(), "postal-cover");
    if (compilation.compiled) {
      return std::make_shared<const templates::FrozenTemplate>(compilation.compiled, templates::FreezeOptions{});
    }
    std::string faults;
    for (const auto& one : compilation.diagnostics) faults += " " + std::to_string(one.line) + ": " + one.message;
    throw core::Error(core::ErrorCode::kSystem, "the cover's template does not compile:" + faults);
  }();
  return frozen;
}

Value textValue(const std::string& text) {
  Value value;
  value.present = true;
  value.text = text.empty() ? "／" : text;
  return value;
}

Record recordOf(const PrintedParcel& parcel, core::Instant at) {
  int pages = 0;
  std::vector<std::string> titles;
  for (const PrintedDocument& document : parcel.documents) {
    pages += document.pages;
    titles.push_back(document.title);
  }
  const PostalAddress& to = parcel.to;
  std::string printed = core::isoInstant(at).substr(0, 16);
  printed[10] = ' ';
  const std::string texts[] = {
      parcel.caseNumber,
      parcel.court,
      to.name,
      to.phone,
      to.province + to.city + to.district + to.street + (to.postcode.empty() ? "" : "（" + to.postcode + "）"),
      parcel.orderNo,
      parcel.waybill,
      parcel.returnWaybill,
      std::to_string(titles.size()) + "份" + std::to_string(pages) + "页",
      printed,
      tickedKinds(titles)};
  Record record;
  for (const std::string& text : texts) record.values.push_back(textValue(text));
  Value& contents = record.values.emplace_back();
  contents.present = true;
  for (std::size_t i = 0; i < parcel.documents.size(); ++i) {
    contents.rows.push_back({std::to_string(i + 1), titles[i], std::to_string(parcel.documents[i].pages) + "页", "☐"});
  }
  return record;
}

}  // namespace

std::string tickedKinds(const std::vector<std::string>& titles) {
  std::vector<bool> isTicked(std::size(kKinds));
  std::string others;
  for (const std::string& title : titles) {
    std::size_t best = std::size(kKinds), length = 0;
    for (std::size_t i = 0; i < std::size(kKinds); ++i) {
      if (kKinds[i].size() <= length || title.find(kKinds[i]) == std::string::npos) continue;
      best = i;
      length = kKinds[i].size();
    }
    if (best < std::size(kKinds)) {
      isTicked[best] = true;
    } else {
      others += (others.empty() ? "" : "、") + title;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    text += std::string(isTicked[i] ? "☑" : "☐") + std::string(kKinds[i]) + "　";
  }
  return text + (others.empty() ? "☐其他" : "☑其他：" + others);
}

std::vector<std::string> coverSheets(const std::vector<PrintedParcel>& parcels, core::Instant at) {
  const auto frozen = frozenCover();
  std::vector<Record> records;
  templates::CharacterSet characters;
  for (const PrintedParcel& parcel : parcels) {
    records.push_back(recordOf(parcel, at));
    std::vector<templates::Fault> faults;
    frozen->checkGlyphs(records.back(), faults);
    if (!faults.empty()) {
      throw core::Error(core::ErrorCode::kInvalidInput, "parcel " + parcel.orderNo + ": " + faults.front().messageEn);
    }
    characters.add(records.back());
  }
  templates::Composer composer(frozen, std::make_shared<templates::FieldFonts>(frozen, characters));
  templates::Composition composition;
  std::vector<std::string> covers;
  for (const Record& record : records) {
    composer.compose(record, {core::DocumentId::random(), at, {}}, composition);
    covers.push_back(frozen->prefix() + composition.tail);
  }
  return covers;
}

}  // namespace qianda::delivery
