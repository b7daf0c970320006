// Every signature level with every kind of key: a contract with a seal, a cross-page seal and two signatures, judged by
// us and by programs outside (pdfsig, qpdf, openssl cms and ts, Bouncy Castle); and tampered twins of each.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/e2e/cli/tampered_twins.h"
#include "tests/support/signed_pdf.h"
#include "tests/support/tiny_pdf.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;

const char* const kLevels[] = {"B-B", "B-T", "B-LT", "B-LTA"};

// What several tests ask of files in one folder.
class LevelsFixture : public ::testing::Test {
 protected:
  static constexpr int kB = 0, kT = 1, kLT = 2, kLTA = 3;

  std::string file(const std::string& name) const { return folder_ / name; }
  static std::string key(const std::string& party, const std::string& kind) {
    const std::string base = party == "employer" ? "employer-seal" : "worker";
    return pki() / (base + (kind == "p256" ? "" : "-" + kind) + ".p12");
  }
  static const Pki& pki() {
    static const Pki made = developmentPki();
    return made;
  }
  std::string contract() const {
    const Output made = qianda({"template", "preview", "labour-general", "--out", file("contract.pdf")});
    EXPECT_EQ(made.status, 0) << made.err;
    return file("contract.pdf");
  }
  std::string sign(const std::string& in, const std::string& party, const std::string& kind, const std::string& level,
                   std::vector<std::string> more = {}) const {
    const std::string out = in.substr(0, in.size() - 4) + "-" + party + ".pdf";
    std::vector<std::string> arguments{"sign", in,      "--key", key(party, kind), "--field", party, "--level",
                                       level,  "--out", out,     "--json"};
    if (party == "employer") arguments.insert(arguments.end(), {"--seal", "company", "--cross-page"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Output made = qianda(arguments);
    if (made.status != 0) throw std::runtime_error("not signed: " + made.err);
    EXPECT_EQ(text(jsonObject(made.out), "level"), "PAdES-BASELINE-" + level.substr(2));
    return out;
  }
  std::string extend(const std::string& in, const std::string& level) const {
    const std::string out = in.substr(0, in.size() - 4) + "+" + level + ".pdf";
    const Output made = qianda({"extend", in, "--level", level, "--trust", pki() / "root.pem", "--out", out});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_TRUE(core::readFile(out).starts_with(core::readFile(in))) << "earlier octets were touched";
    return out;
  }
  static std::vector<Json> verify(std::vector<std::string> files) {
    files.insert(files.begin(), {"verify", "--json", "--trust", pki() / "root.pem"});
    const JsonList list = jsonObject(qianda(files).out)->getArray("files");
    std::vector<Json> found;
    for (unsigned i = 0; i < list->size(); ++i) found.push_back(list->getObject(i));
    return found;
  }

  // openssl cms and ts, qpdf, over every part of the file.
  void expectOutsideJudgesAgree(const std::string& name, bool isOpensslsKind) const {
    EXPECT_EQ(run({"qpdf", "--check", name}).status, 0);
    for (const SignedPart& part : signedParts(core::readFile(name))) {
      core::writeFile(file("content"), part.content);
      core::writeFile(file("cms"), part.cms);
      if (part.isTimestamp) {
        expectGoodToken(file("cms"), file("content"));
        continue;
      }
      if (isOpensslsKind) {
        const Output judged =
            run({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", file("cms"), "-content",
                 file("content"), "-CAfile", pki() / "root.pem", "-purpose", "any", "-out", "/dev/null"});
        EXPECT_EQ(judged.status, 0) << judged.err;
      }
      if (part.token().empty()) continue;
      core::writeFile(file("token"), part.token());
      core::writeFile(file("value"), part.parts().signatureValue.content.of(part.cms));
      expectGoodToken(file("token"), file("value"));
    }
  }
  static void expectGoodToken(const std::string& token, const std::string& data) {
    const Output judged =
        run({"openssl", "ts", "-verify", "-data", data, "-in", token, "-token_in", "-CAfile", pki() / "root.pem"});
    EXPECT_THAT(judged.out + judged.err, HasSubstr("Verification: OK"));
  }
  void expectReadersTrust(const std::string& name) const {
    if (!std::filesystem::exists(file("nss"))) trustInNss(file("nss"), pki() / "root.pem");
    const std::string judged = run({"pdfsig", "-nssdir", "sql:" + file("nss"), name}).out;
    for (const char* line : {"Signature is Valid.", "Certificate is Trusted."}) {
      std::size_t found = 0;
      for (std::size_t at = 0; (at = judged.find(line, at)) != std::string::npos; ++at) ++found;
      EXPECT_GE(found, 2u) << judged;
    }
  }
  // Bouncy Castle's word on every signature of the file that is no timestamp.
  std::string askBouncyCastle(const std::string& name) const {
    std::vector<std::string> arguments{
        "java", "-cp", "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar",
        QIANDA_SOURCE_DIR "/tests/support/BouncyCastleJudge.java"};
    for (const SignedPart& part : signedParts(core::readFile(name))) {
      if (part.isTimestamp) continue;
      const std::string number = std::to_string(arguments.size());
      core::writeFile(file(number + ".cms"), part.cms);
      core::writeFile(file(number + ".bin"), part.content);
      arguments.insert(arguments.end(), {file(number + ".cms"), file(number + ".bin")});
    }
    const Output judged = run(arguments);
    return judged.out;
  }

  TempFolder folder_;
};

struct Cell {
  std::string kind;
  int level;
};
void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.kind << " " << cell.level; }

std::vector<Cell> allCells() {
  std::vector<Cell> cells;
  for (const char* kind : {"rsa2048", "p256", "sm2"}) {
    for (int level = 0; level < 4; ++level) cells.push_back({kind, level});
  }
  return cells;
}

class LevelMatrix : public LevelsFixture, public ::testing::WithParamInterface<Cell> {
 protected:
  void SetUp() override {
    const std::string employerLevel = kLevels[std::min(GetParam().level, kT)];
    sealed_ = sign(contract(), "employer", GetParam().kind, employerLevel);
    signed_ = sign(sealed_, "worker", GetParam().kind, kLevels[GetParam().level]);
  }
  std::string sealed_, signed_;
};

TEST_P(LevelMatrix, PassesHereAndBeforeJudgesOutside) {
  const auto& [kind, level] = GetParam();
  const Json judged = verify({signed_}).at(0);
  EXPECT_EQ(text(judged, "indication"), "TOTAL_PASSED") << text(judged, "reason");
  const std::string name = "PAdES-BASELINE-" + std::string(kLevels[level]).substr(2);
  EXPECT_EQ(text(judged, "level"), name);
  const JsonList signatures = judged->getArray("signatures");
  ASSERT_EQ(signatures->size(), 2u);
  for (unsigned i = 0; i < 2; ++i) {
    const Json one = signatures->getObject(i);
    EXPECT_EQ(text(one, "field"), i == 0 ? "employer" : "worker");
    EXPECT_EQ(text(one, "level"), name);
    EXPECT_EQ(text(one, "revocation_status"), "good");
    EXPECT_EQ(text(one, "best_signature_time").empty(), level == kB);
    const JsonList revocation = one->getArray("revocation");
    ASSERT_GE(revocation->size(), 2u);
    for (unsigned k = 0; k < revocation->size(); ++k)
      EXPECT_EQ(text(revocation->getObject(k), "origin") == "DSS", level >= kLT);
    const JsonList law = one->getArray("esign_law_13");
    ASSERT_EQ(law->size(), 4u);
    for (unsigned k = 0; k < 4; ++k) EXPECT_EQ(text(law->getObject(k), "verdict"), "PASSED");
    const JsonList changes = one->getArray("changes");
    std::set<std::string> kinds;
    for (unsigned k = 0; k < changes->size(); ++k) {
      EXPECT_TRUE(changes->getObject(k)->getValue<bool>("allowed"));
      kinds.insert(text(changes->getObject(k), "kind"));
    }
    EXPECT_EQ(kinds.contains("signature"), i == 0);
    EXPECT_EQ(kinds.contains("validation_data"), level >= kLT);
    EXPECT_EQ(kinds.contains("timestamp"), level >= kLTA);
  }
  const JsonList stamps = judged->getArray("timestamps");
  EXPECT_EQ(stamps->size(), level == kB ? 0u : level == kLTA ? 3u : 2u);
  for (unsigned k = 0; k < stamps->size(); ++k) EXPECT_EQ(text(stamps->getObject(k), "indication"), "TOTAL_PASSED");

  expectOutsideJudgesAgree(signed_, kind != "sm2");
  if (kind == "sm2") {
    const std::string lines = askBouncyCastle(signed_);
    EXPECT_EQ(lines, "valid 1.2.156.10197.1.401 1.2.156.10197.1.501\nvalid 1.2.156.10197.1.401 1.2.156.10197.1.501\n");
  } else {
    expectReadersTrust(signed_);
  }
}

TEST_P(LevelMatrix, RefusesEveryTamperedTwinForTheRightReason) {
  const int level = GetParam().level;
  const std::string pdf = core::readFile(signed_);
  const std::vector<SignedPart> parts = signedParts(pdf);
  ASSERT_EQ(parts.size(), level == kLTA ? 3u : 2u);
  std::vector<Twin> twins{
      {"the content", withSpoiltOctet(pdf, core::readFile(file("contract.pdf")).size() / 3), "HASH_FAILURE",
       "employer: the document's octets are not those that were signed"},
      {"a page", withSwappedPage(pdf), "FORMAT_FAILURE", "employer: changed after signing: page object"}};
  addCmsTwins(pdf, level, parts[1], twins);
  if (level >= kLT) addStoreTwins(pdf, level == kLTA, twins);
  if (level == kLTA) addDocumentStampTwins(pdf, parts[2], twins);
  std::vector<std::string> files;
  for (std::size_t i = 0; i < twins.size(); ++i) {
    ASSERT_NE(twins[i].octets, pdf);
    files.push_back(file("twin" + std::to_string(i) + ".pdf"));
    core::writeFile(files.back(), twins[i].octets);
  }
  const std::vector<Json> judged = verify(files);
  ASSERT_EQ(judged.size(), twins.size());
  for (std::size_t i = 0; i < twins.size(); ++i) {
    SCOPED_TRACE(twins[i].what);
    EXPECT_EQ(text(judged[i], "indication"), "TOTAL_FAILED") << text(judged[i], "reason");
    EXPECT_EQ(text(judged[i], "sub_indication"), twins[i].subIndication) << text(judged[i], "reason");
    EXPECT_THAT(text(judged[i], "reason"), HasSubstr(twins[i].reason));
    EXPECT_NE(text(judged[i], "reason"), "");
  }
  // The swapped page is a sound PDF: only the analysis of later revisions sees it.
  EXPECT_EQ(run({"qpdf", "--check", files[1]}).status, 0);
}

INSTANTIATE_TEST_SUITE_P(Keys, LevelMatrix, ::testing::ValuesIn(allCells()), [](const auto& cell) {
  return cell.param.kind + "_" + std::string(kLevels[cell.param.level]).replace(1, 1, "_");
});

class Levels : public LevelsFixture {};

TEST_F(Levels, AreRaisedOneAfterTheOtherAndRenewed) {
  std::string name = sign(sign(contract(), "employer", "p256", "B-B"), "worker", "p256", "B-B");
  const std::pair<const char*, unsigned> steps[] = {{"B-T", 1}, {"B-LT", 1}, {"B-LTA", 2}, {"B-LTA", 3}, {"B-LTA", 4}};
  for (const auto& [level, stamps] : steps) {
    SCOPED_TRACE(level);
    name = extend(name, level);
    const Json judged = verify({name}).at(0);
    EXPECT_EQ(text(judged, "indication"), "TOTAL_PASSED") << text(judged, "reason");
    EXPECT_EQ(text(judged, "level"), "PAdES-BASELINE-" + std::string(level).substr(2));
    EXPECT_EQ(judged->getArray("timestamps")->size(), stamps);
  }
  expectOutsideJudgesAgree(name, true);
  expectReadersTrust(name);
}

TEST_F(Levels, EachSignerMayArchiveTheFile) {
  const std::string name = sign(sign(contract(), "employer", "p256", "B-LTA"), "worker", "p256", "B-LTA");
  const Json judged = verify({name}).at(0);
  EXPECT_EQ(text(judged, "indication"), "TOTAL_PASSED") << text(judged, "reason");
  EXPECT_EQ(text(judged, "level"), "PAdES-BASELINE-LTA");
  EXPECT_EQ(judged->getArray("timestamps")->size(), 4u);
  expectOutsideJudgesAgree(name, true);
}

TEST_F(Levels, AnRsaSealAndAnSm2SignatureStandOnOneContract) {
  const std::string name = sign(sign(contract(), "employer", "rsa2048", "B-T"), "worker", "sm2", "B-LTA");
  const Json judged = verify({name}).at(0);
  EXPECT_EQ(text(judged, "indication"), "TOTAL_PASSED") << text(judged, "reason");
  const JsonList signatures = judged->getArray("signatures");
  EXPECT_EQ(text(signatures->getObject(0), "algorithm"), "sha256WithRSAEncryption");
  EXPECT_EQ(text(signatures->getObject(1), "algorithm"), "SM2-with-SM3");
  for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(text(signatures->getObject(i), "level"), "PAdES-BASELINE-LTA");
  EXPECT_THAT(askBouncyCastle(name), HasSubstr("valid 1.2.156.10197.1.401 1.2.156.10197.1.501"));
  // An independent field each: a worker's spoilt signature leaves the employer's as it is.
  const std::string pdf = core::readFile(name);
  const SignedPart worker = signedParts(pdf).at(1);
  core::writeFile(file("spoilt.pdf"), withSpoiltCms(pdf, worker, worker.parts().signatureValue.content.end - 1));
  const JsonList spoilt = verify({file("spoilt.pdf")}).at(0)->getArray("signatures");
  EXPECT_EQ(text(spoilt->getObject(0), "indication"), "TOTAL_PASSED");
  EXPECT_EQ(text(spoilt->getObject(1), "sub_indication"), "SIG_CRYPTO_FAILURE");
}

// One bit of every so-manieth octet behind the contract as it was laid out: seals, signatures, store, timestamps.
TEST_F(Levels, NoTurnedOctetOfAnArchivedFilePasses) {
  constexpr std::size_t kStep = 251, kAtOnce = 64;
  const std::string name = sign(sign(contract(), "employer", "p256", "B-T"), "worker", "p256", "B-LTA");
  const std::string pdf = core::readFile(name);
  std::size_t at = core::readFile(file("contract.pdf")).size(), judgedAll = 0;
  while (at < pdf.size()) {
    std::vector<std::string> files;
    const std::size_t first = at;
    for (; at < pdf.size() && files.size() < kAtOnce; at += kStep) {
      files.push_back(file("turned" + std::to_string(files.size()) + ".pdf"));
      core::writeFile(files.back(), withSpoiltOctet(pdf, at));
    }
    const std::vector<Json> judged = verify(files);
    ASSERT_EQ(judged.size(), files.size());
    for (std::size_t i = 0; i < judged.size(); ++i) {
      EXPECT_NE(text(judged[i], "indication"), "TOTAL_PASSED") << "octet " << first + i * kStep;
      EXPECT_NE(text(judged[i], "reason"), "") << "octet " << first + i * kStep;
    }
    judgedAll += judged.size();
  }
  EXPECT_GT(judgedAll, 150u);
}

// A signature made by the openssl command alone, in a hand-made PDF.
std::string signedByOpenssl(const TempFolder& folder, const Pki& pki, bool isPades) {
  constexpr std::size_t kRoom = 4000;  // octets
  const std::string filter = isPades ? "ETSI.CAdES.detached" : "adbe.pkcs7.detached";
  const std::string before = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/" + filter + "/ByteRange [";
  const TinyPdf pdf = tinyPdf(before + std::string(40, ' ') + "]/Contents <" + std::string(2 * kRoom, '0') + ">>>");
  std::string octets = pdf.file();
  const std::size_t gap = octets.find("/Contents <0") + 10, behind = gap + 2 * kRoom + 2;
  const std::string range =
      "0 " + std::to_string(gap) + " " + std::to_string(behind) + " " + std::to_string(octets.size() - behind);
  octets.replace(octets.find("/ByteRange [") + 12, range.size(), range);
  core::writeFile(folder / "content", octets.substr(0, gap) + octets.substr(behind));
  std::vector<std::string> arguments{"openssl",   "cms",
                                     "-sign",     "-binary",
                                     "-md",       "sha256",
                                     "-in",       folder / "content",
                                     "-signer",   pki / "employer-seal.pem",
                                     "-inkey",    folder / "key.pem",
                                     "-certfile", pki / "chain.pem",
                                     "-outform",  "DER",
                                     "-out",      folder / "cms"};
  if (isPades) arguments.push_back("-cades");
  const Output opened = run({"openssl", "pkcs12", "-in", pki / "employer-seal.p12", "-nocerts", "-nodes", "-passin",
                             "file:" + (pki / "passphrase").string(), "-out", folder / "key.pem"});
  const Output made = run(arguments);
  EXPECT_EQ(made.status, 0) << opened.err << made.err;
  std::string hexadecimal;
  for (const char c : core::readFile(folder / "cms")) {
    hexadecimal += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
    hexadecimal += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
  }
  octets.replace(gap + 1, hexadecimal.size(), hexadecimal);
  return octets;
}

TEST_F(Levels, SignaturesOfOthersAreRaisedToo) {
  for (const bool isPades : {true, false}) {
    SCOPED_TRACE(isPades);
    core::writeFile(file("other.pdf"), signedByOpenssl(folder_, pki(), isPades));
    const std::string start = isPades ? "PAdES-BASELINE-" : "PKCS7-";
    EXPECT_EQ(text(verify({file("other.pdf")}).at(0), "level"), start + "B");
    std::string name = file("other.pdf");
    for (const char* level : {"B-T", "B-LT", "B-LTA"}) {
      name = extend(name, level);
      const Json judged = verify({name}).at(0);
      EXPECT_EQ(text(judged, "indication"), "TOTAL_PASSED") << text(judged, "reason");
      EXPECT_EQ(text(judged, "level"), start + std::string(level).substr(2));
    }
    expectOutsideJudgesAgree(name, true);
  }
}

}  // namespace
}  // namespace qianda::test
