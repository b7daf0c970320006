#include "contracts/evidence/package_verifier.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "contracts/evidence/audit_records.h"
#include "contracts/evidence/evidence_package.h"
#include "contracts/evidence/zip_file.h"
#include "core/base64.h"
#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::contracts {
namespace {

using signing::Indication;
using signing::verify::PathMaterial;

std::string sha256(std::string_view octets) {
  return core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(octets)));
}

class Check {
 public:
  Check(const PackageVerifyOptions& options, PackageVerdict& verdict)
      : options_(options), verdict_(verdict), material_{options.anchors, {}} {}

  void run(std::string_view zip) {
    try {
      for (ZipMember& member : readZip(zip)) members_.emplace(member.name, std::move(member.octets));
    } catch (const core::Error& error) {
      return say("package_broken", "", error.what());
    }
    verdict_.members = static_cast<std::int64_t>(members_.size());
    readAuthorities();
    checkManifest();
    checkContract();
    checkRevisions();
    checkReport();
    checkAudit();
  }

 private:
  void say(const char* code, const std::string& member, const std::string& message, std::int64_t seq = 0) {
    verdict_.indication = "FAILED";
    verdict_.findings.push_back({code, member, seq, message});
  }
  void doubt(const char* code, const std::string& member, const std::string& message) {
    if (verdict_.indication == "PASSED") verdict_.indication = "INDETERMINATE";
    verdict_.findings.push_back({code, member, 0, message});
  }
  const std::string* find(const std::string& name) const {
    const auto found = members_.find(name);
    return found == members_.end() ? nullptr : &found->second;
  }
  // As find, and says so when it is missing and the manifest did not.
  const std::string* need(const std::string& name) {
    const std::string* octets = find(name);
    if (!octets && !listed_.contains(name)) say("member_missing", name, "every package has it");
    return octets;
  }

  void readAuthorities() {
    const std::string* pem = find("authorities.pem");
    if (!pem) return;
    try {
      material_.others = signing::readPemCertificates(*pem);
    } catch (const core::Error&) {
      say("member_broken", "authorities.pem", "it holds no certificates");
    }
  }

  void checkManifest() {
    const std::string *manifest = need("manifest.json"), *signature = need("manifest.p7s");
    if (!manifest || !signature) return;
    const auto judged = signing::verify::judgeDetached(core::Bytes(signature->begin(), signature->end()), *manifest,
                                                       material_, options_.at);
    verdict_.signer = judged.signer;
    if (judged.finding.indication == Indication::kTotalFailed) {
      say("signature_broken", "manifest.p7s", "the platform's signature over the manifest: " + judged.finding.reason);
    } else if (!judged.finding.passed()) {
      doubt("signature_untrusted", "manifest.p7s", "the platform's signature: " + judged.finding.reason);
    } else if (!options_.signedBy.empty() && !isNamed(judged.signer, options_.signedBy)) {
      say("signature_foreign", "manifest.p7s", "it is signed by " + judged.signer + ", not by " + options_.signedBy);
    }
    try {
      compare(*manifest);
    } catch (const Malformed& error) {
      say("manifest_malformed", "manifest.json", error.what());
    }
  }

  void compare(const std::string& manifest) {
    const auto object = parseRecord(manifest);
    if (contracts::textOf(object, "format") != kEvidenceFormat)
      say("format_unknown", "manifest.json", "the format is " + contracts::textOf(object, "format"));
    verdict_.envelope = contracts::textOf(object, "envelope");
    const auto list = object->isArray("members") ? object->getArray("members") : nullptr;
    if (!list) throw Malformed("it lists no members");
    for (unsigned i = 0; i < list->size(); ++i) {
      const auto one = list->isObject(i) ? list->getObject(i) : nullptr;
      if (!one) throw Malformed("a member is not an object");
      const std::string name = contracts::textOf(one, "name");
      listed_.insert(name);
      const std::string* octets = find(name);
      if (!octets) {
        say("member_missing", name, "the manifest lists it, the package does not hold it");
      } else if (static_cast<std::int64_t>(octets->size()) != numberOf(one, "size") ||
                 sha256(*octets) != contracts::textOf(one, "sha256") ||
                 storage::sm3Hex(*octets) != contracts::textOf(one, "sm3")) {
        say("member_changed", name, "it is not the one whose hash the platform signed");
      }
    }
    for (const auto& [name, octets] : members_) {
      if (name != "manifest.json" && name != "manifest.p7s" && !listed_.contains(name))
        say("member_added", name, "the manifest does not list it");
    }
  }

  void checkContract() {
    const std::string* pdf = need("contract.pdf");
    if (!pdf) return;
    JudgedFile& judged = verdict_.contract;
    judged.name = "contract.pdf";
    judged.size = pdf->size();
    judged.sha256 = sha256(*pdf);
    judged.verdict = signing::Verifier(options_.anchors).verify(*pdf, options_.at);
    if (judged.verdict.indication == Indication::kTotalFailed) {
      say("contract_signature", "contract.pdf", judged.verdict.reason);
    } else if (judged.verdict.indication == Indication::kIndeterminate) {
      doubt("contract_signature", "contract.pdf", judged.verdict.subIndication + ": " + judged.verdict.reason);
    }
  }

  // Members are in the order of their names, and these end in numbers of four digits.
  void checkRevisions() {
    const std::string* before = nullptr;
    std::string name;
    for (const auto& [member, octets] : members_) {
      if (!member.starts_with("revisions/")) continue;
      if (before && !octets.starts_with(*before))
        say("revision_broken", member, "it does not continue " + name + " octet by octet");
      before = &octets;
      name = member;
    }
    if (!before) {
      say("member_missing", "revisions/0001.pdf", "there is no revision");
    } else if (const std::string* final = find("contract.pdf"); final && *final != *before) {
      say("revision_broken", name, "the last revision is not contract.pdf");
    }
  }

  void checkReport() {
    const std::string* pdf = need("report.pdf");
    if (!pdf) return;
    const auto verdict = signing::Verifier(options_.anchors).verify(*pdf, options_.at);
    if (verdict.indication == Indication::kTotalFailed) say("report_signature", "report.pdf", verdict.reason);
    if (verdict.indication == Indication::kIndeterminate)
      doubt("report_signature", "report.pdf", verdict.subIndication + ": " + verdict.reason);
  }

  void checkAudit() {
    const std::string* lines = need("audit.jsonl");
    if (!lines) return;
    std::istringstream file(*lines);
    std::string organisation, stream;
    StreamCheck::Known known;
    std::optional<StreamCheck> check;
    storage::StreamHead head;
    std::int64_t line = 0, last = 0;
    for (std::string text; std::getline(file, text);) {
      ++line;
      try {
        const auto record = parseRecord(text);
        const std::string kind = contracts::textOf(record, "record");
        if (kind == "envelope") {
          organisation = contracts::textOf(record, "organisation");
          stream = "envelope:" + contracts::textOf(record, "envelope");
          if (stream != "envelope:" + verdict_.envelope && !verdict_.envelope.empty())
            say("audit_foreign", "audit.jsonl", "it is about another envelope");
        } else if (kind == "anchor") {
          readAnchor(record, organisation, stream, last, known);
        } else if (kind == "stream") {
          head = headOf(record);
          check.emplace(stream, known, [this](const AuditFinding& finding) {
            say(finding.code.c_str(), "audit.jsonl", finding.message, finding.seq);
          });
        } else if (kind == "entry" && check) {
          check->add(entryOf(record), line);
          ++verdict_.entries;
        } else {
          say("audit_malformed", "audit.jsonl", "line " + std::to_string(line) + " is out of place");
        }
      } catch (const Malformed& error) {
        say("audit_malformed", "audit.jsonl", "line " + std::to_string(line) + ": " + error.what());
      }
    }
    if (!check) return say("audit_malformed", "audit.jsonl", "it holds no stream");
    check->finish(head, line);
    if (verdict_.anchors == 0) verdict_.notes.push_back("no anchor holds the log yet: it was made after the last one");
  }

  static std::vector<std::string> textsOf(const Poco::JSON::Object::Ptr& record, const std::string& member) {
    const auto array = record->isArray(member) ? record->getArray(member) : nullptr;
    if (!array) throw Malformed("\"" + member + "\" is not an array");
    std::vector<std::string> texts;
    for (const auto& one : *array) {
      if (!one.isString()) throw Malformed("\"" + member + "\" does not hold texts");
      texts.push_back(one.extract<std::string>());
    }
    return texts;
  }

  void readAnchor(const Poco::JSON::Object::Ptr& record, const std::string& organisation, const std::string& stream,
                  std::int64_t& last, StreamCheck::Known& known) {
    const storage::Anchor anchor = anchorOf(record);
    const storage::StreamHead head = headOf(record);
    const auto wrong = [&](const char* code, const std::string& message) {
      say(code, "audit.jsonl", "anchor " + std::to_string(anchor.number) + ": " + message);
    };
    if (anchor.number <= last) wrong("anchor_changed", "anchors are not in their order");
    last = anchor.number;
    ++verdict_.anchors;
    const auto position = [](std::int64_t number) {
      return static_cast<std::size_t>(std::max<std::int64_t>(0, number));
    };
    const std::string root =
        storage::rootOfPath(storage::streamLeaf(head), position(numberOf(record, "stream_position")),
                            position(numberOf(record, "streams")), textsOf(record, "stream_path"));
    const std::string leaf = storage::organisationLeaf(organisation, numberOf(record, "organisation_previous"), root);
    if (head.stream != stream ||
        storage::rootOfPath(leaf, position(numberOf(record, "position")), position(anchor.organisations),
                            textsOf(record, "path")) != anchor.root)
      wrong("anchor_changed", "it does not hold this stream with this length and hash");
    if (anchor.hash != storage::anchorHash(anchor)) wrong("anchor_changed", "its hash is not that of what it says");
    known.insert({head.length, {head.head, "anchor " + std::to_string(anchor.number)}});
    if (anchor.state == "waiting" && anchor.token.empty()) {
      verdict_.notes.push_back("anchor " + std::to_string(anchor.number) + " waits for its timestamp");
      return;
    }
    const auto token = core::fromBase64(anchor.token);
    if (!token) return wrong("token_broken", "its timestamp cannot be read");
    const auto stamp = signing::verify::judgeStamp(*token, storage::anchorText(anchor), material_, options_.at);
    if (stamp.finding.indication == Indication::kTotalFailed) {
      wrong("token_changed", "its timestamp: " + stamp.finding.reason);
    } else if (!stamp.finding.passed()) {
      doubt("token_untrusted", "audit.jsonl",
            "anchor " + std::to_string(anchor.number) + ": its timestamp: " + stamp.finding.reason);
    }
  }

  const PackageVerifyOptions& options_;
  PackageVerdict& verdict_;
  PathMaterial material_;
  std::map<std::string, std::string> members_;
  std::set<std::string> listed_;
};

}  // namespace

bool isNamed(const std::string& subject, const std::string& name) {
  for (const char* attribute : {"CN=", "O="}) {
    const std::string wanted = attribute + name;
    for (std::size_t at = 0; (at = subject.find(wanted, at)) != std::string::npos; ++at) {
      const std::size_t end = at + wanted.size();
      if ((at == 0 || subject[at - 1] == ',') && (end == subject.size() || subject[end] == ',')) return true;
    }
  }
  return false;
}

PackageVerdict verifyPackage(std::string_view zip, const PackageVerifyOptions& options) {
  PackageVerdict verdict;
  Check(options, verdict).run(zip);
  return verdict;
}

}  // namespace qianda::contracts
