// Everything envelopes need, small and of the test's own: a database, a document store, an authority that certifies
// workers, seals and the timestamp authority, a seal source, a notice channel that remembers, services that can be told
// to stay silent, a clock the test turns, and PDFs with signature fields.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "contracts/ceremony/ceremony.h"
#include "contracts/ceremony/links.h"
#include "contracts/envelope/create_envelopes.h"
#include "contracts/envelope/lifecycle.h"
#include "contracts/envelope/sign_party.h"
#include "core/digest.h"
#include "signing/ca/certificate_maker.h"
#include "signing/ca/local_revocation.h"
#include "signing/keys/evp_key.h"
#include "signing/trust/timestamp_authority.h"
#include "storage/segment_document_store.h"
#include "tests/support/authority.h"
#include "tests/support/database.h"
#include "tests/support/pki.h"
#include "tests/support/plain_pdf.h"

namespace qianda::test {

inline constexpr const char *kWorkerName = "林示例", *kWorkerId = "000000199206183027", *kWorkerPhone = "13800000000";

// Pages with one unsigned signature field for each name.
inline std::string formPdf(const std::vector<std::string>& fields, int pages = 1) {
  std::string list, kids;
  const int firstField = 3 + 2 * pages;
  for (std::size_t i = 0; i < fields.size(); ++i) list += std::to_string(firstField + static_cast<int>(i)) + " 0 R ";
  for (int i = 0; i < pages; ++i) kids += std::to_string(3 + 2 * i) + " 0 R ";
  std::vector<std::string> objects{"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 0/Fields[" + list + "]>>>>",
                                   "<</Type/Pages/Kids[" + kids + "]/Count " + std::to_string(pages) + ">>"};
  for (int i = 0; i < pages; ++i) {
    objects.push_back("<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Resources<<>>/Contents " +
                      std::to_string(4 + 2 * i) + " 0 R" + (i == 0 ? "/Annots[" + list + "]" : "") + ">>");
    objects.push_back(streamOf("0 0 0 rg 20 20 60 60 re f"));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string y = std::to_string(100 + 40 * i), top = std::to_string(130 + 40 * i);
    objects.push_back("<</Type/Annot/Subtype/Widget/FT/Sig/T(" + fields[i] + ")/F 132/Rect[100 " + y + " 200 " + top +
                      "]/P 3 0 R>>");
  }
  return pdfOf(objects);
}

inline std::vector<signing::Stroke> someStrokes() {
  signing::Stroke first, second;
  for (int i = 0; i <= 10; ++i) {
    first.push_back({0.1 + 0.05 * i, 0.2 + 0.03 * i, {}, 10.0 * i});
    second.push_back({0.6 - 0.04 * i, 0.3 + 0.05 * i, {}, 200 + 10.0 * i});
  }
  return {first, second};
}

class SilentTime : public signing::TimestampSource {
 public:
  explicit SilentTime(const signing::TimestampSource& real) : real_(real) {}
  std::string name() const override { return "test"; }
  core::Bytes stamp(signing::DigestAlgorithm algorithm, core::BytesView digest) const override {
    if (isDown) throw core::Error(core::ErrorCode::kUnavailable, "the timestamp authority does not answer");
    return real_.stamp(algorithm, digest);
  }
  std::size_t maxTokenSize() const override { return real_.maxTokenSize(); }
  std::atomic<bool> isDown = false;

 private:
  const signing::TimestampSource& real_;
};

class SilentRevocation : public signing::RevocationSource {
 public:
  explicit SilentRevocation(const signing::RevocationSource& real) : real_(real) {}
  std::optional<core::Bytes> findOcsp(core::BytesView certificate, core::BytesView issuer) const override {
    if (isDown) throw core::Error(core::ErrorCode::kUnavailable, "the responder does not answer");
    return real_.findOcsp(certificate, issuer);
  }
  std::optional<core::Bytes> findCrl(core::BytesView certificate, core::BytesView issuer) const override {
    if (isDown) throw core::Error(core::ErrorCode::kUnavailable, "the responder does not answer");
    return real_.findCrl(certificate, issuer);
  }
  std::atomic<bool> isDown = false;

 private:
  const signing::RevocationSource& real_;
};

class RememberedNotices : public contracts::NoticeChannel {
 public:
  contracts::NoticeReceipt send(const contracts::Notice& notice) override {
    const std::lock_guard lock(mutex_);
    if (isDown) throw core::Error(core::ErrorCode::kUnavailable, "the channel does not answer");
    sent.push_back(notice);
    return {"test", std::to_string(sent.size())};
  }
  std::size_t count(const std::string& kind, const std::string& party) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [&](const contracts::Notice& notice) {
      return notice.kind == kind && notice.party == party;
    }));
  }
  std::vector<contracts::Notice> sent;
  std::atomic<bool> isDown = false;

 private:
  std::mutex mutex_;
};

class TestSeals : public contracts::SealSource {
 public:
  explicit TestSeals(signing::Credential credential) : credential_(std::move(credential)) {}
  contracts::OpenedSeal open(const contracts::SealUse& use, core::Instant) override {
    if (isRefused) throw core::Error(core::ErrorCode::kConflict, "no grant allows seal " + use.seal);
    contracts::OpenedSeal opened{credential_, {}, {}};
    opened.settle = [this](storage::Transaction&, const std::string&) { ++settled; };
    return opened;
  }
  std::atomic<bool> isRefused = false;
  std::atomic<int> settled = 0;

 private:
  const signing::Credential credential_;
};

// A document store whose reading can be spoilt.
class SpoilableStore : public storage::DocumentStore {
 public:
  explicit SpoilableStore(storage::DocumentStore& real) : real_(real) {}
  storage::BatchRow openBatch(const storage::BatchRow& wanted) override { return real_.openBatch(wanted); }
  std::optional<storage::BatchRow> findBatch(const std::string& id) override { return real_.findBatch(id); }
  std::vector<storage::BatchRow> listBatches() override { return real_.listBatches(); }
  std::uint64_t countDocuments(const std::string& id) override { return real_.countDocuments(id); }
  void completeBatch(const std::string& id) override { real_.completeBatch(id); }
  void suspendBatch(const std::string& id, const std::string& state, const std::string& reason) override {
    real_.suspendBatch(id, state, reason);
  }
  std::vector<bool> existingRows(const std::string& id, std::uint64_t rows) override {
    return real_.existingRows(id, rows);
  }
  storage::Sha256 putPrefix(std::string_view octets) override { return real_.putPrefix(octets); }
  void append(const std::vector<storage::NewDocument>& documents) override { real_.append(documents); }
  void appendWhole(const core::DocumentId& id, std::string_view octets, core::Instant at) override {
    real_.appendWhole(id, octets, at);
  }
  void appendRevision(const core::DocumentId& of, const core::DocumentId& id, std::string_view increment,
                      core::Instant at) override {
    real_.appendRevision(of, id, increment, at);
    ++appended;
  }
  std::string read(const core::DocumentId& id) override {
    std::string octets = real_.read(id);
    if (spoil) spoil(id, octets);
    return octets;
  }
  std::vector<core::DocumentId> listContinuations(const core::DocumentId& id) override {
    return real_.listContinuations(id);
  }
  void erase(const std::vector<core::DocumentId>& ids) override {
    if (beforeErasing) beforeErasing();
    real_.erase(ids);
  }
  void forEach(const std::string& id, const std::function<void(const storage::DocumentRow&)>& visit) override {
    real_.forEach(id, visit);
  }
  std::function<void(const core::DocumentId&, std::string&)> spoil;
  std::function<void()> beforeErasing;
  std::atomic<int> appended = 0;

 private:
  storage::DocumentStore& real_;
};

class EnvelopeHouse {
 public:
  explicit EnvelopeHouse(storage::Database& sql)
      : database(sql),
        real(ca.temp / "data"),
        documents(real),
        authority(std::make_shared<signing::Authority>(ca.folder, kPassphrase)),
        localTime(authority->timestampKey()),
        time(localTime),
        localRevocation(authority),
        revocation(localRevocation),
        anchors{{authority->rootCertificate()}},
        verifier(anchors),
        seals(sealCredential()),
        services{database, documents, verifier, {&time, &revocation, &anchors}, *authority, seals, notices,
                 {},       {},        {}} {
    services.patience = {1, std::chrono::milliseconds(1)};
    services.workerKeyKind = "p256";
    services.clock = [this] { return core::now() + ahead.load(); };
  }

  contracts::NewParty person(const std::string& field, std::int64_t stage) const {
    return {field, contracts::PartyKind::kPerson, stage, false, kWorkerName, kWorkerId, kWorkerPhone, "", ""};
  }
  contracts::NewParty organisation(const std::string& field, std::int64_t stage) const {
    return {field, contracts::PartyKind::kOrganisation, stage, false, "珠海示例科技有限公司", "", "", "org", "seal"};
  }
  // A draft over a document with a field for each party; returns its id.
  std::string draft(const std::vector<contracts::NewParty>& parties, const std::string& level = "B-T", int pages = 1,
                    const std::string& kind = "labour_contract") {
    std::vector<std::string> fields;
    for (const contracts::NewParty& party : parties) fields.push_back(party.field);
    const std::string pdf = formPdf(fields, pages);
    contracts::NewEnvelope envelope;
    const core::Instant now = services.clock();
    envelope.document = core::DocumentId::at(now);
    envelope.organisation = "org";
    envelope.kind = kind;
    envelope.templateId = "labour-general";
    envelope.templateVersion = "1.0.1";
    envelope.title = "劳动合同";
    envelope.level = level;
    envelope.sha256 = core::sha256Hex(pdf);
    envelope.size = static_cast<std::int64_t>(pdf.size());
    envelope.createdBy = "user:hr";
    envelope.parties = parties;
    documents.appendWhole(envelope.document, pdf, now);
    database.write([&](storage::Transaction& t) { contracts::createEnvelopes(t, {envelope}, now); });
    return envelope.document.text();
  }
  void send(const std::string& id) {
    database.write(
        [&](storage::Transaction& t) { contracts::sendEnvelope(t, id, services.policy, hr, services.clock()); });
  }
  // A person who went through the ceremony, without it: the work of signing exists.
  void confirm(const std::string& id, const std::string& name) {
    database.write([&](storage::Transaction& t) {
      contracts::Envelope envelope = contracts::lockEnvelope(t, id);
      for (const auto event :
           {contracts::PartyEvent::kView, contracts::PartyEvent::kIdentify, contracts::PartyEvent::kConfirm}) {
        contracts::setPartyState(t, envelope, name, event, services.clock());
      }
      storage::enqueueWork(t, {contracts::kSignWork, contracts::partyId(id, name), "", services.clock()},
                           services.clock());
    });
  }
  // Does all work that is due, as a node would; what throws is left to its lease, which is then made to end.
  void work(const std::set<std::string>& kinds = {"sign_party", "seal_party", "notice", "expire_envelope",
                                                  "remind_parties", "send_batch"},
            std::size_t atOnce = 10) {
    static const std::map<std::string, void (*)(contracts::EnvelopeServices&, const storage::Lease&)> handlers{
        {"sign_party", contracts::signParty},        {"seal_party", contracts::sealParty},
        {"notice", contracts::sendNotice},           {"expire_envelope", contracts::expireEnvelope},
        {"remind_parties", contracts::remindByWork}, {"send_batch", contracts::sendBatch}};
    const std::vector<std::string> list(kinds.begin(), kinds.end());
    for (;;) {
      const auto leases = storage::leaseWork(database, list, services.clock(), std::chrono::minutes(1), atOnce);
      if (leases.empty()) return;
      for (const storage::Lease& lease : leases) handlers.at(lease.kind)(services, lease);
    }
  }
  contracts::Envelope envelope(const std::string& id) {
    return database.looked<contracts::Envelope>([&](storage::Transaction& t) { return contracts::getEnvelope(t, id); });
  }
  std::string state(const std::string& id) { return std::string(nameOf(envelope(id).state)); }
  std::string partyState(const std::string& id, const std::string& name) {
    return std::string(nameOf(envelope(id).getParty(name).state));
  }
  std::string newestFile(const std::string& id) {
    return real.read(database
                         .looked<contracts::Revision>([&](storage::Transaction& t) {
                           return contracts::newestRevision(t, contracts::getEnvelope(t, id));
                         })
                         .document);
  }
  std::int64_t count(const std::string& what) {
    return database.looked<std::int64_t>(
        [&](storage::Transaction& t) { return t.findRow("SELECT COUNT(*) FROM " + what)->number(0); });
  }
  std::int64_t audited(const std::string& id, const std::string& type) {
    return count("audit_entries WHERE stream = 'envelope:" + id + "' AND type = '" + type + "'");
  }
  std::int64_t published(const std::string& id, const std::string& type) {
    return count("outbox_events WHERE subject = '" + id + "' AND type = '" + type + "'");
  }
  // Signatures as an outside judge counts and judges them: "2 of 2 valid".
  std::string pdfsig(const std::string& pdf) {
    const TempFolder folder;
    core::writeFile(folder / "root.der", core::textOf(authority->rootCertificate()));
    run({"openssl", "x509", "-inform", "DER", "-in", folder / "root.der", "-out", folder / "root.pem"});
    trustInNss(folder / "nss", folder / "root.pem");
    core::writeFile(folder / "file.pdf", pdf);
    const std::string out = run({"pdfsig", "-nssdir", folder / "nss", folder / "file.pdf"}).out;
    const auto all = [&](const std::string& text) {
      int found = 0;
      for (std::size_t at = 0; (at = out.find(text, at)) != std::string::npos; ++at) ++found;
      return found;
    };
    return std::to_string(all("Signature is Valid.")) + " of " + std::to_string(all("Signature #")) + " valid";
  }
  signing::Credential sealCredential() {
    signing::KeyHandle key = signing::generateKey("p256");
    signing::CertificateOrder order{"company-seal", {"珠海示例科技有限公司", "珠海示例科技有限公司"}, std::nullopt, ""};
    const signing::IssuedCertificate issued = authority->issue(signing::makeRequest(key.get(), order.subject), order);
    return signing::makeCredential(signing::makeEvpKey(std::move(key)), issued.certificate, issued.chain);
  }

  storage::Database& database;
  TestAuthority ca;
  storage::SegmentDocumentStore real;
  SpoilableStore documents;
  std::shared_ptr<signing::Authority> authority;
  signing::LocalTimestampAuthority localTime;
  SilentTime time;
  signing::LocalRevocation localRevocation;
  SilentRevocation revocation;
  signing::TrustAnchors anchors;
  signing::Verifier verifier;
  TestSeals seals;
  RememberedNotices notices;
  std::atomic<std::chrono::milliseconds> ahead{std::chrono::milliseconds(0)};  // of the true time
  const contracts::Actor hr{"org", "user:hr", "127.0.0.1", "test"};
  contracts::EnvelopeServices services;
};

}  // namespace qianda::test
