#include "signing/pades/prepared_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/pades/text_string.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using testing::HasSubstr;
using testing::Not;

core::Instant noon() { return core::Instant(std::chrono::milliseconds(1'790'000'000'000)); }

TEST(TextString, IsALiteralForAsciiAndUtf16Otherwise) {
  EXPECT_EQ(writeTextString(""), "()");
  EXPECT_EQ(writeTextString("a (b) \\ c"), "(a \\(b\\) \\\\ c)");
  EXPECT_EQ(writeTextString("签达"), "<FEFF7B7E8FBE>");
  EXPECT_EQ(writeTextString("𠮷"), "<FEFFD842DFB7>");
  EXPECT_EQ(writeTextString("a\n"), "<FEFF0061000A>");
  EXPECT_THROW(writeTextString("\xE7\xAD"), Error);
}

TEST(HashState, ACopyGoesOnFromTheMiddle) {
  HashState state(DigestAlgorithm::kSha384);
  state.update(core::viewOf("prefix "));
  HashState first = state, second(DigestAlgorithm::kSha256);
  second = state;
  first.update(core::viewOf("one"));
  second.update(core::viewOf("two"));
  EXPECT_EQ(first.finish(), digestOf(DigestAlgorithm::kSha384, core::viewOf("prefix one")));
  EXPECT_EQ(second.finish(), digestOf(DigestAlgorithm::kSha384, core::viewOf("prefix two")));
  EXPECT_EQ(HashState(state).finish(), digestOf(DigestAlgorithm::kSha384, core::viewOf("prefix ")));
}

TEST(SignatureDictionary, HasTheEntriesOfPadesAndItsPlaceholders) {
  const SignatureDictionary made = writeSignatureDictionary({noon(), "珠海", "订立劳动合同", "", 10});
  EXPECT_THAT(made.bytes, HasSubstr("/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached"));
  EXPECT_THAT(made.bytes, HasSubstr("/M (" + core::pdfDate(noon()) + ")"));
  EXPECT_THAT(made.bytes, HasSubstr("/Name <FEFF73E06D77>"));
  EXPECT_THAT(made.bytes, Not(HasSubstr("/Location")));
  EXPECT_EQ(made.contentsWidth, 22u);
  EXPECT_EQ(made.bytes.substr(made.contents, made.contentsWidth), "<" + std::string(20, '0') + ">");
  EXPECT_EQ(made.bytes[made.byteRange], '[');
  EXPECT_EQ(made.bytes[made.byteRange + kByteRangeWidth - 1], ']');
}

TEST(PreparedSignature, HashesAllButContentsAndWritesInPlace) {
  const SignatureDictionary dictionary = writeSignatureDictionary({noon(), "A", "", "", 8});
  const std::string prefix = "the shared prefix ";
  std::string tail = "4 0 obj\n" + dictionary.bytes + "\nendobj\nand the rest";
  HashState state(DigestAlgorithm::kSha256);
  state.update(core::viewOf(prefix));
  const PreparedSignature prepared = prepare(state, prefix.size(), tail, 8, dictionary);

  const std::size_t gap = prefix.size() + prepared.contents, after = gap + prepared.contentsWidth;
  const std::string file = prefix + tail;
  EXPECT_THAT(file, HasSubstr("/ByteRange [0 " + std::to_string(gap) + " " + std::to_string(after) + " " +
                              std::to_string(file.size() - after) + " "));
  EXPECT_EQ(prepared.digest,
            digestOf(DigestAlgorithm::kSha256, core::viewOf(file.substr(0, gap) + file.substr(after))));

  complete(tail, prepared, Bytes{0x00, 0x9F, 0xFF, 0x10});
  EXPECT_EQ(tail.substr(prepared.contents, prepared.contentsWidth), "<009fff1000000000>");
  complete(tail, prepared, Bytes{0x01});
  EXPECT_EQ(tail.substr(prepared.contents, prepared.contentsWidth), "<0100000000000000>");
  complete(tail, prepared, Bytes(8, 0xAB));
  EXPECT_THROW(complete(tail, prepared, Bytes(9)), Error);
  EXPECT_EQ(prefix + tail.substr(0, prepared.contents), file.substr(0, gap));
  EXPECT_EQ(tail.size() + prefix.size(), file.size());
}

TEST(PreparedSignature, RefusesADictionaryThatIsNotThere) {
  const SignatureDictionary dictionary = writeSignatureDictionary({noon(), "", "", "", 8});
  std::string tail = "4 0 obj\n" + dictionary.bytes;
  const HashState state(DigestAlgorithm::kSha256);
  EXPECT_THROW(prepare(state, 0, tail, 7, dictionary), Error);
  EXPECT_THROW(prepare(state, 0, tail, tail.size(), dictionary), Error);
  EXPECT_THROW(prepare(state, 0, std::span(tail).first(20), 8, dictionary), Error);
  EXPECT_NO_THROW(prepare(state, 0, tail, 8, dictionary));
}

}  // namespace
}  // namespace qianda::signing
