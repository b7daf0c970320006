// `qianda batch`: what it writes holds up before judges made by others (poppler, NSS, qpdf, zbar), and running again,
// wrongly or in another dress changes nothing it must not change.
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRows = 50;

// The pages as poppler reads them in content order, without white space, running title and page number; one element for
// each line.
std::vector<std::vector<std::string>> pagesOf(const std::string& pdf) {
  const Output read = run({"pdftotext", "-raw", "-enc", "UTF-8", pdf, "-"});
  EXPECT_EQ(read.status, 0) << read.err;
  const std::string title = "编号" + idOf(fs::path(pdf).filename());
  std::vector<std::vector<std::string>> pages(1);
  for (std::size_t at = 0; at < read.out.size();) {
    const std::size_t end = std::min(read.out.find_first_of("\n\f", at), read.out.size());
    const std::string line = squashed(read.out.substr(at, end - at));
    if (end < read.out.size() && read.out[end] == '\f' && end + 1 < read.out.size()) pages.emplace_back();
    at = end + 1;
    const bool isNumber = line.starts_with("第") && line.ends_with("页") && line.find("页共") != std::string::npos;
    if (!line.empty() && !isNumber && !line.ends_with(title)) pages.back().push_back(line);
  }
  return pages;
}

std::string bodyOf(const std::string& pdf) {
  std::string body;
  for (const auto& page : pagesOf(pdf)) {
    for (const std::string& line : page) body += line;
  }
  return body;
}

// The headings of a shipped template.
std::vector<std::string> headingsOf(const std::string& id) {
  const std::string source = core::readFile(QIANDA_SOURCE_DIR "/templates/shipped/" + id + ".md");
  std::vector<std::string> headings;
  for (std::size_t at = source.find("\n## "); at != std::string::npos; at = source.find("\n## ", at + 1)) {
    headings.push_back(squashed(source.substr(at + 4, source.find('\n', at + 1) - at - 4)));
  }
  return headings;
}

class BatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sample_ = sampleRoster(folder_, kRows);
    sample_.write(folder_ / "roster.csv");
  }
  Batch batch(const std::string& roster = "roster.csv") const {
    return {folder_ / "data", folder_ / "out", folder_ / roster};
  }
  // Runs it and expects success.
  Json done(const Batch& job) const {
    const Output output = job.run();
    EXPECT_EQ(output.status, 0) << output.err;
    return jsonObject(output.out);
  }
  // The text of some contracts, by row.
  std::map<std::size_t, std::string> bodies(const fs::path& out) const {
    std::map<std::size_t, std::string> all;
    for (const auto& entry : fs::directory_iterator(out)) {
      if (rowOf(entry.path().filename()) > 6) continue;
      std::string body = bodyOf(entry.path());
      const std::string name = entry.path().filename(), id = idOf(name);
      for (std::size_t at; (at = body.find(id)) != std::string::npos;) body.replace(at, id.size(), "<id>");
      all[rowOf(name)] = std::move(body);
    }
    return all;
  }

  TempFolder folder_;
  Roster sample_;
};

TEST_F(BatchTest, EveryContractHoldsUpBeforeForeignJudges) {
  const Json report = done(batch());
  EXPECT_EQ(number(report, "contracts"), kRows);
  EXPECT_EQ(number(report, "created"), kRows);
  EXPECT_EQ(number(report, "exported"), kRows);
  trustInNss(folder_ / "nss", developmentPki() / "root.pem");
  std::set<std::size_t> rows;
  std::vector<std::string> verify{"verify", "--trust", developmentPki() / "root.pem", "--json"};
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
    const std::string pdf = entry.path();
    rows.insert(rowOf(entry.path().filename()));
    verify.push_back(pdf);
    const Output signature = run({"pdfsig", "-nssdir", "sql:" + (folder_ / "nss").string(), pdf});
    EXPECT_NE(signature.out.find("Signature is Valid."), std::string::npos) << signature.out << signature.err;
    EXPECT_NE(signature.out.find("Certificate is Trusted."), std::string::npos) << signature.out;
    EXPECT_NE(signature.out.find("Total document signed"), std::string::npos) << signature.out;
    EXPECT_EQ(signature.out.find("Not total document signed"), std::string::npos) << signature.out;
    const Output checked = run({"qpdf", "--check", pdf});
    EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
    EXPECT_EQ((checked.out + checked.err).find("WARNING"), std::string::npos) << checked.out << checked.err;
  }
  EXPECT_EQ(rows.size(), kRows);
  EXPECT_EQ(*rows.begin(), 1u);
  EXPECT_EQ(*rows.rbegin(), kRows);
  const Output verified = qianda(verify);
  EXPECT_EQ(verified.status, 0) << verified.err;
  const JsonList files = jsonObject(verified.out)->getArray("files");
  ASSERT_EQ(files->size(), kRows);
  for (unsigned i = 0; i < files->size(); ++i) {
    EXPECT_EQ(text(files->getObject(i), "indication"), "TOTAL_PASSED") << verified.out;
    EXPECT_EQ(files->getObject(i)->getArray("signatures")->size(), 1u);
  }
}

TEST_F(BatchTest, EveryContractSaysWhatItsRowSaysAndNoHeadingEndsAPage) {
  done(batch());
  const auto headings = headingsOf("labour-general");
  ASSERT_GE(headings.size(), 9u);
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
    const std::size_t row = rowOf(entry.path().filename());
    std::string body;
    for (const auto& page : pagesOf(entry.path())) {
      ASSERT_FALSE(page.empty()) << entry.path();
      EXPECT_EQ(std::count(headings.begin(), headings.end(), page.back()), 0) << "row " << row << " " << page.back();
      for (const std::string& line : page) body += line;
    }
    for (const char* field :
         {"contract_no", "employer_name", "employer_uscc", "worker_name", "worker_id_no", "worker_phone",
          "worker_household_address", "worker_address", "position", "duties", "work_place"}) {
      EXPECT_NE(body.find(squashed(sample_.cell(row, field))), std::string::npos)
          << "row " << row << " lacks its " << field << " " << sample_.cell(row, field) << " in\n"
          << body;
    }
    for (const std::string& heading : headings) {
      EXPECT_NE(body.find(heading), std::string::npos) << "row " << row << " lacks " << heading;
    }
    for (std::size_t other = 1; other <= kRows; ++other) {
      const bool isOwn = sample_.cell(other, "worker_id_no") == sample_.cell(row, "worker_id_no");
      EXPECT_EQ(body.find(sample_.cell(other, "worker_id_no")) != std::string::npos, isOwn) << row << " " << other;
    }
  }
}

TEST_F(BatchTest, ASecondRunCreatesNothingAndTouchesNoFile) {
  const Json first = done(batch());
  std::map<std::string, fs::file_time_type> times;
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) times[entry.path()] = entry.last_write_time();
  const auto before = filesOf(folder_ / "out");
  const Json second = done(batch());
  EXPECT_EQ(number(second, "created"), 0u);
  EXPECT_EQ(number(second, "existing"), kRows);
  EXPECT_EQ(number(second, "contracts"), kRows);
  EXPECT_EQ(text(second, "batch_id"), text(first, "batch_id"));
  EXPECT_EQ(filesOf(folder_ / "out"), before);
  for (const auto& [path, time] : times) EXPECT_EQ(fs::last_write_time(path), time) << path;
}

TEST_F(BatchTest, AnIdempotencyKeyBelongsToOneRoster) {
  Batch job = batch();
  job.more = {"--idempotency-key", "spring-intake"};
  EXPECT_EQ(text(done(job), "idempotency_key"), "spring-intake");
  const auto before = filesOf(folder_ / "out");
  sampleRoster(folder_, kRows, 2).write(folder_ / "other.csv");
  job.roster = folder_ / "other.csv";
  const Output refused = job.run();
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_NE(refused.err.find("spring-intake"), std::string::npos) << refused.err;
  EXPECT_EQ(filesOf(folder_ / "out"), before);
  job.more = {"--idempotency-key", "summer-intake"};
  EXPECT_EQ(number(done(job), "created"), kRows);
}

TEST_F(BatchTest, AWrongPassphraseCreatesNothing) {
  core::writeFile(folder_ / "wrong", "not the passphrase\n");
  Batch job = batch();
  job.more = {"--pass-file", folder_ / "wrong"};
  const Output refused = job.run();
  EXPECT_EQ(refused.status, 1) << refused.err;
  EXPECT_EQ(refused.out, "");
  EXPECT_NE(refused.err.find("employer-seal.p12"), std::string::npos) << refused.err;
  EXPECT_EQ(refused.err.find(developmentPki().passphrase()), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "data"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(BatchTest, ValidateOnlyLeavesNoTrace) {
  Batch job = batch();
  job.more = {"--validate-only"};
  const Json report = done(job);
  EXPECT_TRUE(report->getValue<bool>("valid"));
  EXPECT_EQ(number(report, "rows"), kRows);
  EXPECT_FALSE(fs::exists(folder_ / "data"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(BatchTest, WithoutJsonStandardOutputStaysEmpty) {
  std::vector<std::string> arguments = batch().arguments();
  arguments.erase(std::find(arguments.begin(), arguments.end(), "--json"));
  const Output output = qianda(arguments);
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "");
  EXPECT_NE(output.err.find("50 contracts"), std::string::npos) << output.err;
}

TEST_F(BatchTest, ARosterInGb18030GivesTheSameContracts) {
  done(batch());
  const Output converted = run({"iconv", "-f", "UTF-8", "-t", "GB18030", folder_ / "roster.csv"});
  ASSERT_EQ(converted.status, 0) << converted.err;
  ASSERT_NE(converted.out, core::readFile(folder_ / "roster.csv"));
  core::writeFile(folder_ / "gb.csv", converted.out);
  Batch job = batch("gb.csv");
  job.out = folder_ / "out-gb";
  EXPECT_EQ(number(done(job), "created"), kRows);
  EXPECT_EQ(bodies(folder_ / "out-gb"), bodies(folder_ / "out"));
}

TEST_F(BatchTest, AHeaderMayNameTheFields) {
  done(batch());
  Roster named = sample_;
  named.headers = named.names;
  named.write(folder_ / "named.csv");
  Batch job = batch("named.csv");
  job.out = folder_ / "out-named";
  EXPECT_EQ(number(done(job), "created"), kRows);
  EXPECT_EQ(bodies(folder_ / "out-named"), bodies(folder_ / "out"));
}

TEST_F(BatchTest, TheQrCodeIsTheVerificationAddressAndTheNumber) {
  Batch job = batch();
  job.more = {"--verification-address", "HTTPS://VERIFY.EXAMPLE.TEST/V/"};
  done(job);
  int checked = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
    if (checked++ == 3) break;
    const Output drawn = run({"pdftoppm", "-r", "150", "-l", "1", "-png", entry.path(), folder_ / "page"});
    ASSERT_EQ(drawn.status, 0) << drawn.err;
    const Output read = run({"zbarimg", "-q", "--raw", folder_ / "page-1.png"});
    EXPECT_EQ(read.status, 0) << read.err;
    EXPECT_EQ(read.out, "HTTPS://VERIFY.EXAMPLE.TEST/V/" + idOf(entry.path().filename()) + "\n");
  }
}

}  // namespace
}  // namespace qianda::test
