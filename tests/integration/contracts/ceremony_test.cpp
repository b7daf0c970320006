// A worker's ceremony, step by step and out of step; links, codes, and one's own copies for ever.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/ceremony/codes.h"
#include "contracts/ceremony/development_providers.h"
#include "contracts/ceremony/paper_copy.h"
#include "contracts/ceremony/worker_access.h"
#include "core/digest.h"
#include "signing/ca/profiles.h"
#include "signing/keys/x509.h"
#include "tests/support/envelope_house.h"
#include "tests/support/error_of.h"
#include "tests/support/signed_pdf.h"

namespace qianda::contracts {
namespace {

using core::ErrorCode;
using storage::Transaction;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class RememberedSms : public SmsCodeProvider {
 public:
  ProviderAnswer send(const std::string& phone, const std::string& code, const std::string&) override {
    sent.emplace_back(phone, code);
    return {true, "test", "sms_code", "request-" + std::to_string(sent.size()), "sent"};
  }
  std::vector<std::pair<std::string, std::string>> sent;
};
class StrictIdentity : public IdentityProvider {
 public:
  ProviderAnswer check(const PersonClaim&) override {
    if (isDown) throw core::Error(ErrorCode::kUnavailable, "the register does not answer");
    return {passes, "test", "three_factors", "identity-1", passes ? "matches" : "does not match"};
  }
  bool passes = true, isDown = false;
};

class CeremonyTest : public test::OnBothDatabases {
 protected:
  CeremonyTest() { services.rules.readingPerPage = 0ms; }
  // A sent labour contract whose employer has sealed; the worker's link arrives.
  std::string sent(int pages = 1) {
    const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)}, "B-T", pages);
    house.send(id);
    house.work();
    return id;
  }
  Bearer bearerOf(const std::string& id) {
    for (auto notice = house.notices.sent.rbegin(); notice != house.notices.sent.rend(); ++notice) {
      if (notice->envelope != id || notice->link.empty()) continue;
      const std::string secret = notice->link.substr(notice->link.find('#') + 1);
      const auto link = database->looked<std::optional<Link>>(
          [&](Transaction& t) { return findLink(t, secret, house.services.clock()); });
      if (link) return {partyId(link->envelope, link->party), secret, "203.0.113.9", "phone"};
    }
    throw std::runtime_error("no link");
  }
  const PersonClaim claim{test::kWorkerName, test::kWorkerId, test::kWorkerPhone};
  Willingness will() const { return {willingnessText().version, std::string(kConfirmation), ""}; }
  // The whole ceremony up to a step (not included).
  void goTo(const Bearer& bearer, Step step) {
    viewCeremony(services, bearer);
    if (step == Step::kNotice) return;
    acknowledgeNotice(services, bearer, preSigningNotice().version);
    if (step == Step::kIdentity) return;
    claimIdentity(services, bearer, claim);
    if (step == Step::kCode) return;
    confirmCode(services, bearer, sms.sent.back().second);
    if (step == Step::kReading) return;
    const std::string pdf = readDocument(services, bearer);
    std::vector<std::size_t> pages(viewCeremony(services, bearer).pages);
    for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = i + 1;
    notePagesRead(services, bearer, pages);
    if (step == Step::kStrokes) return;
    giveStrokes(services, bearer, test::someStrokes());
  }
  template <typename Action>
  std::string refusal(Action action, ErrorCode code = ErrorCode::kConflict) {
    return test::messageOf(action, code);
  }

  test::EnvelopeHouse house{*database};
  RememberedSms sms;
  StrictIdentity identity;
  CeremonyServices services{house.services, sms, identity, nullptr, {}};
};
INSTANTIATE_TEST_SUITE_P(Databases, CeremonyTest, test::bothDatabases(), test::databaseName);

TEST_P(CeremonyTest, FromTheLinkToTheCopyWithEveryStepInTheEvidence) {
  const std::string id = sent(3);
  const Bearer worker = bearerOf(id);
  goTo(worker, Step::kWillingness);
  const CeremonyView view = declareWillingness(services, worker, will());
  EXPECT_EQ(view.step, Step::kDone);
  EXPECT_EQ(house.state(id), "completed");
  const std::string copy = fetchCopy(services, worker);
  EXPECT_EQ(copy, house.newestFile(id));
  EXPECT_EQ(house.pdfsig(copy), "2 of 2 valid");
  for (const char* type :
       {"envelope.created", "envelope.sent", "party.sealed", "notice.sent", "party.viewed", "party.notice_acknowledged",
        "party.identity_checked", "party.code_sent", "party.code_confirmed", "party.identified",
        "party.reading_started", "party.read", "party.strokes_given", "party.willing", "party.signed",
        "envelope.completed", "party.copy_fetched"}) {
    EXPECT_GE(house.audited(id, type), 1) << type;
  }
  const std::string checked = database->looked<std::string>([&](Transaction& t) {
    return t.findRow("SELECT details FROM audit_entries WHERE type = 'party.identity_checked'")->text(0);
  });
  EXPECT_THAT(checked, AllOf(HasSubstr("\"method\":\"three_factors\""), HasSubstr("\"provider\":\"test\""),
                             HasSubstr("\"request_id\":\"identity-1\""), HasSubstr("\"passed\":true")));
}

// 电子签名法 13 (1), (2): a key and a certificate for this person and this ceremony alone.
TEST_P(CeremonyTest, TheCertificateIsThePersonsForThisCeremonyAndShortLived) {
  const std::string id = sent();
  goTo(bearerOf(id), Step::kWillingness);
  declareWillingness(services, bearerOf(id), will());
  const std::string file = house.newestFile(id);
  const test::SignedPart part = test::signedParts(file).at(1);
  const test::CmsParts cms = part.parts();
  signing::X509Handle certificate;
  for (const test::DerElement& one : cms.certificates) {  // a SET: in the order of their octets
    signing::X509Handle read = signing::parseCertificate(core::viewOf(one.whole.of(part.cms)));
    if (!signing::eventOf(read.get()).empty()) certificate = std::move(read);
  }
  ASSERT_TRUE(certificate);
  EXPECT_EQ(signing::commonNameOf(X509_get_subject_name(certificate.get())), test::kWorkerName);
  EXPECT_EQ(signing::eventOf(certificate.get()), partyId(id, "worker"));
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.get()), X509_get0_notAfter(certificate.get()));
  EXPECT_EQ(days, 0);
  EXPECT_THAT(file, HasSubstr("/AP")) << "the handwriting is in the file";
}

TEST_P(CeremonyTest, NoStepBeforeItsTurn) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  struct Named {
    Step step;
    std::function<void()> action;
  };
  const std::vector<Named> actions = {
      {Step::kIdentity, [&] { claimIdentity(services, worker, claim); }},
      {Step::kCode, [&] { confirmCode(services, worker, "000000"); }},
      {Step::kReading, [&] { readDocument(services, worker); }},
      {Step::kReading, [&] { notePagesRead(services, worker, {1}); }},
      {Step::kStrokes, [&] { giveStrokes(services, worker, test::someStrokes()); }},
      {Step::kWillingness, [&] { declareWillingness(services, worker, will()); }},
  };
  for (const Step at : {Step::kNotice, Step::kIdentity, Step::kCode, Step::kReading, Step::kStrokes}) {
    const std::string envelope = sent();
    const Bearer bearer = bearerOf(envelope);
    goTo(bearer, at);
    const std::vector<Named> later = {
        {Step::kIdentity, [&] { claimIdentity(services, bearer, claim); }},
        {Step::kCode, [&] { confirmCode(services, bearer, "000000"); }},
        {Step::kReading, [&] { readDocument(services, bearer); }},
        {Step::kStrokes, [&] { giveStrokes(services, bearer, test::someStrokes()); }},
        {Step::kWillingness, [&] { declareWillingness(services, bearer, will()); }},
    };
    for (const Named& one : later) {
      if (one.step <= at) continue;
      EXPECT_THAT(refusal(one.action), HasSubstr(std::string("at step \"") + std::string(nameOf(at)))) << nameOf(at);
    }
    EXPECT_EQ(house.envelope(envelope).revision, 2);
    house.ahead = house.ahead.load() + 61min;
  }
  for (const Named& one : actions) refusal(one.action);
}

TEST_P(CeremonyTest, IdentityMustBeThePartysAndTheRegistersAndGuessingEnds) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  goTo(worker, Step::kIdentity);
  refusal([&] { acknowledgeNotice(services, worker, "1999"); }, ErrorCode::kInvalidInput);
  identity.isDown = true;
  refusal([&] { claimIdentity(services, worker, claim); }, ErrorCode::kUnavailable);
  identity.isDown = false;
  identity.passes = false;
  refusal([&] { claimIdentity(services, worker, claim); }, ErrorCode::kInvalidInput);
  identity.passes = true;
  EXPECT_TRUE(sms.sent.empty()) << "no code for whom the register does not confirm";
  for (const PersonClaim& wrong :
       {PersonClaim{"王示例", claim.idNumber, claim.phone}, PersonClaim{claim.name, "000000199206183028", claim.phone},
        PersonClaim{claim.name, claim.idNumber, "13800000001"}}) {
    EXPECT_THAT(refusal([&] { claimIdentity(services, worker, wrong); }, ErrorCode::kInvalidInput),
                Not(HasSubstr(claim.phone)));
  }
  for (int i = 0; i < 2; ++i) {
    refusal([&] { claimIdentity(services, worker, {"x", "y", "z"}); }, ErrorCode::kInvalidInput);
  }
  EXPECT_THAT(refusal([&] { claimIdentity(services, worker, claim); }), HasSubstr("too many"));
  EXPECT_EQ(house.audited(id, "party.identity_mismatch"), 5);
  house.ahead = house.ahead.load() + 61min;
  claimIdentity(services, worker, claim);
  EXPECT_EQ(sms.sent.size(), 1u);
}

TEST_P(CeremonyTest, ACodeIsGoodOnceForAWhileAndForFewTries) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  goTo(worker, Step::kCode);
  const std::string code = sms.sent.back().second;
  ASSERT_EQ(code.size(), 6u);
  const auto confirm = [&](const std::string& text) {
    return [this, worker, text] { confirmCode(services, worker, text); };
  };
  // Brute force: five tries, then the right one is worth nothing either.
  for (int i = 0; i < 5; ++i) {
    refusal(confirm(code == "000001" ? "000002" : "000001"), ErrorCode::kInvalidInput);
  }
  refusal(confirm(code), ErrorCode::kInvalidInput);
  EXPECT_THAT(refusal([&] { resendCode(services, worker); }), HasSubstr("just now"));
  house.ahead = house.ahead.load() + 61s;
  resendCode(services, worker);
  // Over.
  house.ahead = house.ahead.load() + 5min + 1s;
  refusal(confirm(sms.sent.back().second), ErrorCode::kInvalidInput);
  // Another link's secret does not go with this code.
  resendCode(services, worker);
  Bearer other = worker;
  other.secret = drawSecret();
  refusal([&] { confirmCode(services, other, sms.sent.back().second); }, ErrorCode::kInvalidInput);
  confirmCode(services, worker, sms.sent.back().second);
  refusal(confirm(sms.sent.back().second));
  EXPECT_EQ(house.count("one_time_codes WHERE code_sha256 LIKE '%" + code + "%'"), 0);
  // Not too many an hour.
  const Bearer again = bearerOf(sent());
  goTo(again, Step::kCode);
  for (int i = 0; i < 4; ++i) {
    house.ahead = house.ahead.load() + 61s;
    resendCode(services, again);
  }
  house.ahead = house.ahead.load() + 61s;
  EXPECT_THAT(refusal([&] { resendCode(services, again); }), HasSubstr("too many"));
}

// PEERS 36, 37: a link is a secret of one person, for a while; the database does not have it.
TEST_P(CeremonyTest, LinksAreSecretsOfOnePartyForAWhile) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  EXPECT_EQ(worker.secret.size(), 52u);
  EXPECT_EQ(house.count("signing_links WHERE secret_sha256 = '" + worker.secret + "'"), 0);
  EXPECT_EQ(house.count("signing_links WHERE secret_sha256 = '" + core::sha256Hex(worker.secret) + "'"), 1);
  const auto find = [&](const std::string& secret) {
    return database->looked<std::optional<Link>>(
        [&](Transaction& t) { return findLink(t, secret, house.services.clock()); });
  };
  EXPECT_TRUE(find(worker.secret));
  EXPECT_FALSE(find(drawSecret()));
  EXPECT_FALSE(find(""));
  EXPECT_FALSE(find(worker.secret.substr(0, 51)));
  const std::string second = database->written<std::string>([&](Transaction& t) {
    return issueLink(t, {id, "worker", "sign", house.services.clock() + 72h}, true, house.services.clock());
  });
  EXPECT_FALSE(find(worker.secret)) << "replaced";
  ASSERT_TRUE(find(second));
  EXPECT_EQ(find(second)->party, "worker");
  house.ahead = house.ahead.load() + 72h;
  EXPECT_FALSE(find(second)) << "over";
  std::set<std::string> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(drawSecret());
  EXPECT_EQ(drawn.size(), 1000u);
}

TEST_P(CeremonyTest, AllPagesMustBeShownForTheLeastTime) {
  services.rules.readingPerPage = 1000ms;
  const std::string id = sent(3);
  const Bearer worker = bearerOf(id);
  goTo(worker, Step::kReading);
  EXPECT_THAT(refusal([&] { notePagesRead(services, worker, {1}); }), HasSubstr("not fetched"));
  readDocument(services, worker);
  EXPECT_THAT(refusal([&] { notePagesRead(services, worker, {4}); }, ErrorCode::kInvalidInput),
              HasSubstr("page 4 of 3"));
  refusal([&] { notePagesRead(services, worker, {0}); }, ErrorCode::kInvalidInput);
  notePagesRead(services, worker, {1, 2, 3});
  EXPECT_EQ(viewCeremony(services, worker).step, Step::kReading) << "too fast";
  house.ahead = house.ahead.load() + 3s;
  readDocument(services, worker);  // does not start the clock anew
  notePagesRead(services, worker, {});
  EXPECT_EQ(viewCeremony(services, worker).step, Step::kStrokes);
}

TEST_P(CeremonyTest, HandwritingIsChecked) {
  const Bearer worker = bearerOf(sent());
  goTo(worker, Step::kStrokes);
  const auto refused = [&](const std::vector<signing::Stroke>& strokes) {
    return refusal([&] { giveStrokes(services, worker, strokes); }, ErrorCode::kInvalidInput);
  };
  EXPECT_THAT(refused({}), HasSubstr("at least"));
  EXPECT_THAT(refused({{{0.5, 0.5, {}, {}}}}), HasSubstr("at least"));
  EXPECT_THAT(refused(std::vector<signing::Stroke>(101, test::someStrokes()[0])), HasSubstr("at most 100 strokes"));
  auto outside = test::someStrokes();
  outside[1][4].x = 1.5;
  EXPECT_THAT(refused(outside), HasSubstr("stroke 2, point 5"));
  giveStrokes(services, worker, test::someStrokes());
  giveStrokes(services, worker, test::someStrokes());  // written again before the will is declared
  EXPECT_EQ(viewCeremony(services, worker).step, Step::kWillingness);
}

// The will is durable: if the process dies before the signature, any node makes it without the worker.
TEST_P(CeremonyTest, OnceTheWillIsDeclaredTheSignatureComesWithoutTheWorker) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  goTo(worker, Step::kWillingness);
  refusal(
      [&] {
        declareWillingness(services, worker, {"1999", std::string(kConfirmation), ""});
      },
      ErrorCode::kInvalidInput);
  refusal(
      [&] {
        declareWillingness(services, worker, {willingnessText().version, "好", ""});
      },
      ErrorCode::kInvalidInput);
  EXPECT_EQ(house.partyState(id, "worker"), "identified");
  struct Crash {};
  house.services.atStep = [](const char* step) {
    if (std::string_view(step) == "willing") throw Crash();
  };
  EXPECT_THROW(declareWillingness(services, worker, will()), Crash);
  house.services.atStep = [](const char*) {};
  EXPECT_EQ(house.partyState(id, "worker"), "willing");
  house.work();
  EXPECT_EQ(house.state(id), "completed");
  // The worker comes back and asks again: the same answer, no second signature.
  EXPECT_EQ(declareWillingness(services, worker, will()).step, Step::kDone);
  EXPECT_EQ(house.envelope(id).revision, 3);
  EXPECT_EQ(house.audited(id, "party.willing"), 1);
}

TEST_P(CeremonyTest, ASilentTimestampAuthorityIsShownToTheWorker) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  goTo(worker, Step::kWillingness);
  house.time.isDown = true;
  const CeremonyView view = declareWillingness(services, worker, will());
  EXPECT_EQ(view.step, Step::kSigning);
  EXPECT_EQ(view.envelope.state, EnvelopeState::kPendingTimestamp);
  refusal([&] { fetchCopy(services, worker); });
  house.time.isDown = false;
  house.ahead = house.ahead.load() + 11min;
  house.work();
  EXPECT_EQ(viewCeremony(services, worker).step, Step::kDone);
}

TEST_P(CeremonyTest, WhoDeclinesSaysWhyAndIsDone) {
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  viewCeremony(services, worker);
  refusal([&] { declineToSign(services, worker, ""); }, ErrorCode::kInvalidInput);
  declineToSign(services, worker, "工资与约定不符");
  EXPECT_EQ(house.state(id), "declined");
  EXPECT_THAT(refusal([&] { viewCeremony(services, worker); }), HasSubstr("declined"));
  EXPECT_THAT(refusal([&] { readDocument(services, worker); }), HasSubstr("declined"));
}

// PEERS 35; 人社厅发〔2021〕54号 12: whatever becomes of the employer's account, and of every link.
TEST_P(CeremonyTest, APersonFindsTheirOwnContractsForEver) {
  const std::string id = sent();
  goTo(bearerOf(id), Step::kWillingness);
  declareWillingness(services, bearerOf(id), will());
  const std::string unfinished = sent();
  database->write([&](Transaction& t) {
    t.execute("DELETE FROM signing_links");
    t.execute("UPDATE envelopes SET organisation = 'gone'");
    t.execute("UPDATE audit_streams SET organisation = 'gone'");
  });
  house.ahead = house.ahead.load() + std::chrono::days(365 * 10);
  const std::size_t before = sms.sent.size();
  const std::string challenge = requestAccess(services, claim);
  ASSERT_EQ(sms.sent.size(), before + 1);
  refusal([&] { openAccess(services, claim, drawSecret(), sms.sent.back().second); }, ErrorCode::kInvalidInput);
  const std::string access = openAccess(services, claim, challenge, sms.sent.back().second);
  refusal([&] { openAccess(services, claim, challenge, sms.sent.back().second); }, ErrorCode::kInvalidInput);
  const auto person = database->looked<std::optional<std::string>>(
      [&](Transaction& t) { return findAccess(t, core::sha256Hex(access), house.services.clock()); });
  ASSERT_EQ(person, test::kWorkerId);
  EXPECT_EQ(database->looked<std::vector<Envelope>>([&](Transaction& t) { return listOwn(t, *person, "", 10); }).size(),
            2u);
  const OwnCopy copy = fetchOwn(services, *person, id, "203.0.113.9", "phone");
  EXPECT_EQ(house.pdfsig(copy.file), "2 of 2 valid");
  refusal([&] { fetchOwn(services, *person, unfinished, "", ""); }, ErrorCode::kNotFound);
  refusal([&] { fetchOwn(services, "000000199001010011", id, "", ""); }, ErrorCode::kNotFound);
  house.ahead = house.ahead.load() + 31min;
  EXPECT_FALSE(database->looked<std::optional<std::string>>(
      [&](Transaction& t) { return findAccess(t, core::sha256Hex(access), house.services.clock()); }));
}

TEST_P(CeremonyTest, AskingTellsNobodyWhoHasContracts) {
  sent();
  const std::string unknown = requestAccess(services, {"无示例", "000000199001010011", "13911111111"});
  EXPECT_EQ(unknown.size(), 52u);
  EXPECT_TRUE(sms.sent.empty());
  // Another's number with one's own phone, while only the stand-in vouches.
  DevelopmentIdentity standIn;
  CeremonyServices development{house.services, sms, standIn, nullptr, {}};
  requestAccess(development, {claim.name, claim.idNumber, "13911111111"});
  EXPECT_TRUE(sms.sent.empty());
  // Too soon and too often are said to everybody alike.
  const auto ask = [&] { requestAccess(services, {"无示例", "000000199001010011", "13911111111"}); };
  EXPECT_THAT(refusal(ask), HasSubstr("just now"));
  for (int i = 0; i < 3; ++i) {
    house.ahead = house.ahead.load() + 61s;
    ask();
  }
  house.ahead = house.ahead.load() + 61s;
  EXPECT_THAT(refusal(ask), HasSubstr("too many"));
}

// 人社厅发〔2021〕54号 13.
TEST_P(CeremonyTest, ThePaperCopyShowsTheSignaturesTheSentenceTheHashAndACodeThatCanBeChecked) {
  const std::string id = sent(2);
  refusal([&] { makePaperCopy(house.services, id, "user:hr", "HTTPS://QIANDA.EXAMPLE/V/P/"); });
  goTo(bearerOf(id), Step::kWillingness);
  declareWillingness(services, bearerOf(id), will());
  const PaperCopy copy = makePaperCopy(house.services, id, "user:hr", "HTTPS://QIANDA.EXAMPLE/V/P/");
  const test::TempFolder folder;
  core::writeFile(folder / "paper.pdf", copy.pdf);
  const test::Output checked = test::run({"qpdf", "--check", folder / "paper.pdf"});
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
  EXPECT_THAT(test::run({"pdfinfo", folder / "paper.pdf"}).out, HasSubstr("Pages:           3"));
  EXPECT_THAT(test::run({"pdfsig", folder / "paper.pdf"}).out, HasSubstr("does not contain any signatures"));
  test::run({"pdftoppm", "-r", "200", "-f", "3", "-l", "3", "-png", folder / "paper.pdf", folder / "page"});
  EXPECT_THAT(test::run({"zbarimg", "-q", folder / "page-3.png"}).out,
              HasSubstr("HTTPS://QIANDA.EXAMPLE/V/P/" + copy.code));
  const auto found =
      database->looked<std::optional<PaperCheck>>([&](Transaction& t) { return findPaperCopy(t, copy.code); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sha256, core::sha256Hex(house.newestFile(id)));
  EXPECT_FALSE(database->looked<std::optional<PaperCheck>>(
      [&](Transaction& t) { return findPaperCopy(t, std::string(16, '0')); }));
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid") << "the data message is as it was";
}

TEST_P(CeremonyTest, TheStandInsSayWhatTheyAre) {
  const test::TempFolder folder;
  DevelopmentMessages messages(folder / "messages");
  DevelopmentSms standInSms(messages);
  DevelopmentIdentity standInIdentity;
  DevelopmentFace standInFace;
  CeremonyServices development{house.services, standInSms, standInIdentity, &standInFace, {}};
  development.rules.needsFace = true;
  const std::string id = sent();
  const Bearer worker = bearerOf(id);
  EXPECT_TRUE(viewCeremony(development, worker).isDevelopment);
  EXPECT_FALSE(viewCeremony(services, worker).isDevelopment);
  acknowledgeNotice(development, worker, preSigningNotice().version);
  claimIdentity(development, worker, claim);
  const std::string line = core::readFile(folder / "messages");
  confirmCode(development, worker, line.substr(line.find("\"code\":\"", line.find("\"kind\"") + 15) + 8, 6));
  EXPECT_EQ(viewCeremony(development, worker).step, Step::kFace);
  refusal([&] { showFace(development, worker, core::viewOf("no picture")); }, ErrorCode::kInvalidInput);
  showFace(development, worker, core::viewOf("\xFF\xD8\xFF\xE0 a face"));
  EXPECT_EQ(viewCeremony(development, worker).step, Step::kReading);
  const auto count = [&](const std::string& type) {
    return house.count("audit_entries WHERE type = '" + type + "' AND details LIKE '%development%'");
  };
  EXPECT_EQ(count("party.identity_checked"), 1);
  EXPECT_EQ(count("party.code_sent"), 1);
  EXPECT_EQ(count("party.face_checked"), 2);
  EXPECT_EQ(house.count("audit_entries WHERE type = 'party.identified' AND details LIKE '%\"development\":true%'"), 1);
  EXPECT_EQ(std::filesystem::status(folder / "messages").permissions(), std::filesystem::perms(0600));
}

}  // namespace
}  // namespace qianda::contracts
