// A court's case as rows: a worker against an employer, a document for the employer, its service by post, and a task of
// the parcel that was given up. Nothing is sealed.
#pragma once

#include <string>

#include "core/digest.h"
#include "core/id.h"
#include "delivery/cases/case_store.h"
#include "delivery/post/parcel_store.h"
#include "delivery/queue/postal_queue.h"
#include "delivery/service/record_store.h"
#include "storage/sql/instant.h"

namespace qianda::test {

inline delivery::CaseFile sampleCase(const std::string& mark) {
  using namespace delivery;
  CaseFile file;
  file.number = "示劳人仲案字〔2026〕" + mark + "号";
  file.cause = "劳动报酬";
  file.claims = "支付2026年1月工资8500元";
  file.court = "示例市劳动人事争议仲裁委员会";
  file.panel = {"钱示例", "孙示例", "李示例"};
  file.clerk = "周示例";
  file.room = "第一仲裁庭";
  CaseParty worker, employer;
  worker.role = "applicant";
  worker.name = "林示例" + mark;
  worker.idNumber = "000000199001010015";
  worker.phone = "13800000001";
  employer.role = "respondent";
  employer.kind = "organisation";
  employer.name = "珠海示例科技有限公司" + mark;
  employer.idNumber = "91000000100000000X";
  employer.legalRepresentative = "吴示例";
  employer.phone = "07560000001";
  file.parties = {worker, employer};
  for (const char* party : {"0", "1"}) {
    ServiceAddress address;
    address.party = party;
    address.phone = "13800000001";
    address.postcode = "519000";
    address.province = "广东省";
    address.city = "珠海市";
    address.district = "香洲区";
    address.street = std::string("示例路") + party + "号";
    address.ground = AddressGround::kConfirmed;
    address.since = *core::parseDate("2026-03-02");
    file.addresses.push_back(address);
  }
  return file;
}

struct CourtCase {
  std::string id, address, party, record, attempt, document, parcel, deadTask;
};

inline CourtCase makeCourtCase(storage::Database& database, const core::Actor& actor, const std::string& mark) {
  using namespace delivery;
  CourtCase made;
  const core::Instant now = core::now();
  database.write([&](storage::Transaction& t) {
    made.id = createCase(t, actor, sampleCase(mark + core::DocumentId::random().text().substr(0, 8)),
                         *core::parseDate("2026-03-02"), now);
    const CaseFile file = getCase(t, actor.organisation, made.id);
    made.party = file.parties[1].id;
    for (const ServiceAddress& one : file.addresses) {
      if (one.party == made.party) made.address = one.id;
    }
    made.document = core::DocumentId::at(now).text();
    const std::string step = core::DocumentId::at(now).text();
    t.insertAll(
        "INSERT INTO issued_steps (id, organisation, case_id, step, idempotency_key, request_digest, actor, "
        "at_ms) VALUES",
        8,
        {{step, actor.organisation, made.id, std::string("accept"), step, std::string(), actor.name,
          storage::msOf(now)}});
    t.insertAll(
        "INSERT INTO court_documents (id, organisation, case_id, step, kind, title, party, sha256, size, pages, "
        "seal, created_by, created_ms) VALUES",
        13,
        {{made.document, actor.organisation, made.id, step, std::string("response_notice"), std::string("应诉通知书"),
          made.party, core::sha256Hex(made.document), std::int64_t{1}, std::int64_t{1}, std::string(), actor.name,
          storage::msOf(now)}});
    made.record = insertRecord(t, actor, {made.id, step, made.party, "", {made.document}}, now);
    made.attempt = startAttempt(t, actor, made.record, {ServiceMethod::kPostal, made.address}, now);
    Parcel parcel;
    parcel.id = made.parcel = core::DocumentId::at(now).text();
    parcel.organisation = actor.organisation;
    parcel.record = made.record;
    parcel.attempt = made.attempt;
    parcel.partner = "china-post";
    insertParcel(t, parcel, now);
    recompute(t, actor, made.record, now);
    made.deadTask = enqueueTask(t, {"order", parcel.id, parcel.partner, now}, now);
    t.execute("UPDATE postal_tasks SET state = 'dead' WHERE id = $1", {made.deadTask});
  });
  return made;
}

}  // namespace qianda::test
