#include "contracts/ceremony/paper_copy.h"

#include <fmt/format.h>
#define POINTERHOLDER_TRANSITION 4  // std::shared_ptr
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include "contracts/ceremony/links.h"
#include "contracts/envelope/details.h"
#include "core/digest.h"
#include "core/error.h"
#include "signing/seal/text_lines.h"
#include "templates/qr/qr_stamp.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using signing::kPointsPerMillimetre;
using storage::Transaction;

constexpr std::size_t kCodeCharacters = 16;
constexpr const char* kSentence = "本打印件与数据电文原件一致";

struct Facts {
  Envelope envelope;
  Revision newest;
  std::string code;
};

// The transformation from what the reader sees (origin lower left) to the page's own units.
std::string uprightMatrix(QPDFPageObjectHelper& page) {
  QPDFObjectHandle box = page.getCropBox();
  const double x0 = box.getArrayItem(0).getNumericValue(), y0 = box.getArrayItem(1).getNumericValue(),
               x1 = box.getArrayItem(2).getNumericValue(), y1 = box.getArrayItem(3).getNumericValue();
  QPDFObjectHandle rotate = page.getAttribute("/Rotate", false);
  const long long turn = rotate.isInteger() ? (rotate.getIntValue() % 360 + 360) % 360 : 0;
  if (turn == 90) return fmt::format("0 1 -1 0 {} {} cm\n", x1, y0);
  if (turn == 180) return fmt::format("-1 0 0 -1 {} {} cm\n", x1, y1);
  if (turn == 270) return fmt::format("0 -1 1 0 {} {} cm\n", x0, y1);
  return fmt::format("1 0 0 1 {} {} cm\n", x0, y0);
}

std::string placed(const signing::Appearance& look, double left, double bottom) {
  return fmt::format("q 1 0 0 1 {:.2f} {:.2f} cm\n{}\nQ\n", left * kPointsPerMillimetre, bottom * kPointsPerMillimetre,
                     look.content);
}

std::string drawQr(const std::string& address, const std::string& code, double left, double bottom, double side) {
  const templates::qr::QrStamp stamp(address, code.size());
  const std::string rows = stamp.encode(code);
  const int modules = stamp.modules();
  const auto rowOctets = static_cast<std::size_t>((modules + 7) / 8);
  const double unit = side * kPointsPerMillimetre / modules;
  std::string out =
      fmt::format("q 0 g 1 0 0 1 {:.2f} {:.2f} cm\n", left * kPointsPerMillimetre, bottom * kPointsPerMillimetre);
  for (int y = 0; y < modules; ++y) {
    for (int x = 0; x < modules; ++x) {
      const auto octet =
          static_cast<unsigned char>(rows[static_cast<std::size_t>(y) * rowOctets + static_cast<std::size_t>(x / 8)]);
      if ((octet >> (7 - x % 8) & 1) == 0) continue;
      out += fmt::format("{:.3f} {:.3f} {:.3f} {:.3f} re\n", x * unit, (modules - 1 - y) * unit, unit, unit);
    }
  }
  return out + "f Q\n";
}

std::string lastPage(const Facts& facts, std::size_t pages, const std::string& address) {
  std::vector<signing::TextLine> lines{{"", kSentence},
                                       {"标题：", facts.envelope.title},
                                       {"文件编号：", facts.envelope.id},
                                       {"页数：", std::to_string(pages)},
                                       {"数据电文 SHA-256：", facts.newest.sha256},
                                       {"校验码：", facts.code},
                                       {"校验地址：", address + facts.code}};
  for (const Party& party : facts.envelope.parties) {
    if (party.state != PartyState::kSigned) continue;
    lines.push_back({"签署方：", party.displayName + "，" + core::isoInstant(party.changed)});
  }
  lines.push_back({"", "签名的有效性以数据电文为准：可凭校验码在校验地址查询，或上传数据电文验证。"});
  const signing::Appearance text = signing::setTextLines(lines, 170, {10});
  return placed(text, 20, 277 - text.height) + drawQr(address, facts.code, 20, 277 - text.height - 45, 35);
}

std::string print(const std::string& file, const Facts& facts, const std::string& address) {
  QPDF pdf;
  pdf.setSuppressWarnings(true);
  pdf.processMemoryFile("contract", file.data(), file.size());
  QPDFPageDocumentHelper document(pdf);
  document.flattenAnnotations(0, 2 | 32);  // hidden and not viewed stay out
  for (const char* key : {"/AcroForm", "/Perms", "/DSS", "/Extensions"}) pdf.getRoot().removeKey(key);
  auto pages = document.getAllPages();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const signing::Appearance foot = signing::setTextLines(
        {{"", fmt::format("{}  校验码 {}  第 {} 页，共 {} 页", kSentence, facts.code, i + 1, pages.size() + 1)}}, 120,
        {7});
    pages[i].addPageContents(pdf.newStream("q\n"), true);
    pages[i].addPageContents(pdf.newStream("\nQ q\n" + uprightMatrix(pages[i]) + placed(foot, 20, 5) + "Q\n"), false);
  }
  QPDFObjectHandle last = QPDFObjectHandle::parse("<</Type/Page/MediaBox[0 0 595.28 841.89]/Resources<<>>>>");
  last.replaceKey("/Contents", pdf.newStream(lastPage(facts, pages.size(), address)));
  document.addPage(pdf.makeIndirectObject(last), false);
  QPDFWriter writer(pdf);
  writer.setOutputMemory();
  writer.write();
  const std::shared_ptr<Buffer> buffer = writer.getBufferSharedPointer();
  return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

}  // namespace

PaperCopy makePaperCopy(EnvelopeServices& services, const std::string& envelope, const std::string& madeFor,
                        const std::string& checkAddress) {
  Facts facts;
  services.database.read([&](Transaction& transaction) {
    facts.envelope = getEnvelope(transaction, envelope);
    if (facts.envelope.state != EnvelopeState::kCompleted) {
      throw Error(ErrorCode::kConflict, "envelope " + envelope + " is not completed: there is nothing to print");
    }
    facts.newest = newestRevision(transaction, facts.envelope);
  });
  const std::string file = services.documents.read(facts.newest.document);
  if (core::sha256Hex(file) != facts.newest.sha256) {
    throw Error(ErrorCode::kCorrupt, "document " + facts.newest.document.text() + " is not what it was");
  }
  facts.code = drawSecret().substr(0, kCodeCharacters);
  PaperCopy copy{facts.code, ""};
  try {
    copy.pdf = print(file, facts, checkAddress);
  } catch (const QPDFExc& error) {
    throw Error(ErrorCode::kSystem, "qpdf: " + std::string(error.what()));
  }
  services.database.write([&](Transaction& transaction) {
    const core::Instant now = services.clock();
    const Envelope locked = lockEnvelope(transaction, envelope);
    transaction.insertAll("INSERT INTO paper_copies (code, envelope, sha256, made_for, made_ms) VALUES", 5,
                          {{facts.code, envelope, facts.newest.sha256, madeFor, now.time_since_epoch().count()}});
    recordPrivately(transaction, locked, {{}, madeFor, {}, {}}, "envelope.printed",
                    jsonOf({{"code", facts.code}, {"sha256", facts.newest.sha256}}), now);
  });
  return copy;
}

std::optional<PaperCheck> findPaperCopy(Transaction& transaction, const std::string& code) {
  const auto row = transaction.findRow(
      "SELECT envelope, sha256, title, state, made_ms FROM paper_copies JOIN envelopes ON envelopes.id = envelope "
      "WHERE "
      "code = $1",
      {code});
  if (!row) return std::nullopt;
  return PaperCheck{row->text(0), row->text(1), row->text(2), row->text(3),
                    core::Instant(std::chrono::milliseconds(row->number(4)))};
}

}  // namespace qianda::contracts
