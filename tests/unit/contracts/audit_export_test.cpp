// The audit log as a file that others can check: PEERS pain 38 ("why believe an audit log the host can edit?") and
// opportunity 9. Every line of an export is deleted, moved and changed, and every time the verifier must say so.
#include "contracts/evidence/audit_export.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/evidence/audit_records.h"
#include "contracts/evidence/audit_verifier.h"
#include "core/base64.h"
#include "core/error.h"
#include "tests/support/database.h"
#include "tests/support/evidence.h"

namespace qianda::contracts {
namespace {

using storage::Transaction;
using testing::Contains;
using testing::Field;

const test::Platform& platform() {
  static const test::Platform one;
  return one;
}

struct Silent : signing::TimestampSource {
  std::string name() const override { return "silent"; }
  core::Bytes stamp(signing::DigestAlgorithm, core::BytesView) const override {
    throw core::Error(core::ErrorCode::kUnavailable, "the authority does not answer");
  }
  std::size_t maxTokenSize() const override { return 0; }
};

using Lines = std::vector<std::string>;

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

AuditVerdict verify(const std::string& text, const std::string& signedBy = {}, const std::string& earlier = {}) {
  std::istringstream file(text), old(earlier);
  static const signing::TrustAnchors anchors = platform().anchors();
  return verifyAudit(file, {anchors, signedBy, earlier.empty() ? nullptr : &old, core::now()});
}

auto about(const std::string& code, const std::string& stream, std::int64_t seq) {
  return Contains(
      AllOf(Field(&AuditFinding::code, code), Field(&AuditFinding::stream, stream), Field(&AuditFinding::seq, seq)));
}

class AuditExportTest : public test::OnBothDatabases {
 protected:
  AuditExportTest() {
    append("A", "organisation:A", 3);
    append("A", "envelope:1", 4);
    append("B", "organisation:B", 2);
    anchor();
    append("A", "envelope:2", 2);
    append("A", "organisation:A", 1);
    anchor();
    append("B", "organisation:B", 1);
    anchor();
    append("A", "envelope:1", 2);
    anchor();
    append("A", "envelope:2", 2);  // after the last anchor
    append("A", "envelope:3", 1);
  }
  void append(const std::string& organisation, const std::string& stream, int count) {
    for (int i = 0; i < count; ++i) {
      database->write([&](Transaction& t) {
        storage::appendAudit(t, {stream, organisation, core::now(), "party.viewed", "party:P", "192.0.2.1", "手机",
                                 R"({"page":")" + std::to_string(i) + R"("})"});
      });
    }
  }
  void anchor() { ASSERT_EQ(anchorAudit(*database, platform().time(), core::now()).stamped, 1); }
  Lines exported(const std::string& organisation = "A") {
    Lines lines;
    exportAudit(*database, organisation, platform().signer(), {}, core::now(),
                [&](std::string_view line) { lines.emplace_back(line.substr(0, line.size() - 1)); });
    return lines;
  }
  // What a host with all its keys would do: changes an entry and makes the chain fit again.
  void rewrite(const std::string& stream, std::int64_t changed) {
    database->write([&](Transaction& t) {
      t.execute("UPDATE audit_entries SET actor = 'party:Q' WHERE stream = $1 AND seq = $2", {stream, changed});
      std::string previous(64, '0');
      std::vector<storage::AuditRecord> entries;
      storage::forEachEntry(t, stream, [&](const storage::AuditRecord& entry) { entries.push_back(entry); });
      for (const auto& entry : entries) {
        previous = storage::auditHash(entry, entry.seq, previous);
        t.execute("UPDATE audit_entries SET hash = $1 WHERE stream = $2 AND seq = $3", {previous, stream, entry.seq});
      }
      t.execute("UPDATE audit_streams SET head = $1 WHERE stream = $2", {previous, stream});
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Databases, AuditExportTest, test::bothDatabases(), test::databaseName);

// What is done to the file is the same whatever it came from: one database is enough.
class AuditMutationTest : public AuditExportTest {};
INSTANTIATE_TEST_SUITE_P(Databases, AuditMutationTest, testing::Values(test::DatabaseKind::kSqlite),
                         test::databaseName);

TEST_P(AuditExportTest, PassesAsItIs) {
  for (const char* organisation : {"A", "B"}) {
    const AuditVerdict verdict = verify(joined(exported(organisation)), "示例签约平台");
    EXPECT_EQ(verdict.indication, "PASSED") << (verdict.findings.empty() ? "" : verdict.findings[0].message);
    EXPECT_TRUE(verdict.findings.empty());
    EXPECT_EQ(verdict.organisation, organisation);
    EXPECT_EQ(verdict.anchors, 4);
    EXPECT_EQ(verdict.stamped, 4);
    EXPECT_EQ(verdict.entries, std::string(organisation) == "A" ? 15 : 3);
  }
  EXPECT_THAT(joined(exported("A")), testing::Not(testing::HasSubstr("organisation:B"))) << "nothing of others";
}

TEST_P(AuditMutationTest, EveryLineDeletedIsFound) {
  const Lines lines = exported();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Lines cut = lines;
    cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(i));
    const AuditVerdict verdict = verify(joined(cut));
    EXPECT_EQ(verdict.indication, "FAILED") << lines[i];
    const auto record = parseRecord(lines[i]);
    const std::string kind = textOf(record, "record");
    if (kind == "entry") {
      const auto entry = entryOf(record);
      EXPECT_THAT(verdict.findings,
                  Contains(AllOf(Field(&AuditFinding::stream, entry.stream), Field(&AuditFinding::seq, entry.seq))))
          << lines[i];
    }
    if (kind == "stream") {
      EXPECT_THAT(verdict.findings, Contains(Field(&AuditFinding::stream, textOf(record, "stream"))));
    }
    if (kind == "anchor") {
      EXPECT_THAT(verdict.findings, Contains(Field(&AuditFinding::code, "anchor_missing")));
    }
  }
}

TEST_P(AuditMutationTest, EveryTwoLinesExchangedAreFound) {
  const Lines lines = exported();
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    for (std::size_t k = i + 1; k < lines.size(); ++k) {
      Lines moved = lines;
      std::swap(moved[i], moved[k]);
      ASSERT_EQ(verify(joined(moved)).indication, "FAILED") << lines[i] << "\n" << lines[k];
    }
  }
}

TEST_P(AuditMutationTest, EveryChangedMemberIsFound) {
  const Lines lines = exported();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t at = 1; at < lines[i].size(); at += 1 + lines[i].size() / 25) {
      Lines changed = lines;
      char& c = changed[i][at];
      c = c == '1'                               ? '2'
          : c == 'a'                             ? 'b'
          : c == '"'                             ? '\''
          : static_cast<unsigned char>(c) < 0x80 ? static_cast<char>(c ^ 1)
                                                 : '?';
      const AuditVerdict verdict = verify(joined(changed));
      ASSERT_NE(verdict.indication, "PASSED") << i << " " << at << " " << changed[i];
      if (textOf(parseRecord(lines[i]), "record") != "signature") {
        ASSERT_EQ(verdict.indication, "FAILED");
      }
    }
  }
}

TEST_P(AuditExportTest, AnEntryThatWasChangedIsNamed) {
  Lines lines = exported();
  for (std::string& line : lines) {
    const std::string mark = R"("stream":"envelope:1","seq":3,)";
    if (line.find(mark) == std::string::npos) continue;
    line.replace(line.find("192.0.2.1"), 9, "192.0.2.7");
  }
  const AuditVerdict verdict = verify(joined(lines));
  EXPECT_THAT(verdict.findings, about("entry_changed", "envelope:1", 3));
}

TEST_P(AuditExportTest, AHostThatRewritesItsHistoryIsFoundThoughItSignsAnew) {
  rewrite("envelope:1", 2);
  const AuditVerdict verdict = verify(joined(exported()));
  EXPECT_EQ(verdict.indication, "FAILED");
  EXPECT_THAT(verdict.findings, about("history_changed", "envelope:1", 4));
}

TEST_P(AuditExportTest, AHostThatDropsAStreamIsFoundThoughItSignsAnew) {
  database->write([](Transaction& t) {
    t.execute("DELETE FROM audit_streams WHERE stream = 'envelope:2'");
    t.execute("DELETE FROM audit_entries WHERE stream = 'envelope:2'");
  });
  EXPECT_THAT(verify(joined(exported())).findings, about("stream_missing", "envelope:2", 0));
  // Also with everything in the anchors that tells of it.
  database->write([](Transaction& t) {
    t.execute("DELETE FROM anchor_leaves WHERE number = 2");
    t.execute("DELETE FROM anchor_organisations WHERE number = 2");
  });
  const AuditVerdict verdict = verify(joined(exported()));
  EXPECT_EQ(verdict.indication, "FAILED");
  EXPECT_THAT(verdict.findings,
              Contains(AllOf(Field(&AuditFinding::code, "anchor_missing"), Field(&AuditFinding::anchor, 4))));
}

TEST_P(AuditExportTest, AHostThatCutsATailIsFoundByTheAnchorOrByWhatTheOrganisationKept) {
  const std::string earlier = joined(exported());
  const auto cut = [&](const std::string& stream, std::int64_t length) {
    database->write([&](Transaction& t) {
      t.execute("DELETE FROM audit_entries WHERE stream = $1 AND seq > $2", {stream, length});
      t.execute(
          "UPDATE audit_streams SET length = $1, head = (SELECT hash FROM audit_entries WHERE stream = $2 AND "
          "seq = $3) WHERE stream = $4",
          {length, stream, length, stream});
    });
  };
  cut("envelope:2", 2);  // back to what the last anchor holds: the anchors cannot tell
  EXPECT_EQ(verify(joined(exported())).indication, "PASSED");
  EXPECT_THAT(verify(joined(exported()), "", earlier).findings, about("entries_cut", "envelope:2", 3));
  cut("envelope:1", 5);
  EXPECT_THAT(verify(joined(exported())).findings, about("entries_cut", "envelope:1", 6));
}

TEST_P(AuditExportTest, AnExchangedTokenAndASilentAuthorityAreToldApart) {
  append("A", "envelope:4", 1);
  const AnchoringOutcome silent = anchorAudit(*database, Silent(), core::now());
  EXPECT_EQ(silent.made, 1);
  EXPECT_EQ(silent.waiting, 1);
  EXPECT_EQ(silent.silence, "the authority does not answer");
  const AuditVerdict waiting = verify(joined(exported()));
  EXPECT_EQ(waiting.indication, "PASSED");
  EXPECT_EQ(waiting.waiting, 1);
  EXPECT_THAT(waiting.notes, Contains(testing::HasSubstr("wait for their timestamp")));
  EXPECT_EQ(anchorAudit(*database, platform().time(), core::now()).stamped, 1);
  database->write([](Transaction& t) {
    t.execute("UPDATE anchors SET token = (SELECT token FROM anchors WHERE number = 1) WHERE number = 2");
  });
  EXPECT_THAT(verify(joined(exported())).findings,
              Contains(AllOf(Field(&AuditFinding::code, "token_changed"), Field(&AuditFinding::anchor, 2))));
}

TEST_P(AuditExportTest, WhoSignsIsNotTakenOnTrust) {
  const std::string text = joined(exported());
  std::istringstream file(text);
  EXPECT_EQ(verifyAudit(file, {{}, "", nullptr, core::now()}).indication, "INDETERMINATE") << "no trust anchors";
  const AuditVerdict foreign = verify(text, "另一个平台");
  EXPECT_THAT(foreign.findings, Contains(Field(&AuditFinding::code, "signature_foreign")));
  const test::Platform other;
  Lines lines;
  exportAudit(*database, "A", other.signer(), {}, core::now(),
              [&](std::string_view line) { lines.emplace_back(line.substr(0, line.size() - 1)); });
  EXPECT_THAT(verify(joined(lines)).findings, Contains(Field(&AuditFinding::code, "signature_untrusted")));
  EXPECT_NE(verify(joined(lines)).indication, "PASSED");
}

TEST_P(AuditExportTest, OpensslAloneChecksTheSignatureAndTheTokens) {
  const Lines lines = exported();
  const test::TempFolder folder;
  core::writeFile(folder / "statement", lines[lines.size() - 2]);
  const auto cms = core::fromBase64(textOf(parseRecord(lines.back()), "cms"));
  core::writeFile(folder / "statement.p7s", core::textOf(*cms));
  const test::Output checked =
      test::run({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "statement.p7s", "-content",
                 folder / "statement", "-CAfile", platform().platformRoot(), "-purpose", "any", "-out", "/dev/null"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  const auto anchor = anchorOf(parseRecord(lines.at(1)));
  core::writeFile(folder / "anchor", storage::anchorText(anchor));
  core::writeFile(folder / "token", core::textOf(*core::fromBase64(anchor.token)));
  const test::Output stamped = test::run({"openssl", "ts", "-verify", "-data", folder / "anchor", "-in",
                                          folder / "token", "-token_in", "-CAfile", platform().timeRoot()});
  EXPECT_EQ(stamped.status, 0) << stamped.err;
  core::writeFile(folder / "statement", lines[lines.size() - 2] + " ");
  EXPECT_NE(
      test::run({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "statement.p7s", "-content",
                 folder / "statement", "-CAfile", platform().platformRoot(), "-purpose", "any", "-out", "/dev/null"})
          .status,
      0);
}

}  // namespace
}  // namespace qianda::contracts
