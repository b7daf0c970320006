// The main job through the command line, judged by outside programs.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <Poco/JSON/Parser.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"

namespace qianda {
namespace {

using test::Output;
using test::TempFolder;
using Json = Poco::JSON::Object::Ptr;

const std::string kProgram = QIANDA_BINARY_DIR "/qianda";

Output qianda(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kProgram);
  return test::run(arguments);
}

Json parse(const std::string& text) {
  Poco::JSON::Parser parser;
  return parser.parse(text).extract<Json>();
}

std::string withoutSpace(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (!std::isspace(static_cast<unsigned char>(c))) out.push_back(c);
  }
  return out;
}

struct Office {
  TempFolder folder;
  test::Pki pki = test::developmentPki();
  std::string roster = folder / "roster.csv", out = folder / "out", data = folder / "data";

  explicit Office(int rows) {
    const Output made = qianda({"sample", "roster", "--template", "labour-general", "--count", std::to_string(rows),
                                "--seed", "7", "--out", roster});
    EXPECT_EQ(made.status, 0) << made.err;
  }
  std::vector<std::string> batch(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{
        "batch", "--template", "labour-general", "--roster", roster,  "--seal", pki / "employer-seal.p12",
        "--out", out,          "--data",         data,       "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(out)) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  Json verify() const {
    std::vector<std::string> arguments{"verify"};
    for (const std::string& file : files()) arguments.push_back(file);
    arguments.insert(arguments.end(), {"--trust", pki / "root.pem", "--json"});
    return parse(qianda(arguments).out);
  }
};

std::uint64_t number(const Json& object, const char* key) { return object->getValue<std::uint64_t>(key); }

void expectAllPassed(const Office& office, std::size_t contracts) {
  const auto files = office.verify()->getArray("files");
  ASSERT_EQ(files->size(), contracts);
  for (std::size_t i = 0; i < files->size(); ++i) {
    const auto file = files->getObject(static_cast<unsigned>(i));
    EXPECT_EQ(file->getValue<std::string>("indication"), "TOTAL_PASSED") << file->getValue<std::string>("file");
  }
}

// Cells of a simple CSV line (the sample roster quotes nothing but lists).
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out{""};
  bool quoted = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

}  // namespace

TEST(MainJob, OutsideJudgesAcceptEveryContractAndTheTextIsAllThere) {
  const Office office(24);
  const Output made = qianda(office.batch());
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(number(parse(made.out), "created"), 24u);
  expectAllPassed(office, 24);
  test::trustInNss(office.folder / "nss", office.pki / "root.pem");
  std::ifstream roster(office.roster);
  std::string header, line;
  std::getline(roster, header);
  const std::vector<std::string> names = cells(header);
  for (const std::string& file : office.files()) {
    SCOPED_TRACE(file);
    const std::string verdict = test::run({"pdfsig", "-nssdir", office.folder / "nss", file}).out;
    EXPECT_NE(verdict.find("Signature is Valid."), std::string::npos) << verdict;
    EXPECT_NE(verdict.find("Certificate is Trusted."), std::string::npos) << verdict;
    EXPECT_NE(verdict.find("Total document signed"), std::string::npos) << verdict;
    EXPECT_EQ(test::run({"qpdf", "--check", file}).status, 0);
    const std::string text = withoutSpace(test::run({"pdftotext", "-raw", file, "-"}).out);
    std::getline(roster, line);
    const std::vector<std::string> row = cells(line);
    for (const char* wanted :
         {"劳动者姓名", "证件号码", "户籍地址", "经常居住地", "劳动者联系电话", "工作岗位", "工作内容", "工作地点"}) {
      const auto column = static_cast<std::size_t>(std::find(names.begin(), names.end(), wanted) - names.begin());
      ASSERT_LT(column, row.size());
      EXPECT_NE(text.find(withoutSpace(row[column])), std::string::npos) << wanted << " " << row[column];
    }
    for (const char* clause : {"一、合同期限", "四、劳动报酬", "九、劳动争议处理", "第五十条"}) {
      EXPECT_NE(text.find(clause), std::string::npos) << clause;
    }
  }
}

TEST(MainJob, FontsAreEmbeddedAndTheFileSaysWhatItIs) {
  const Office office(1);
  ASSERT_EQ(qianda(office.batch()).status, 0);
  const std::string file = office.files().front();
  const std::string fonts = test::run({"pdffonts", file}).out;
  std::size_t lines = 0;
  for (std::size_t at = fonts.find('\n', fonts.find("---")); at + 1 < fonts.size(); at = fonts.find('\n', at + 1)) {
    ++lines;
    EXPECT_NE(fonts.find(" yes ", at), std::string::npos);
  }
  EXPECT_GE(lines, 3u);
  EXPECT_EQ(fonts.find(" no  no "), std::string::npos) << fonts;
  const std::string metadata = test::run({"pdfinfo", "-meta", file}).out;
  EXPECT_NE(metadata.find("<pdfaid:part>2</pdfaid:part>"), std::string::npos);
  EXPECT_NE(metadata.find("<pdfaid:conformance>U</pdfaid:conformance>"), std::string::npos);
  const std::string octets = core::readFile(file);
  EXPECT_NE(octets.find("/OutputIntent"), std::string::npos);
  EXPECT_EQ(octets.find("/CIDSet"), std::string::npos);
  EXPECT_NE(octets.find("(zh-CN)"), std::string::npos);
}

// PDFBox's preflight judges by PDF/A-1b; what it may say of a PDF/A-2u file is that it is not part 1 and has no CIDSet.
TEST(MainJob, PreflightFindsOnlyWhatPartTwoDoesOtherwise) {
  const Office office(3);
  ASSERT_EQ(qianda(office.batch()).status, 0);
  std::string path;
  for (const char* jar :
       {"pdfbox2", "preflight", "xmpbox", "fontbox2", "commons-logging", "jaxb-api", "javax.activation"}) {
    path += "/usr/share/java/" + std::string(jar) + ".jar:";
  }
  std::vector<std::string> arguments{"java", "-cp", path, QIANDA_SOURCE_DIR "/tests/support/Preflight.java"};
  for (const std::string& file : office.files()) arguments.push_back(file);
  const Output judged = test::run(arguments);
  ASSERT_EQ(judged.status, 0) << judged.err;
  std::istringstream lines(judged.out);
  int files = 0;
  for (std::string line; std::getline(lines, line);) {
    files += line.starts_with("FILE");
    const bool expected = line.starts_with("FILE") || line.find("part must be 1") != std::string::npos ||
                          line.find("conformance level must be A or B") != std::string::npos ||
                          line.find("The CIDSet entry is missing") != std::string::npos;
    EXPECT_TRUE(expected) << line;
  }
  EXPECT_EQ(files, 3);
}

TEST(MainJob, TheSameCommandAgainMakesNothing) {
  const Office office(12);
  const Json first = parse(qianda(office.batch()).out);
  const auto files = office.files();
  const auto written = std::filesystem::last_write_time(files.front());
  const Json second = parse(qianda(office.batch()).out);
  EXPECT_EQ(number(second, "created"), 0u);
  EXPECT_EQ(number(second, "existing"), 12u);
  EXPECT_EQ(first->getValue<std::string>("batch_id"), second->getValue<std::string>("batch_id"));
  EXPECT_EQ(office.files(), files);
  EXPECT_EQ(std::filesystem::last_write_time(files.front()), written);
}

TEST(MainJob, OneKeyIsOneBatch) {
  const Office office(5);
  ASSERT_EQ(qianda(office.batch({"--idempotency-key", "autumn"})).status, 0);
  ASSERT_EQ(qianda({"sample", "roster", "--template", "labour-general", "--count", "5", "--seed", "8", "--out",
                    office.roster})
                .status,
            0);
  EXPECT_EQ(qianda(office.batch({"--idempotency-key", "autumn"})).status, 1);
  EXPECT_EQ(office.files().size(), 5u);
}

TEST(MainJob, AFaultyRosterCreatesNothing) {
  const Office office(5);
  std::string text = core::readFile(office.roster);
  const std::size_t id = text.find(",000000", text.find('\n')) + 1;
  text[id + 17] = text[id + 17] == '1' ? '2' : '1';
  core::writeFile(office.roster, text);
  const Output refused = qianda(office.batch());
  EXPECT_EQ(refused.status, 1);
  EXPECT_FALSE(std::filesystem::exists(office.out));
  EXPECT_FALSE(std::filesystem::exists(office.data));
  const auto faults = parse(refused.out)->getArray("faults");
  ASSERT_EQ(faults->size(), 1u);
  EXPECT_EQ(faults->getObject(0)->getValue<std::string>("field"), "worker_id_no");
  EXPECT_EQ(faults->getObject(0)->getValue<int>("row"), 1);
}

TEST(MainJob, ValidateOnlyStopsBeforeAnythingIsMade) {
  const Office office(5);
  EXPECT_EQ(qianda(office.batch({"--validate-only"})).status, 0);
  EXPECT_FALSE(std::filesystem::exists(office.out));
  EXPECT_FALSE(std::filesystem::exists(office.data));
}

TEST(MainJob, AWorkerSignsInTheFieldThatWaitsForIt) {
  const Office office(1);
  ASSERT_EQ(qianda(office.batch()).status, 0);
  const std::string both = office.folder / "both.pdf";
  const Output made =
      qianda({"sign", office.files().front(), "--key", office.pki / "worker.p12", "--field", "worker", "--out", both});
  ASSERT_EQ(made.status, 0) << made.err;
  const Output judged = qianda({"verify", both, "--trust", office.pki / "root.pem", "--json"});
  EXPECT_EQ(judged.status, 0) << judged.out;
  EXPECT_EQ(parse(judged.out)->getArray("files")->getObject(0)->getArray("signatures")->size(), 2u);
  std::string tampered = core::readFile(both);
  tampered[tampered.size() / 2] ^= 1;
  core::writeFile(both, tampered);
  EXPECT_EQ(qianda({"verify", both, "--trust", office.pki / "root.pem"}).status, 1);
}

TEST(MainJob, DamageInTheStoreIsNamedAndTheRestStaysReadable) {
  const Office office(20);
  ASSERT_EQ(qianda(office.batch()).status, 0);
  const std::string segment = std::filesystem::path(office.data) / "segments" / "00000001.seg";
  std::string octets = core::readFile(segment);
  octets[octets.size() - 20000] ^= 1;  // within the last documents
  std::ofstream(segment, std::ios::binary | std::ios::trunc) << octets;
  std::filesystem::remove_all(office.out);
  const Output again = qianda(office.batch());
  EXPECT_EQ(again.status, 3) << again.err;
  EXPECT_NE(again.err.find("document "), std::string::npos) << again.err;
  EXPECT_EQ(office.files().size(), 19u);
  EXPECT_EQ(qianda({"store", "check", "--data", office.data}).status, 3);
}

TEST(CommandLine, SaysWhoseFaultItIs) {
  EXPECT_EQ(qianda({}).status, 2);
  EXPECT_EQ(qianda({"batch"}).status, 2);
  EXPECT_EQ(qianda({"nonsense"}).status, 2);
  EXPECT_EQ(qianda({"--help"}).status, 0);
  EXPECT_EQ(qianda({"verify", "/nowhere.pdf"}).status, 1);
  EXPECT_EQ(qianda({"template", "preview", "nothing", "--out", "/tmp/x.pdf"}).status, 1);
  const TempFolder folder;
  core::writeFile(folder / "bad.md", "---\nid: bad\nversion: 1.0.0\ntitle: 坏\n---\n# 坏\n\n{{nobody}} {{#if x}}\n");
  const Output checked = qianda({"template", "check", folder / "bad.md"});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.out.find("bad.md:8:1: unknown field \"nobody\""), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find("bad.md:8:12:"), std::string::npos) << checked.out;
}

TEST(CommandLine, EveryShippedTemplateMakesAContract) {
  Poco::JSON::Parser parser;
  const auto templates = parser.parse(qianda({"template", "list", "--json"}).out).extract<Poco::JSON::Array::Ptr>();
  ASSERT_GE(templates->size(), 8u);
  const test::Pki pki = test::developmentPki();
  for (unsigned i = 0; i < templates->size(); ++i) {
    const std::string id = templates->getObject(i)->getValue<std::string>("id");
    SCOPED_TRACE(id);
    const TempFolder folder;
    ASSERT_EQ(qianda({"template", "preview", id, "--out", folder / "preview.pdf"}).status, 0);
    EXPECT_EQ(test::run({"qpdf", "--check", folder / "preview.pdf"}).status, 0);
    ASSERT_EQ(qianda({"sample", "roster", "--template", id, "--count", "200", "--out", folder / "r.csv"}).status, 0);
    const Output made =
        qianda({"batch", "--template", id, "--roster", folder / "r.csv", "--seal", pki / "employer-seal.p12", "--out",
                folder / "out", "--data", folder / "data", "--json"});
    EXPECT_EQ(made.status, 0) << made.err.substr(0, 2000);
    EXPECT_EQ(parse(made.out)->getArray("warnings")->size(), 0u);
  }
}

}  // namespace qianda
