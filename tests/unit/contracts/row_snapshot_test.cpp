// What is kept of a roster's row as evidence: values under their names, what the rules said of them.
#include "contracts/batches/row_snapshot.h"

#include <gtest/gtest.h>

#include "templates/law/law.h"

namespace qianda::contracts {
namespace {

class RowSnapshotTest : public testing::Test {
 protected:
  RowSnapshotTest() {
    for (const char* name : {"worker_name", "note", "posts"}) {
      templates::FieldSpec field;
      field.name = name;
      form.fields.push_back(field);
    }
    form.fields[2].type = templates::FieldType::kList;
    record.values.resize(3);
    record.values[0].present = record.values[2].present = true;
    record.values[0].text = "林\"示例\"";
    record.values[2].rows = {{"木工", "二级"}, {"电工", ""}};
  }
  EvidenceSnapshot made(const std::vector<templates::Fault>& found = {}) const {
    return snapshotOf("ENVELOPE", form, record, found, core::fromDays(20'000));
  }
  templates::Template form;
  templates::Record record;
};

TEST_F(RowSnapshotTest, HasTheValuesThatAreThereAndListsAsRows) {
  EXPECT_EQ(made().envelope, "ENVELOPE");
  EXPECT_EQ(made().fields, R"({"worker_name":"林\"示例\"","posts":[["木工","二级"],["电工",""]]})");
}

TEST_F(RowSnapshotTest, NamesTheDayAndTheRulesAndWhatTheySaid) {
  templates::Fault fault;
  fault.rule = "LC09";
  fault.severity = templates::Severity::kWarn;
  fault.article = "劳动法 48";
  fault.field = "base_pay";
  fault.messageZh = "基本工资低于最低工资标准";
  fault.messageEn = "below the minimum";
  const std::string head =
      R"({"checked_on":"2024-10-04","rules":")" + templates::law::rulesVersion() + R"(","faults":)";
  EXPECT_EQ(made().ruleCheck, head + "[]}");
  EXPECT_EQ(made({fault}).ruleCheck,
            head + R"([{"rule":"LC09","severity":"warning","article":"劳动法 48","field":"base_pay",)" +
                R"("message":"基本工资低于最低工资标准","message_en":"below the minimum"}]})");
}

}  // namespace
}  // namespace qianda::contracts
