// The evidence package of a contract: PEERS opportunity 11 (evidence in seconds), pains 38 and 35. Every member is
// changed, taken away and one is added; each time it is named.
#include "contracts/evidence/evidence_package.h"

#include <chrono>
#include <filesystem>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/evidence/event_words.h"
#include "contracts/evidence/package_verifier.h"
#include "contracts/evidence/zip_file.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/keys/evp_key.h"
#include "signing/pades/revision_writer.h"
#include "tests/support/database.h"
#include "tests/support/evidence.h"
#include "tests/support/plain_pdf.h"

namespace qianda::contracts {
namespace {

using storage::Transaction;
using testing::Contains;
using testing::Field;

const test::Platform& platform() {
  static const test::Platform one;
  return one;
}

// Two signatures over a plain document, and what was written down meanwhile.
class EvidencePackageTest : public testing::Test {
 protected:
  EvidencePackageTest() {
    facts_.envelope = core::DocumentId::random().text();
    facts_.organisation = "ORG";
    facts_.organisationName = "示例科技有限公司";
    facts_.title = "劳动合同";
    facts_.kind = "labour_contract";
    facts_.templateId = "labour-contract";
    facts_.templateVersion = "1.0.0";
    facts_.level = "B-T";
    facts_.state = "completed";
    facts_.createdAt = core::now();
    facts_.parties = {{"employer", "organisation", "signed", "示例科技有限公司", "", "", 1, 2},
                      {"worker", "person", "signed", "示例劳动者", "0000********001X", "139****0000", 2, 3}};
    const signing::CadesSigner signer(platform().signer().credential(),
                                      {signing::CmsProfile::kPkcs, &platform().time()});
    std::string pdf = test::plainPdf();
    addRevision(pdf, "created", "");
    for (const auto& [field, what] : {std::pair("employer", "sealed"), std::pair("worker", "signed")}) {
      signing::RevisionRequest request;
      request.field = field;
      request.signedAt = core::now();
      pdf = signing::signPdf(pdf, request, signer);
      addRevision(pdf, what, field);
    }
    facts_.snapshot = R"({"worker_name":"示例劳动者"})";
    facts_.ruleCheck = R"({"faults":[]})";
    facts_.notices = {{"2026-1", "签署前请阅读……"}};
    for (const char* type : {"envelope.created", "envelope.sent", "party.viewed", "party.notice_acknowledged",
                             "party.identity_checked", "party.code_confirmed", "party.identified", "party.read",
                             "party.willing", "party.signed", "envelope.completed"})
      append(type);
    anchorAudit(*database_, platform().time(), core::now());
    append("party.copy_fetched");
    database_->read([&](Transaction& t) { gatherAudit(t, facts_); });
  }
  void append(const std::string& type) {
    database_->write([&](Transaction& t) {
      storage::appendAudit(
          t, {"envelope:" + facts_.envelope, "ORG", core::now(), type, "party:" + facts_.envelope + ".worker",
              "192.0.2.1", "手机浏览器", R"({"channel":"sms"})"});
      storage::appendAudit(t, {"envelope:other", "ORG", core::now(), type, "system", "", ""});
    });
  }
  void addRevision(const std::string& pdf, const std::string& what, const std::string& party) {
    facts_.revisions.push_back({static_cast<std::int64_t>(facts_.revisions.size() + 1), pdf,
                                core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(pdf))),
                                what, party, core::now()});
  }
  EvidencePlatform evidencePlatform() const { return {&platform().signer(), platform().anchors(), {}}; }
  std::vector<EvidenceMember> members() const { return evidenceMembers(facts_, evidencePlatform(), core::now()); }
  static std::string zipped(const std::vector<EvidenceMember>& members) {
    std::string zip;
    ZipWriter writer([&](std::string_view part) { zip += std::string(part); });
    for (const EvidenceMember& member : members) writer.add(member.name, member.octets, core::now());
    writer.close();
    return zip;
  }
  static PackageVerdict verify(const std::string& zip, const std::string& signedBy = {}) {
    return verifyPackage(zip, {platform().anchors(), signedBy, core::now()});
  }

  test::TestDatabase database_{test::DatabaseKind::kSqlite};
  EvidenceCase facts_;
};

auto about(const std::string& code, const std::string& member) {
  return Contains(AllOf(Field(&PackageFinding::code, code), Field(&PackageFinding::member, member)));
}

TEST_F(EvidencePackageTest, PassesAndHoldsEverything) {
  std::string zip;
  writeEvidence(facts_, evidencePlatform(), core::now(), [&](std::string_view part) { zip += std::string(part); });
  const PackageVerdict verdict = verify(zip, "示例签约平台");
  EXPECT_EQ(verdict.indication, "PASSED") << (verdict.findings.empty() ? "" : verdict.findings[0].message);
  EXPECT_EQ(verdict.entries, 12);
  EXPECT_EQ(verdict.anchors, 1);
  EXPECT_EQ(verdict.contract.verdict.signatures.size(), 2u);
  std::vector<std::string> names;
  for (const ZipMember& member : readZip(zip)) names.push_back(member.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"README.txt",
                                            "report.pdf",
                                            "contract.pdf",
                                            "revisions/0001.pdf",
                                            "revisions/0003.pdf",
                                            "facts.json",
                                            "snapshot.json",
                                            "rule-check.json",
                                            "notices/0001.txt",
                                            "notice.json",
                                            "identity.json",
                                            "willingness.json",
                                            "deliveries.json",
                                            "signatures/0001/signature.p7s",
                                            "signatures/0001/certificates.pem",
                                            "signatures/0001/timestamp-1.tst",
                                            "verification.json",
                                            "verification.pdf",
                                            "verification.html",
                                            "audit.jsonl",
                                            "manifest.json",
                                            "manifest.p7s"}));
}

TEST_F(EvidencePackageTest, EveryMemberChangedOrTakenAwayIsNamed) {
  const auto whole = members();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::string name = whole[i].name;
    auto twin = whole;
    ASSERT_FALSE(twin[i].octets.empty()) << name;
    char& octet = twin[i].octets[twin[i].octets.size() / 2];
    octet = static_cast<char>(octet ^ 1);
    PackageVerdict verdict = verify(zipped(twin));
    EXPECT_EQ(verdict.indication, "FAILED") << name;
    EXPECT_THAT(verdict.findings,
                Contains(Field(&PackageFinding::member, name == "manifest.json" ? "manifest.p7s" : name)));
    twin = whole;
    twin.erase(twin.begin() + static_cast<std::ptrdiff_t>(i));
    verdict = verify(zipped(twin));
    EXPECT_EQ(verdict.indication, "FAILED") << name;
    EXPECT_THAT(verdict.findings, about("member_missing", name));
  }
}

TEST_F(EvidencePackageTest, AnAddedMemberIsNamed) {
  auto twin = members();
  twin.push_back({"more.pdf", "%PDF"});
  EXPECT_THAT(verify(zipped(twin)).findings, about("member_added", "more.pdf"));
}

TEST_F(EvidencePackageTest, WhatAHostSignsAnewIsStillFound) {
  // An entry changed before the package was made; the platform's signature over it is good.
  EvidenceCase twin = facts_;
  twin.entries[3].at += std::chrono::hours(1);
  PackageVerdict verdict = verify(zipped(evidenceMembers(twin, evidencePlatform(), core::now())));
  EXPECT_THAT(verdict.findings, about("entry_changed", "audit.jsonl"));
  EXPECT_THAT(verdict.findings, Contains(Field(&PackageFinding::seq, 4)));
  // The chain made to fit again: the anchor remembers.
  std::string previous(64, '0');
  for (auto& entry : twin.entries) previous = entry.hash = storage::auditHash(entry, entry.seq, previous);
  twin.head.head = previous;
  verdict = verify(zipped(evidenceMembers(twin, evidencePlatform(), core::now())));
  EXPECT_THAT(verdict.findings, about("history_changed", "audit.jsonl"));
  // Another file in place of the first revision.
  twin = facts_;
  twin.revisions[0].octets = test::plainPdf() + " ";
  twin.revisions[0].sha256 =
      core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(twin.revisions[0].octets)));
  verdict = verify(zipped(evidenceMembers(twin, evidencePlatform(), core::now())));
  EXPECT_THAT(verdict.findings, about("revision_broken", "revisions/0002.pdf"));
}

TEST_F(EvidencePackageTest, NothingIsMadeOfOctetsThatAreNotThoseStored) {
  facts_.revisions[1].octets.back() ^= 1;
  EXPECT_THROW(members(), core::Error);
}

TEST_F(EvidencePackageTest, WithoutTrustNothingIsProven) {
  const std::string zip = zipped(members());
  EXPECT_EQ(verifyPackage(zip, {{}, "", core::now()}).indication, "INDETERMINATE");
  EXPECT_THAT(verify(zip, "另一个平台").findings, about("signature_foreign", "manifest.p7s"));
  EXPECT_EQ(verify("no zip at all").indication, "FAILED");
  EXPECT_EQ(verify(zip.substr(0, zip.size() / 2)).indication, "FAILED");
}

TEST_F(EvidencePackageTest, OpensslChecksTheManifestAndPdfsigTheReport) {
  const test::TempFolder folder;
  for (const EvidenceMember& member : members()) {
    const std::filesystem::path path = folder / member.name;
    std::filesystem::create_directories(path.parent_path());
    core::writeFile(path, member.octets);
  }
  const auto openssl = [&] {
    return test::run({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "manifest.p7s",
                      "-content", folder / "manifest.json", "-CAfile", platform().platformRoot(), "-purpose", "any",
                      "-out", "/dev/null"});
  };
  EXPECT_EQ(openssl().status, 0) << openssl().err;
  test::Output text = test::run({"pdftotext", folder / "report.pdf", "-"});
  std::erase(text.out, '\n');  // cells break lines
  for (const char* part :
       {"电子合同存证报告", "示例科技有限公司", "已阅读并确认签署须知", "确认签署意愿", "存证日志", "第十三条"})
    EXPECT_THAT(text.out, testing::HasSubstr(part));
  EXPECT_THAT(test::run({"pdfsig", folder / "report.pdf"}).out, testing::HasSubstr("Signature is Valid"));
  EXPECT_EQ(test::run({"qpdf", "--check", folder / "report.pdf"}).status, 0);
  core::writeFile(folder / "manifest.json", core::readFile(folder / "manifest.json") + " ");
  EXPECT_NE(openssl().status, 0);
  std::string zip;
  writeEvidence(facts_, evidencePlatform(), core::now(), [&](std::string_view part) { zip += std::string(part); });
  core::writeFile(folder / "package.zip", zip);
  EXPECT_EQ(
      test::run({"python3", "-c", "import sys,zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)",
                 folder / "package.zip"})
          .status,
      0);
}

TEST(EventWords, AreThereForEverythingThatIsWrittenOfAnEnvelope) {
  const std::regex event("\"((?:envelope|party|notice)\\.[a-z_]+)\"");
  std::set<std::string> written;
  for (const char* room : {"ceremony", "envelope"}) {
    const std::filesystem::path folder = std::filesystem::path(QIANDA_SOURCE_DIR) / "contracts" / room;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string source = core::readFile(entry.path());
      for (std::sregex_iterator found(source.begin(), source.end(), event), end; found != end; ++found)
        written.insert((*found)[1]);
    }
  }
  ASSERT_GT(written.size(), 15u);
  for (const std::string& type : written) EXPECT_NE(findEventWords(type), nullptr) << type;
}

TEST(ZipFile, RefusesWhatIsNoPlainArchive) {
  const auto zip = [](const std::vector<std::string>& names) {
    std::string out;
    ZipWriter writer([&](std::string_view part) { out += std::string(part); });
    for (const std::string& name : names) writer.add(name, "x", core::now());
    writer.close();
    return out;
  };
  EXPECT_EQ(readZip(zip({"a", "b/c"})).size(), 2u);
  EXPECT_THROW(readZip(zip({"a", "a"})), core::Error);
  EXPECT_THROW(zip({"../a"}), core::Error);
  std::string up = zip({"zz/a"});
  for (std::size_t at = 0; (at = up.find("zz/a", at)) != std::string::npos;) up.replace(at, 4, "../a");
  EXPECT_THROW(readZip(up), core::Error);
  EXPECT_THROW(readZip(zip({"a", "b"}), 1), core::Error);
  EXPECT_THROW(readZip(zip({"a", "b"}), 100, 1), core::Error);
}

}  // namespace
}  // namespace qianda::contracts
