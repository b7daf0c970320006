// `qianda sign`, `verify` and `template`: results for machines and for foreign judges, tampered twins, exit statuses.
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class SignVerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sampleRoster(folder_, 1).write(folder_ / "roster.csv");
    const Output made = Batch{folder_ / "data", folder_ / "out", folder_ / "roster.csv"}.run();
    ASSERT_EQ(made.status, 0) << made.err;
    sealed_ = fs::directory_iterator(folder_ / "out")->path();
  }
  std::vector<std::string> signArguments(const std::string& in, const std::string& out,
                                         std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"sign", in, "--key", developmentPki() / "worker.p12", "--out", out};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Output verify(std::vector<std::string> files) const {
    files.insert(files.begin(), {"verify", "--json", "--trust", developmentPki() / "root.pem"});
    return qianda(files);
  }
  std::string pdfsig(const std::string& file) const {
    const fs::path nss = folder_ / "nss";
    if (!fs::exists(nss)) trustInNss(nss, developmentPki() / "root.pem");
    return run({"pdfsig", "-nssdir", "sql:" + nss.string(), file}).out;
  }

  TempFolder folder_;
  std::string sealed_;
};

TEST_F(SignVerifyTest, AWorkerSignsTheirFieldOfASealedContract) {
  const std::string out = folder_ / "signed.pdf";
  const Output made = qianda(signArguments(sealed_, out, {"--field", "worker", "--json"}));
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(text(jsonObject(made.out), "field"), "worker");
  EXPECT_EQ(core::readFile(out).substr(0, core::readFile(sealed_).size()), core::readFile(sealed_));
  const std::string judged = pdfsig(out);
  EXPECT_EQ(count(judged, "Signature is Valid."), 2u) << judged;
  EXPECT_EQ(count(judged, "Certificate is Trusted."), 2u) << judged;
  EXPECT_EQ(run({"qpdf", "--check", out}).status, 0);
  const Output verified = verify({out});
  EXPECT_EQ(verified.status, 0) << verified.out;
  const Json file = jsonObject(verified.out)->getArray("files")->getObject(0);
  EXPECT_EQ(text(file, "indication"), "TOTAL_PASSED");
  const JsonList signatures = file->getArray("signatures");
  ASSERT_EQ(signatures->size(), 2u);
  EXPECT_EQ(text(signatures->getObject(0), "field"), "employer");
  EXPECT_TRUE(signatures->getObject(0)->getValue<bool>("modified_after"));
  EXPECT_TRUE(signatures->getObject(0)->getValue<bool>("covers_whole_revision"));
  EXPECT_EQ(text(signatures->getObject(1), "field"), "worker");
  EXPECT_FALSE(signatures->getObject(1)->getValue<bool>("modified_after"));
}

TEST_F(SignVerifyTest, AFieldIsSignedOnce) {
  const Output again = qianda(signArguments(sealed_, folder_ / "again.pdf", {"--field", "employer"}));
  EXPECT_EQ(again.status, 1) << again.err;
  EXPECT_FALSE(fs::exists(folder_ / "again.pdf"));
}

TEST_F(SignVerifyTest, ADocumentOfObjectStreamsIsSigned) {
  const std::string preview = folder_ / "preview.pdf", packed = folder_ / "packed.pdf", out = folder_ / "signed.pdf";
  ASSERT_EQ(qianda({"template", "preview", "labour-general", "--out", preview}).status, 0);
  ASSERT_EQ(run({"qpdf", "--object-streams=generate", preview, packed}).status, 0);
  ASSERT_EQ(core::readFile(packed).find("\ntrailer"), std::string::npos) << "it should have cross-reference streams";
  const Output made = qianda(signArguments(packed, out, {"--at", "120,40", "--page", "2", "--reason", "同意"}));
  ASSERT_EQ(made.status, 0) << made.err;
  const std::string judged = pdfsig(out);
  EXPECT_EQ(count(judged, "Signature is Valid."), 1u) << judged;
  EXPECT_EQ(count(judged, "Total document signed"), 1u) << judged;
  EXPECT_EQ(run({"qpdf", "--check", out}).status, 0);
  EXPECT_EQ(verify({out}).status, 0);
}

TEST_F(SignVerifyTest, AnAlteredDocumentFails) {
  const std::string octets = core::readFile(sealed_);
  const std::size_t places[] = {octets.size() / 3, octets.size() / 2, octets.rfind("/ByteRange") - 200};
  for (std::size_t place : places) {
    std::string altered = octets;
    altered[place] = static_cast<char>(altered[place] ^ 1);
    core::writeFile(folder_ / "altered.pdf", altered);
    const Output verified = verify({folder_ / "altered.pdf"});
    EXPECT_EQ(verified.status, 1) << place;
    const Json file = jsonObject(verified.out)->getArray("files")->getObject(0);
    EXPECT_EQ(text(file, "indication"), "TOTAL_FAILED") << place << " " << verified.out;
    EXPECT_EQ(count(pdfsig(folder_ / "altered.pdf"), "Signature is Valid."), 0u) << place;
  }
}

TEST_F(SignVerifyTest, AppendedContentFails) {
  std::string altered = core::readFile(sealed_);
  altered += "\n% a line nobody signed\n";
  core::writeFile(folder_ / "altered.pdf", altered);
  EXPECT_EQ(verify({folder_ / "altered.pdf"}).status, 1);
}

TEST_F(SignVerifyTest, WithoutTheAnchorNothingPasses) {
  const Output verified = qianda({"verify", sealed_, "--json"});
  EXPECT_EQ(verified.status, 1);
  const Json file = jsonObject(verified.out)->getArray("files")->getObject(0);
  EXPECT_EQ(text(file, "indication"), "INDETERMINATE");
  EXPECT_EQ(qianda({"verify", sealed_, "--trust", developmentPki() / "not-trusted-root.pem"}).status, 1);
}

TEST_F(SignVerifyTest, EveryFileIsListedAlsoTheUnreadable) {
  core::writeFile(folder_ / "text.pdf", "this is no PDF");
  const std::string missing = folder_ / "missing.pdf";
  const Output verified = verify({sealed_, missing, folder_ / "text.pdf", sealed_});
  EXPECT_EQ(verified.status, 1);
  const JsonList files = jsonObject(verified.out)->getArray("files");
  ASSERT_EQ(files->size(), 4u);
  EXPECT_EQ(text(files->getObject(0), "indication"), "TOTAL_PASSED");
  EXPECT_EQ(text(files->getObject(1), "file"), missing);
  EXPECT_EQ(text(files->getObject(1), "indication"), "TOTAL_FAILED");
  EXPECT_NE(text(files->getObject(1), "reason").find("missing.pdf"), std::string::npos);
  EXPECT_EQ(text(files->getObject(2), "indication"), "TOTAL_FAILED");
  EXPECT_EQ(text(files->getObject(3), "indication"), "TOTAL_PASSED");
}

TEST_F(SignVerifyTest, WrongKeysAndFilesAreRefused) {
  const std::string out = folder_ / "signed.pdf";
  EXPECT_EQ(qianda(signArguments(folder_ / "missing.pdf", out)).status, 1);
  EXPECT_EQ(qianda(signArguments(folder_ / "roster.csv", out)).status, 1);
  EXPECT_EQ(qianda({"sign", sealed_, "--key", folder_ / "missing.p12", "--out", out}).status, 1);
  EXPECT_EQ(qianda({"sign", sealed_, "--key", folder_ / "roster.csv", "--out", out}).status, 1);
  EXPECT_FALSE(fs::exists(out));
}

TEST(CommandLineTest, UsageErrorsExitWithTwo) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"nonsense"},
      {"batch"},
      {"verify"},
      {"verify", "--nonsense", "x.pdf"},
      {"sign", "x.pdf"},
      {"sign", "x.pdf", "--key", "k", "--out", "o", "--page", "0"},
      {"sample", "roster", "--template", "labour-general", "--count", "0", "--out", "x"},
      {"bench", "batch", "--key", "md5"},
      {"template"},
      {"store", "list"}};
  for (const auto& arguments : wrong) {
    const Output output = qianda(arguments);
    EXPECT_EQ(output.status, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(output.out, "") << ::testing::PrintToString(arguments);
    EXPECT_NE(output.err, "") << ::testing::PrintToString(arguments);
  }
}

TEST(CommandLineTest, HelpAndVersionExitWithZero) {
  for (const char* command : {"batch", "verify", "sign", "template", "store", "bench", "sample"}) {
    const Output output = qianda({command, "--help"});
    EXPECT_EQ(output.status, 0) << command;
    EXPECT_NE(output.out.find(command), std::string::npos);
  }
  EXPECT_EQ(qianda({"--help"}).status, 0);
  EXPECT_EQ(qianda({"--version"}).status, 0);
}

TEST(CommandLineTest, WhatIsMissingIsTheInputsFault) {
  const TempFolder folder;
  const std::string out = folder / "x.pdf";
  const std::string seal = developmentPki() / "employer-seal.p12";
  const std::string roster = folder / "missing.csv";
  EXPECT_EQ(qianda({"template", "preview", "no-such-template", "--out", out}).status, 1);
  EXPECT_EQ(qianda({"template", "check", folder / "missing.md"}).status, 1);
  EXPECT_EQ(qianda({"store", "list", "--data", folder / "missing"}).status, 1);
  const Output batch = Batch{folder / "data", folder / "out", roster}.run();
  EXPECT_EQ(batch.status, 1);
  EXPECT_NE(batch.err.find("missing.csv"), std::string::npos) << batch.err;
}

TEST(TemplateCommandTest, ListIsOneArray) {
  const Output listed = qianda({"template", "list", "--json"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  const JsonList all = jsonArray(listed.out);
  ASSERT_GE(all->size(), 1u);
  for (unsigned i = 0; i < all->size(); ++i) {
    const Json form = all->getObject(i);
    for (const char* key : {"id", "version", "title"}) EXPECT_NE(text(form, key), "");
    const JsonList fields = form->getArray("fields");
    ASSERT_GE(fields->size(), 1u);
    for (unsigned k = 0; k < fields->size(); ++k) {
      for (const char* key : {"name", "label", "type"}) EXPECT_NE(text(fields->getObject(k), key), "");
    }
  }
}

TEST(TemplateCommandTest, EveryShippedTemplatePreviewsAsCleanPdf) {
  const TempFolder folder;
  const JsonList all = jsonArray(qianda({"template", "list", "--json"}).out);
  for (unsigned i = 0; i < all->size(); ++i) {
    const std::string id = text(all->getObject(i), "id"), out = folder / (id + ".pdf");
    const Output made = qianda({"template", "preview", id, "--out", out});
    ASSERT_EQ(made.status, 0) << id << ": " << made.err;
    const Output checked = run({"qpdf", "--check", out});
    EXPECT_EQ(checked.status, 0) << id << ": " << checked.out << checked.err;
    const std::string read = squashed(run({"pdftotext", "-raw", out, "-"}).out);
    EXPECT_NE(read.find(squashed(text(all->getObject(i), "title"))), std::string::npos) << id;
  }
}

TEST(TemplateCommandTest, EveryShippedTemplatePassesItsCheck) {
  for (const auto& entry : fs::directory_iterator(QIANDA_SOURCE_DIR "/templates/shipped")) {
    if (entry.path().extension() != ".md") continue;
    const Output checked = qianda({"template", "check", entry.path()});
    EXPECT_EQ(checked.status, 0) << entry.path() << ": " << checked.out;
    EXPECT_EQ(checked.out, "");
  }
}

TEST(TemplateCommandTest, ABrokenTemplateIsNamedByLineAndColumn) {
  const TempFolder folder;
  const std::string file = folder / "broken.md";
  core::writeFile(file,
                  "---\nid: broken\nversion: 1.0.0\ntitle: 坏模板\ntitle_en: Broken\n"
                  "parties:\n  employer: {label: 甲方, label_en: Employer}\n"
                  "fields:\n  name: {type: text, label: 姓名, label_en: Name, example: 某}\n---\n"
                  "# 坏模板\n\n甲方：{{nmae}}\n\n{{#if name}}没有结束\n");
  const Output checked = qianda({"template", "check", file});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.out.find(file + ":13:"), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find("nmae"), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find(file + ":15:"), std::string::npos) << checked.out;
  for (std::size_t at = 0; at < checked.out.size();) {
    const std::size_t end = checked.out.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = checked.out.substr(at, end - at);
    at = end + 1;
    int row = 0, column = 0;
    ASSERT_TRUE(line.starts_with(file + ":")) << line;
    EXPECT_EQ(std::sscanf(line.c_str() + file.size(), ":%d:%d: ", &row, &column), 2) << line;
    EXPECT_GE(row, 1);
    EXPECT_GE(column, 1);
  }
}

}  // namespace
}  // namespace qianda::test
