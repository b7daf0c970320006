#include "contracts/evidence/evidence_package.h"

#include <algorithm>
#include <sstream>

#include <Poco/JSON/Array.h>

#include "contracts/evidence/audit_export.h"
#include "contracts/evidence/audit_records.h"
#include "contracts/evidence/event_words.h"
#include "contracts/evidence/evidence_report.h"
#include "contracts/evidence/report_html.h"
#include "contracts/evidence/report_pdf.h"
#include "contracts/evidence/verdict_json.h"
#include "contracts/evidence/zip_file.h"
#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/pem.h"
#include "signing/pades/revision_writer.h"
#include "signing/verify/materials.h"
#include "storage/audit/hash_tree.h"

namespace qianda::contracts {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;
using Members = std::vector<EvidenceMember>;

Object::Ptr newObject() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

template <typename Pointer>
std::string textOfJson(const Pointer& json) {
  std::ostringstream text;
  json->stringify(text, 2);
  return text.str() + "\n";
}

std::string sha256(std::string_view octets) {
  return core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(octets)));
}

std::string numbered(std::int64_t number) {
  const std::string text = std::to_string(number);
  return std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
}

void addRevisions(Members& members, const EvidenceCase& evidence) {
  members.push_back({"contract.pdf", evidence.revisions.back().octets});
  for (const EvidenceRevision& revision : evidence.revisions) {
    if (sha256(revision.octets) != revision.sha256) {
      throw core::Error(core::ErrorCode::kCorrupt, "revision " + std::to_string(revision.number) + " of envelope " +
                                                       evidence.envelope + " is not the one that was stored");
    }
    members.push_back({"revisions/" + numbered(revision.number) + ".pdf", revision.octets});
  }
}

Object::Ptr factsOf(const EvidenceCase& evidence) {
  Object::Ptr facts = newObject();
  facts->set("envelope", evidence.envelope);
  facts->set("organisation", evidence.organisation);
  facts->set("organisation_name", evidence.organisationName);
  facts->set("title", evidence.title);
  facts->set("kind", evidence.kind);
  facts->set("template", evidence.templateId);
  facts->set("template_version", evidence.templateVersion);
  facts->set("level", evidence.level);
  facts->set("state", evidence.state);
  facts->set("created_at", core::isoInstant(evidence.createdAt));
  Array::Ptr parties = new Array, revisions = new Array;
  for (const EvidenceParty& party : evidence.parties) {
    Object::Ptr one = newObject();
    one->set("name", party.name);
    one->set("kind", party.kind);
    one->set("display_name", party.displayName);
    one->set("id_number_masked", party.idNumber);
    one->set("phone_masked", party.phone);
    one->set("stage", party.stage);
    one->set("state", party.state);
    one->set("revision", party.revision);
    parties->add(one);
  }
  for (const EvidenceRevision& revision : evidence.revisions) {
    Object::Ptr one = newObject();
    one->set("number", revision.number);
    one->set("member", "revisions/" + numbered(revision.number) + ".pdf");
    one->set("size", static_cast<std::uint64_t>(revision.octets.size()));
    one->set("sha256", revision.sha256);
    one->set("what", revision.what);
    one->set("party", revision.party);
    one->set("at", core::isoInstant(revision.at));
    revisions->add(one);
  }
  facts->set("parties", parties);
  facts->set("revisions", revisions);
  return facts;
}

// The entries of the audit stream that belong to a part of the evidence, for people and programs that look for just
// these; audit.jsonl is what proves them.
std::string recordsOf(const EvidenceCase& evidence, EvidencePart part) {
  Array::Ptr records = new Array;
  for (const storage::AuditRecord& entry : evidence.entries) {
    const EventWords* words = findEventWords(entry.type);
    if (!words || words->part != part) continue;
    Object::Ptr one = newObject();
    one->set("seq", entry.seq);
    one->set("at", core::isoInstant(entry.at));
    one->set("type", entry.type);
    one->set("zh", std::string(words->zh));
    one->set("actor", entry.actor);
    one->set("peer", entry.peer);
    one->set("device", entry.device);
    one->set("details", entry.details);
    records->add(one);
  }
  return textOfJson(records);
}

void addProcess(Members& members, const EvidenceCase& evidence) {
  members.push_back({"facts.json", textOfJson(factsOf(evidence))});
  if (!evidence.snapshot.empty()) members.push_back({"snapshot.json", evidence.snapshot});
  if (!evidence.ruleCheck.empty()) members.push_back({"rule-check.json", evidence.ruleCheck});
  for (std::size_t i = 0; i < evidence.notices.size(); ++i) {
    members.push_back({"notices/" + numbered(static_cast<std::int64_t>(i + 1)) + ".txt",
                       "版本 " + evidence.notices[i].version + "\n\n" + evidence.notices[i].text + "\n"});
  }
  static constexpr std::pair<const char*, EvidencePart> kParts[] = {{"notice.json", EvidencePart::kNotice},
                                                                    {"identity.json", EvidencePart::kIdentity},
                                                                    {"willingness.json", EvidencePart::kWill},
                                                                    {"signing.json", EvidencePart::kSignature},
                                                                    {"deliveries.json", EvidencePart::kDelivery}};
  for (const auto& [name, part] : kParts) members.push_back({name, recordsOf(evidence, part)});
}

std::string textOf(const core::Bytes& bytes) { return std::string(core::textOf(bytes)); }

void addMaterial(Members& members, const EvidenceCase& evidence) {
  const signing::verify::FileMaterial material = signing::verify::readMaterial(evidence.revisions.back().octets);
  std::int64_t number = 0;
  for (const signing::verify::SignatureMaterial& one : material.signatures) {
    const std::string folder = "signatures/" + numbered(++number) + "/";
    members.push_back({folder + (one.isTimestamp ? "document-timestamp.tst" : "signature.p7s"), textOf(one.cms)});
    std::string pem;
    for (const core::Bytes& der : one.certificates) pem += signing::pemOf(signing::kPemCertificate, der);
    if (!pem.empty()) members.push_back({folder + "certificates.pem", pem});
    std::int64_t token = 0;
    for (const core::Bytes& der : one.tokens)
      members.push_back({folder + "timestamp-" + std::to_string(++token) + ".tst", textOf(der)});
  }
  const auto addAll = [&](const std::vector<core::Bytes>& list, const std::string& stem, const std::string& end) {
    std::int64_t count = 0;
    for (const core::Bytes& der : list)
      members.push_back({"validation/" + stem + "-" + numbered(++count) + end, textOf(der)});
  };
  addAll(material.certificates, "certificate", ".der");
  addAll(material.ocsps, "ocsp", ".der");
  addAll(material.crls, "crl", ".crl");
}

Array::Ptr arrayOf(const std::vector<std::string>& texts) {
  Array::Ptr array = new Array;
  for (const std::string& text : texts) array->add(text);
  return array;
}

std::string auditLines(const EvidenceCase& evidence) {
  std::string lines;
  auto header = newRecord("envelope");
  header->set("envelope", evidence.envelope);
  header->set("organisation", evidence.organisation);
  lines += lineOf(header);
  for (const EvidenceAnchor& one : evidence.anchors) {
    auto record = recordOf(one.anchor, nullptr);
    record->set("stream", one.head.stream);
    record->set("length", one.head.length);
    record->set("head", one.head.head);
    record->set("stream_position", one.position);
    record->set("streams", one.count);
    record->set("stream_path", arrayOf(one.path));
    record->set("organisation_previous", one.organisationPrevious);
    record->set("position", one.organisationPosition);
    record->set("path", arrayOf(one.organisationPath));
    lines += lineOf(record);
  }
  lines += lineOf(recordOf("stream", evidence.head));
  for (const storage::AuditRecord& entry : evidence.entries) lines += lineOf(recordOf(entry));
  return lines;
}

std::string readMe(const EvidenceCase& evidence) {
  return "电子合同证据包 Evidence package " + evidence.envelope +
         "\n\n"
         "核验（离线，任选其一） To check, offline, either of:\n\n"
         "  qianda evidence verify 本文件.zip --trust 平台根证书.pem --trust 其他根证书.pem\n\n"
         "  unzip 本文件.zip -d evidence && cd evidence\n"
         "  openssl cms -verify -binary -inform DER -in manifest.p7s -content manifest.json -CAfile root.pem \\\n"
         "    -purpose any -out /dev/null\n"
         "  sha256sum contract.pdf            # = manifest.json 中的 sha256\n"
         "  openssl dgst -sm3 contract.pdf    # = manifest.json 中的 sm3\n\n"
         "文件 Members\n"
         "  report.pdf             存证报告（平台电子签章）  the story, sealed by the platform\n"
         "  contract.pdf           最终文件  the final file\n"
         "  revisions/             每一版本，后一版本只在前一版本之后追加  every revision, each continues the one "
         "before\n"
         "  verification.*         电子签名验证报告  the verification report\n"
         "  facts.json             各方、模板、版本与摘要  parties, template, revisions and their hashes\n"
         "  snapshot.json          字段内容；rule-check.json 规则检查  field values; what the rules said\n"
         "  notices/, notice.json  签署须知与确认  pre-signing notices and their acknowledgement\n"
         "  identity.json          身份认证记录；willingness.json 意愿确认  identity; will\n"
         "  deliveries.json        通知、送达、下载记录  notices, deliveries, downloads\n"
         "  signatures/            签名、证书、时间戳  signatures, certificates, timestamps\n"
         "  validation/            证书状态信息  revocation data\n"
         "  audit.jsonl            全部日志（SM3 链）与锚定证明  the whole log and its inclusion in anchors\n"
         "  manifest.json, .p7s    清单与平台签名  the list of all this, signed by the platform\n";
}

void addReports(Members& members, const EvidenceCase& evidence, const EvidencePlatform& platform, core::Instant now) {
  JudgedFile judged;
  judged.name = "contract.pdf";
  judged.size = evidence.revisions.back().octets.size();
  judged.sha256 = evidence.revisions.back().sha256;
  judged.verdict = signing::Verifier(platform.anchors).verify(evidence.revisions.back().octets, now);
  const Report verification = makeReport({judged}, {now, platform.anchors, "", ""});
  members.push_back({"verification.json", textOfJson(verdictJson(judged))});
  members.push_back({"verification.html", htmlOf(verification)});
  members.push_back({"verification.pdf", pdfOf(verification, now)});
  signing::RevisionRequest request;
  request.field = "platform";
  request.signedAt = now;
  request.name = platform.signer->credential().subjectName;
  request.reason = "电子合同存证报告";
  const std::string story =
      pdfOf(evidenceReport(evidence, judged, now, platform.signer->credential().subjectName), now);
  members.push_back({"report.pdf", signing::signPdf(story, request, *platform.signer)});
}

void addManifest(Members& members, const EvidenceCase& evidence, const EvidencePlatform& platform, core::Instant now) {
  Object::Ptr manifest = newObject();
  manifest->set("format", std::string(kEvidenceFormat));
  manifest->set("envelope", evidence.envelope);
  manifest->set("made_at", core::isoInstant(now));
  Array::Ptr list = new Array;
  for (const EvidenceMember& member : members) {
    Object::Ptr one = newObject();
    one->set("name", member.name);
    one->set("size", static_cast<std::uint64_t>(member.octets.size()));
    one->set("sha256", sha256(member.octets));
    one->set("sm3", storage::sm3Hex(member.octets));
    list->add(one);
  }
  manifest->set("members", list);
  const std::string text = textOfJson(manifest);
  members.push_back({"manifest.json", text});
  members.push_back({"manifest.p7s", textOf(signDetached(*platform.signer, text))});
}

}  // namespace

std::vector<EvidenceMember> evidenceMembers(const EvidenceCase& evidence, const EvidencePlatform& platform,
                                            core::Instant now) {
  if (evidence.revisions.empty()) throw core::Error(core::ErrorCode::kCorrupt, "an envelope without a revision");
  Members members;
  members.push_back({"README.txt", readMe(evidence)});
  const std::size_t first = members.size();
  addReports(members, evidence, platform, now);
  std::rotate(members.begin() + static_cast<std::ptrdiff_t>(first), members.end() - 1, members.end());
  addRevisions(members, evidence);
  addProcess(members, evidence);
  addMaterial(members, evidence);
  members.push_back({"audit.jsonl", auditLines(evidence)});
  std::string pem;
  for (const core::Bytes& der : platform.certificates) pem += signing::pemOf(signing::kPemCertificate, der);
  if (!pem.empty()) members.push_back({"authorities.pem", pem});
  addManifest(members, evidence, platform, now);
  return members;
}

void writeEvidence(const EvidenceCase& evidence, const EvidencePlatform& platform, core::Instant now,
                   const std::function<void(std::string_view)>& write) {
  const Members members = evidenceMembers(evidence, platform, now);
  ZipWriter zip(write);
  for (const EvidenceMember& member : members) zip.add(member.name, member.octets, now);
  zip.close();
}

}  // namespace qianda::contracts
