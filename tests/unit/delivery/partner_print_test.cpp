// Print bundles, read back by qpdf, pdftotext, pdftoppm and zbarimg.
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/partner/barcode.h"
#include "delivery/partner/cover_sheet.h"
#include "delivery/partner/print_bundle.h"
#include "tests/support/error_of.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/postal.h"
#include "tests/support/process.h"
#include "tests/support/raster.h"

namespace qianda::delivery {
namespace {

using test::errorOf;

// Pages that say which document they are of. Resources and box stand in the node of pages, to be inherited.
std::string documentOf(const std::string& name, int pages) {
  std::vector<std::string> objects{"<</Type/Catalog/Pages 2 0 R>>", "",
                                   "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"};
  std::string kids;
  for (int i = 1; i <= pages; ++i) {
    const std::string content = "BT /F1 20 Tf 72 700 Td (" + name + " page " + std::to_string(i) + ") Tj ET";
    objects.push_back(test::streamOf(content));
    objects.push_back("<</Type/Page/Parent 2 0 R/Contents " + std::to_string(objects.size()) + " 0 R>>");
    kids += std::to_string(objects.size()) + " 0 R ";
  }
  objects[1] = "<</Type/Pages/Kids[" + kids + "]/Count " + std::to_string(pages) +
               "/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>>>";
  return test::pdfOf(objects);
}

struct Printer {
  const std::string answer = documentOf("Answer", 1), evidence = documentOf("Evidence", 3);

  PrintedParcel parcel(const std::string& orderNo = "QD2026000001",
                       const std::string& waybill = "1272448151316") const {
    PrintedParcel parcel;
    parcel.caseNumber = "珠劳人仲案字〔2026〕000001号";
    parcel.court = "示例劳动人事争议仲裁委员会";
    parcel.orderNo = orderNo;
    parcel.waybill = waybill;
    parcel.to = test::anOrder().to;
    parcel.documents = {{"应诉通知书", answer, 1}, {"证据材料目录", evidence, 3}};
    return parcel;
  }
};

struct Pages {
  const test::TempFolder folder;

  explicit Pages(const std::string& pdf) { core::writeFile(folder / "bundle.pdf", pdf); }
  void expectSound() const {
    const test::Output check = test::run({"qpdf", "--check", folder / "bundle.pdf"});
    EXPECT_EQ(check.status, 0) << check.out << check.err;
  }
  std::string text(int page) const {
    const std::string number = std::to_string(page);
    return test::run({"pdftotext", "-layout", "-f", number, "-l", number, folder / "bundle.pdf", "-"}).out;
  }
  std::string barcodes(int page) const {
    const std::string number = std::to_string(page);
    test::run({"pdftoppm", "-r", "200", "-gray", "-png", "-singlefile", "-f", number, "-l", number,
               folder / "bundle.pdf", folder / "page"});
    return test::run({"zbarimg", "--quiet", "--raw", folder / "page.png"}).out;
  }
};

std::string without(std::string text, const std::string& what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what)) text.erase(at, what.size());
  return text;
}

TEST(PrintBundle, HasACoverAndThenTheDocuments) {
  const Printer printer;
  const PrintBundle bundle = makePrintBundle({printer.parcel()}, test::morning());
  const Pages pages(bundle.pdf);
  pages.expectSound();
  EXPECT_EQ(bundle.pages, 5);
  EXPECT_EQ(test::run({"qpdf", "--show-npages", pages.folder / "bundle.pdf"}).out, "5\n");
  const std::string cover = without(pages.text(1), " ");
  for (const char* word :
       {"珠劳人仲案字〔2026〕000001号", "张示例", "13800000000", "广东省珠海市斗门区样例街2号", "QD2026000001",
        "1272448151316", "2份4页", "☑应诉通知书", "☐裁决书", "☑其他：证据材料目录", "核对"}) {
    EXPECT_NE(without(cover, "\n").find(word), std::string::npos) << word << "\n" << cover;
  }
  EXPECT_NE(pages.text(2).find("Answer page 1"), std::string::npos);
  EXPECT_NE(pages.text(5).find("Evidence page 3"), std::string::npos);
}

TEST(PrintBundle, BarcodesOfOrderAndWaybillAreReadBack) {
  const Printer printer;
  const std::string longest = "QD-01JXAMPLE0000000000000000A";
  const PrintBundle bundle = makePrintBundle(
      {printer.parcel(), printer.parcel(longest, "LZ290346175CN"), printer.parcel("QD3", "")}, test::morning());
  const Pages pages(bundle.pdf);
  const auto hasLine = [](const std::string& lines, const std::string& line) {
    return ("\n" + lines).find("\n" + line + "\n") != std::string::npos;
  };
  const std::string first = pages.barcodes(1), second = pages.barcodes(6), third = pages.barcodes(11);
  EXPECT_TRUE(hasLine(first, "QD2026000001") && hasLine(first, "1272448151316")) << first;
  EXPECT_TRUE(hasLine(second, longest) && hasLine(second, "LZ290346175CN")) << second;
  EXPECT_EQ(third, "QD3\n");
  EXPECT_EQ(pages.barcodes(2), "");
}

// A sealed document: its seal is the appearance of a signature field, which must still be there on paper.
TEST(PrintBundle, KeepsTheSealsOfItsDocuments) {
  const std::string sealed = test::pdfOf(
      {"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[5 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R/Annots[5 0 R]>>",
       test::streamOf("0 g 20 20 60 60 re f"),
       "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/F 132/Rect[300 400 400 500]/P 3 0 R/AP<</N 6 0 R>>/V 7 0 R>>",
       test::streamOf("1 0 0 rg 0 0 100 100 re f", "/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<<>>"),
       "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>>>"});
  PrintedParcel parcel = Printer().parcel();
  parcel.documents = {{"裁决书", sealed, 1}};
  const PrintBundle bundle = makePrintBundle({parcel}, test::morning());
  const Pages pages(bundle.pdf);
  pages.expectSound();
  test::run({"pdftoppm", "-r", "72", "-singlefile", "-f", "2", "-l", "2", pages.folder / "bundle.pdf",
             pages.folder / "page"});
  const test::Raster page(pages.folder / "page.ppm");
  EXPECT_TRUE(page.red(350, 842 - 450));
  EXPECT_TRUE(page.white(450, 842 - 450));
}

TEST(PrintBundle, SaysWhereEachParcelLies) {
  const Printer printer;
  const PrintBundle bundle = makePrintBundle({printer.parcel("QD1"), printer.parcel("QD2")}, test::morning());
  ASSERT_EQ(bundle.parcels.size(), 2u);
  EXPECT_EQ(bundle.parcels[0].firstPage, 1);
  EXPECT_EQ(bundle.parcels[0].pages, 5);
  EXPECT_EQ(bundle.parcels[1].orderNo, "QD2");
  EXPECT_EQ(bundle.parcels[1].firstPage, 6);
  EXPECT_EQ(bundle.pages, 10);
}

TEST(PrintBundle, OnBothSidesEveryDocumentBeginsOnASheetOfItsOwn) {
  const Printer printer;
  const PrintBundle bundle = makePrintBundle({printer.parcel("QD1"), printer.parcel("QD2")}, test::morning(), true);
  const Pages pages(bundle.pdf);
  pages.expectSound();
  EXPECT_EQ(bundle.parcels[1].firstPage % 2, 1);
  EXPECT_EQ(bundle.parcels[1].pages, 5);
  EXPECT_EQ(bundle.pages, 15);  // cover, blank, answer, blank, evidence 1-3, blank, and again without the last one
  EXPECT_NE(pages.text(3).find("Answer page 1"), std::string::npos);
  EXPECT_NE(pages.text(5).find("Evidence page 1"), std::string::npos);
  EXPECT_EQ(without(without(pages.text(4), "\f"), "\n"), "");
}

TEST(PrintBundle, HoldsThePagesAgainstTheEnclosureList) {
  const Printer printer;
  PrintedParcel parcel = printer.parcel();
  parcel.documents[1].pages = 4;
  EXPECT_EQ(errorOf([&] { makePrintBundle({parcel}, test::morning()); }),
            "parcel QD2026000001, 证据材料目录: the file has 3 pages, the enclosure list 4");
  parcel.documents[1].pages = 3;
  EXPECT_EQ(errorOf([&] { makePrintBundle({parcel}, test::morning()); }), "accepted");
}

TEST(PrintBundle, RefusesWhatCannotBePrinted) {
  const Printer printer;
  PrintedParcel torn = printer.parcel(), none = printer.parcel(), glyph = printer.parcel(),
                code = printer.parcel("订单");
  torn.documents[0].pdf = std::string_view(printer.answer).substr(0, 100);
  none.documents.clear();
  glyph.to.name = "张\U000F0000";
  const auto said = [](const PrintedParcel& one) { return errorOf([&] { makePrintBundle({one}, test::morning()); }); };
  EXPECT_TRUE(said(torn).starts_with("parcel QD2026000001, 应诉通知书: ")) << said(torn);
  EXPECT_EQ(said(none), "parcel QD2026000001: it has no documents");
  EXPECT_NE(said(glyph).find("U+F0000"), std::string::npos) << said(glyph);
  EXPECT_NE(said(code).find("ASCII"), std::string::npos) << said(code);
  EXPECT_EQ(errorOf([] { makePrintBundle({}, test::morning()); }), "a print bundle needs a parcel");
}

TEST(PrintBundle, AListOfManyDocumentsGoesOnToAnotherPage) {
  const Printer printer;
  PrintedParcel parcel = printer.parcel();
  for (int i = 0; i < 60; ++i) parcel.documents.push_back({"证据" + std::to_string(i), printer.answer, 1});
  const PrintBundle bundle = makePrintBundle({parcel}, test::morning());
  EXPECT_GT(bundle.parcels[0].coverPages, 1);
  EXPECT_EQ(bundle.pages, bundle.parcels[0].coverPages + 64);
  Pages(bundle.pdf).expectSound();
}

TEST(TickedKinds, TicksTheKindATitleNamesAtFullLength) {
  const std::string kinds = tickedKinds({"不予受理通知书", "裁决书（正本）", "光盘"});
  EXPECT_NE(kinds.find("☑不予受理通知书"), std::string::npos);
  EXPECT_NE(kinds.find("☐受理通知书"), std::string::npos);
  EXPECT_NE(kinds.find("☑裁决书"), std::string::npos);
  EXPECT_NE(kinds.find("☑其他：光盘"), std::string::npos);
  EXPECT_NE(tickedKinds({}).find("☐其他"), std::string::npos);
}

TEST(Code128, IsBarsOfOneToFourModules) {
  const Barcode barcode = code128("1272448151316");
  int black = 0;
  for (const Bar& bar : barcode.bars) {
    EXPECT_GE(bar.width, 1);
    EXPECT_LE(bar.width, 4);
    black += bar.width;
  }
  EXPECT_EQ((barcode.width - 13) % 11, 0);  // symbols of eleven modules, and the stop of thirteen
  EXPECT_EQ(barcode.bars.back().at + barcode.bars.back().width, barcode.width);
  EXPECT_LT(black, barcode.width);
}

}  // namespace
}  // namespace qianda::delivery
