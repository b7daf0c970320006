#include "delivery/partner/print_bundle.h"

#include <algorithm>

#include <podofo/podofo.h>

#include "core/error.h"
#include "delivery/partner/barcode.h"
#include "delivery/partner/cover_sheet.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using PoDoFo::PdfMemDocument;

constexpr double kPointsPerMm = 72 / 25.4;
constexpr double kMargin = 21 * kPointsPerMm, kHeight = 11 * kPointsPerMm, kWidestModule = 0.4 * kPointsPerMm;
constexpr double kFirstTop = 8 * kPointsPerMm, kSecondTop = 24 * kPointsPerMm;
constexpr int kQuietModules = 10;

// A document loaded from octets that stay where they are.
struct Loaded {
  PdfMemDocument document;
  explicit Loaded(std::string_view pdf) { document.LoadFromBuffer(pdf.data(), static_cast<long>(pdf.size())); }
};

class Binder {
 public:
  explicit Binder(bool twoSided) : twoSided_(twoSided) {}

  int pages() { return bundle_.GetPageCount(); }

  // Returns the pages it has.
  int add(std::string_view pdf) {
    if (twoSided_ && pages() % 2 != 0) {
      bundle_.CreatePage(PoDoFo::PdfPage::CreateStandardPageSize(PoDoFo::ePdfPageSize_A4, false));
    }
    const int before = pages();
    const Loaded loaded(pdf);
    bundle_.Append(loaded.document);
    return pages() - before;
  }

  // Bars on `page`, from the top margin down.
  void draw(int page, const std::string& text, double fromTop) {
    const Barcode barcode = code128(text);
    PoDoFo::PdfPage* canvas = bundle_.GetPage(page);
    const PoDoFo::PdfRect size = canvas->GetPageSize();
    const double room = size.GetWidth() - 2 * kMargin;
    const double module = std::min(kWidestModule, room / (barcode.width + 2 * kQuietModules));
    const double left = kMargin + kQuietModules * module, bottom = size.GetHeight() - fromTop - kHeight;
    PoDoFo::PdfPainter painter;
    painter.SetPage(canvas);
    painter.Save();
    painter.SetColor(0, 0, 0);
    for (const Bar& bar : barcode.bars) painter.Rectangle(left + bar.at * module, bottom, bar.width * module, kHeight);
    painter.Fill();
    painter.Restore();
    painter.FinishPage();
  }

  std::string write() {
    PoDoFo::PdfRefCountedBuffer buffer;
    PoDoFo::PdfOutputDevice device(&buffer);
    bundle_.Write(&device);
    return {buffer.GetBuffer(), static_cast<std::size_t>(device.GetLength())};
  }

 private:
  const bool twoSided_;
  PdfMemDocument bundle_;
};

// PoDoFo's errors are no std::exception.
template <typename Action>
auto guarded(const std::string& where, ErrorCode code, Action action) {
  try {
    return action();
  } catch (const PoDoFo::PdfError& error) {
    const char* name = PoDoFo::PdfError::ErrorName(error.GetError());
    throw Error(code, where + ": " + (name ? name : "a PDF that cannot be used"));
  }
}

PrintBundle::Part bind(Binder& binder, const PrintedParcel& parcel, const std::string& cover) {
  const std::string where = "parcel " + parcel.orderNo;
  if (parcel.documents.empty()) throw Error(ErrorCode::kInvalidInput, where + ": it has no documents");
  PrintBundle::Part part;
  part.orderNo = parcel.orderNo;
  part.coverPages = guarded(where, ErrorCode::kSystem, [&] { return binder.add(cover); });
  part.firstPage = binder.pages() - part.coverPages + 1;
  part.pages = part.coverPages;
  guarded(where, ErrorCode::kSystem, [&] {
    binder.draw(part.firstPage - 1, parcel.orderNo, kFirstTop);
    if (!parcel.waybill.empty()) binder.draw(part.firstPage - 1, parcel.waybill, kSecondTop);
  });
  for (const PrintedDocument& document : parcel.documents) {
    const std::string title = where + ", " + document.title;
    const int pages = guarded(title, ErrorCode::kInvalidInput, [&] { return binder.add(document.pdf); });
    if (pages != document.pages) {
      throw Error(ErrorCode::kInvalidInput, title + ": the file has " + std::to_string(pages) +
                                                " pages, the enclosure list " + std::to_string(document.pages));
    }
    part.pages += pages;
  }
  return part;
}

}  // namespace

PrintBundle makePrintBundle(const std::vector<PrintedParcel>& parcels, core::Instant at, bool twoSided) {
  if (parcels.empty()) throw Error(ErrorCode::kInvalidInput, "a print bundle needs a parcel");
  PoDoFo::PdfError::EnableLogging(false);
  PoDoFo::PdfError::EnableDebug(false);
  const std::vector<std::string> covers = coverSheets(parcels, at);
  Binder binder(twoSided);
  PrintBundle bundle;
  for (std::size_t i = 0; i < parcels.size(); ++i) bundle.parcels.push_back(bind(binder, parcels[i], covers[i]));
  bundle.pages = binder.pages();
  bundle.pdf = guarded("the bundle", ErrorCode::kSystem, [&] { return binder.write(); });
  return bundle;
}

}  // namespace qianda::delivery
