#include "contracts/envelope/create_envelopes.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::contracts {
namespace {

using core::ErrorCode;
using storage::Transaction;
using testing::HasSubstr;

NewEnvelope sample(std::int64_t row = 1) {
  NewEnvelope envelope;
  envelope.document = core::DocumentId::at(core::now());
  envelope.organisation = "org";
  envelope.batch = "batch";
  envelope.row = row;
  envelope.kind = "labour_contract";
  envelope.templateId = "labour-general";
  envelope.templateVersion = "1.0.1";
  envelope.title = "劳动合同";
  envelope.sha256 = std::string(64, 'a');
  envelope.size = 40'000;
  envelope.createdBy = "user:hr";
  envelope.parties = {{"employer", PartyKind::kOrganisation, 1, true, "珠海示例科技有限公司", "", "", "org", "seal"},
                      {"worker", PartyKind::kPerson, 2, false, "林示例", "000000199206183027", "13800000000", "", ""}};
  return envelope;
}

class CreateEnvelopes : public test::OnBothDatabases {
 protected:
  void create(const std::vector<NewEnvelope>& envelopes) {
    database->write([&](Transaction& t) { createEnvelopes(t, envelopes, core::now()); });
  }
  std::int64_t count(const std::string& table) {
    return database->looked<std::int64_t>(
        [&](Transaction& t) { return t.findRow("SELECT COUNT(*) FROM " + table)->number(0); });
  }
};
INSTANTIATE_TEST_SUITE_P(Databases, CreateEnvelopes, test::bothDatabases(), test::databaseName);

TEST_P(CreateEnvelopes, ThousandsInOneTransactionWithTheirAuditStreamsAndEvents) {
  std::vector<NewEnvelope> envelopes;
  for (int row = 1; row <= 5000; ++row) envelopes.push_back(sample(row));
  const auto start = std::chrono::steady_clock::now();
  create(envelopes);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("microseconds_a_row", std::to_string(seconds * 1e6 / 5000));
  std::cout << seconds * 1e6 / 5000 << " us a row\n";
  EXPECT_EQ(count("envelopes"), 5000);
  EXPECT_EQ(count("envelope_parties"), 10000);
  EXPECT_EQ(count("envelope_revisions"), 5000);
  EXPECT_EQ(count("audit_entries"), 5000);
  EXPECT_EQ(count("outbox_events"), 5000);
}

TEST_P(CreateEnvelopes, AFaultNamesItsRowAndNothingIsCreated) {
  const auto refusal = [&](const std::function<void(NewEnvelope&)>& spoil) {
    std::vector<NewEnvelope> envelopes{sample(1), sample(2)};
    spoil(envelopes[1]);
    return test::errorOf([&] { create(envelopes); });
  };
  EXPECT_THAT(refusal([](NewEnvelope& e) { e.parties.clear(); }), HasSubstr("row 2: nobody is left to sign"));
  EXPECT_THAT(refusal([](NewEnvelope& e) { e.parties[1].hasSigned = true; }), HasSubstr("nobody is left"));
  EXPECT_THAT(refusal([](NewEnvelope& e) { e.parties[1].phone.clear(); }), HasSubstr("phone"));
  EXPECT_THAT(refusal([](NewEnvelope& e) { e.parties[1].field = "employer"; }), HasSubstr("appears twice"));
  EXPECT_THAT(refusal([](NewEnvelope& e) { e.parties[1].stage = 0; }), HasSubstr("stages count from 1"));
  EXPECT_THAT(refusal([](NewEnvelope& e) { e.level = "B-B"; }), HasSubstr("level"));
  EXPECT_EQ(count("envelopes"), 0);
}

// 人社厅发〔2021〕54号 3: an uploaded file is never called an electronic labour contract.
TEST_P(CreateEnvelopes, AnUploadedFileIsNoLabourContract) {
  NewEnvelope envelope = sample();
  envelope.templateId.clear();
  EXPECT_THAT(test::errorOf([&] { create({envelope}); }), HasSubstr("made from a template"));
  envelope.kind = "document";
  create({envelope});
  EXPECT_EQ(count("envelopes"), 1);
}

TEST_P(CreateEnvelopes, TheSameOneTwiceIsAConflict) {
  const NewEnvelope envelope = sample();
  create({envelope});
  test::messageOf([&] { create({envelope}); }, ErrorCode::kConflict);
}

}  // namespace
}  // namespace qianda::contracts
