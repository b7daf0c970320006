// What handlers of seals and batches need beside a database: documents, a development PKI, seals' keys, templates; gone
// at the end of its scope.
#pragma once

#include "contracts/seals/seal_cabinet.h"
#include "server/batches/batch_desk.h"
#include "server/services.h"
#include "storage/segment_document_store.h"
#include "tests/support/process.h"

namespace qianda::test {

class Sealing {
 public:
  explicit Sealing(storage::Database& database)
      : documents(folder / "documents"),
        signing(settings()),
        cabinet({&database, "a passphrase of tests", &signing.issuer(), true, {}}),
        desk(database, documents, cabinet, signing, ""),
        database_(database) {}

  void attach(server::Services& services) {
    services.database = &database_;
    services.documents = &documents;
    services.signing = &signing;
    services.cabinet = &cabinet;
    services.batches = &desk;
  }
  // The id of a seal of the actor's organisation.
  std::string makeSeal(const contracts::Actor& actor, const std::string& name,
                       const std::string& owner = "珠海示例科技有限公司") {
    contracts::NewSeal wanted;
    wanted.name = name;
    wanted.design.ownerName = owner;
    const contracts::MadeSeal made = cabinet.make(wanted, actor, core::now());
    database_.write([&](storage::Transaction& transaction) { contracts::SealCabinet::keep(transaction, made, actor); });
    return made.seal.id;
  }
  // The id of a proposed grant for everything the grantee may want.
  std::string propose(const contracts::Actor& actor, const std::string& seal, const std::string& grantee,
                      std::int64_t quota, const std::string& form = "*") {
    return database_.written<std::string>([&](storage::Transaction& transaction) {
      contracts::SealGrant wanted;
      wanted.seal = seal;
      wanted.templateId = form;
      wanted.grantee = grantee;
      wanted.notBefore = core::now() - std::chrono::hours(1);
      wanted.notAfter = core::now() + std::chrono::hours(24);
      wanted.quota = quota;
      return contracts::proposeGrant(transaction, actor, wanted, core::now());
    });
  }

  const TempFolder folder;
  storage::SegmentDocumentStore documents;
  const server::SigningServices signing;
  contracts::SealCabinet cabinet;
  server::BatchDesk desk;

 private:
  server::SigningSettings settings() const {
    server::SigningSettings chosen;
    chosen.dataFolder = folder / "data";
    return chosen;
  }
  storage::Database& database_;
};

}  // namespace qianda::test
