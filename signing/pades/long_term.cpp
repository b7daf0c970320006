#include "signing/pades/long_term.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "signing/pades/revision_writer.h"
#include "signing/pdf/filters.h"
#include "signing/pdf/signature_fields.h"
#include "signing/verify/byte_range.h"
#include "signing/verify/dss.h"
#include "signing/verify/timestamp_check.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;
using pdf::Document;
using pdf::Object;
using StoreHandle = core::Handle<X509_STORE, &X509_STORE_free>;

// What validates one signature or timestamp.
struct Material {
  std::string key;  // in VRI
  std::vector<Bytes> certificates, ocsps, crls;
};

// The paths of a file's signatures and timestamps, and the answers for them, asked once for each certificate.
class Collector {
 public:
  Collector(Document& document, const LongTermServices& services, core::Instant now)
      : document_(document), services_(services), now_(now), anchors_(X509_STORE_new()) {
    for (const Bytes& anchor : services.anchors->certificates) {
      X509_STORE_add_cert(anchors_.get(), parseCertificate(anchor).get());
      evidence_.addCertificate(anchor);
    }
    verify::readStore(document, {}, evidence_);
  }

  std::vector<Material> collect() {
    std::vector<Material> all;
    for (const pdf::SignatureField& field : pdf::listSignatureFields(document_)) {
      if (!field.isSigned) continue;
      const Object& dictionary = document_.get(document_.object(field.reference.number), "V");
      const verify::Coverage coverage = verify::judgeCoverage(document_, dictionary);
      if (!coverage.problem.empty()) refuse(field.name, coverage.problem);
      const std::string_view file = document_.file();
      const std::vector<std::string_view> ranges{file.substr(0, coverage.gapBegin),
                                                 file.substr(coverage.gapEnd, coverage.end - coverage.gapEnd)};
      Material material;
      if (document_.get(dictionary, "SubFilter").isName("ETSI.RFC3161")) {
        const verify::Token token = verify::judgeToken(coverage.cms, ranges);
        if (!token.finding.passed()) refuse(field.name, token.finding.reason);
        material.key = verify::vriKey(coverage.cms);
        addPath(field.name, *token.cms, material);
      } else {
        material.key = verify::vriKey(core::viewOf(dictionary["Contents"].text));
        const verify::SignedData cms(coverage.cms, verify::Content::kDetached, ranges, false);
        if (!cms.finding().passed()) refuse(field.name, cms.finding().reason);
        addPath(field.name, cms, material);
        for (const Bytes& octets : cms.signatureTimestamps()) {
          const verify::Token token = verify::judgeToken(octets, {core::textOf(cms.signatureValue())});
          if (!token.finding.passed()) refuse(field.name, "its timestamp: " + token.finding.reason);
          addPath(field.name, *token.cms, material);
        }
      }
      all.push_back(std::move(material));
    }
    if (all.empty()) throw Error(ErrorCode::kInvalidInput, "the file has no signature to extend");
    return all;
  }

 private:
  [[noreturn]] static void refuse(const std::string& field, const std::string& reason) {
    throw Error(ErrorCode::kInvalidInput, "the signature in field " + field + " cannot be extended: " + reason);
  }

  void addPath(const std::string& field, const verify::SignedData& cms, Material& material) {
    evidence_.addCertificates(cms.certificates());
    const verify::Path path = verify::findPath(cms.signer(), evidence_, anchors_.get(), now_);
    if (!path.finding.passed()) refuse(field, path.finding.reason);
    for (std::size_t i = 0; i < path.certificates.size(); ++i) {
      material.certificates.push_back(encodeCertificate(path.certificates[i].get()));
      if (i + 1 < path.certificates.size()) ask(path.certificates[i].get(), path.certificates[i + 1].get(), material);
    }
  }

  void ask(X509* subject, X509* issuer, Material& material) {
    Answer& answer = answers_[digestOf(DigestAlgorithm::kSha256, encodeCertificate(subject))];
    if (!answer.isAsked) {
      if (!services_.revocation) {
        throw Error(ErrorCode::kUnavailable, "no source of revocation data is configured for " + partyName(subject));
      }
      const Bytes certificate = encodeCertificate(subject), above = encodeCertificate(issuer);
      answer.ocsp = services_.revocation->findOcsp(certificate, above);
      if (!answer.ocsp) answer.crl = services_.revocation->findCrl(certificate, above);
      judge(subject, issuer, answer);
      answer.isAsked = true;
    }
    if (answer.ocsp) material.ocsps.push_back(*answer.ocsp);
    if (answer.crl) material.crls.push_back(*answer.crl);
  }

  struct Answer {
    bool isAsked = false;
    std::optional<Bytes> ocsp, crl;
  };

  // An answer that does not hold today would not hold later either.
  void judge(X509* subject, X509* issuer, const Answer& answer) const {
    verify::Evidence fresh;
    if (answer.ocsp) fresh.addOcsp(*answer.ocsp, "");
    if (answer.crl) fresh.addCrl(*answer.crl, "");
    const RevocationVerdict verdict = verify::judgeRevocation(subject, issuer, fresh, now_);
    if (verdict.status == "revoked") {
      throw Error(ErrorCode::kInvalidInput,
                  "the certificate of " + partyName(subject) + " was revoked on " + verdict.revokedAt);
    }
    if (verdict.status != "good") {
      throw Error(ErrorCode::kUnavailable, "no revocation answer in force for the certificate of " +
                                               partyName(subject) + " (" + verdict.status + ")");
    }
  }

  Document& document_;
  const LongTermServices& services_;
  const core::Instant now_;
  StoreHandle anchors_;
  verify::Evidence evidence_;
  std::map<Bytes, Answer> answers_;
};

// The document security store of one update: what is there is kept, what is new is added once.
class StoreWriter {
 public:
  explicit StoreWriter(Update& update) : update_(update), document_(update.document()) {
    const Object& store = document_.resolve(document_.catalog()["DSS"]);
    for (Kind& kind : kinds_) {
      const Object& array = document_.get(store, kind.key);
      if (!array.is(Object::Type::kArray)) continue;
      for (const Object& one : *array.array) {
        if (!one.is(Object::Type::kReference)) continue;
        const Object& stream = document_.resolve(one);
        if (const auto octets = pdf::decodeStream(stream, document_.rawStream(stream)))
          kind.streams.emplace(Bytes(octets->begin(), octets->end()), referenceText(one.reference));
        kind.references.push_back(referenceText(one.reference));
      }
    }
    const Object& vri = document_.get(store, "VRI");
    if (vri.hasDictionary()) {
      for (const auto& [key, value] : *vri.dictionary) {
        std::string text;
        pdf::write(value, text);
        vri_[key] = text;
      }
    }
  }

  // Whether anything new was written.
  bool write(const std::vector<Material>& all) {
    for (const Material& material : all) {
      const std::string entry = "<</Cert" + listOf(0, material.certificates) +
                                (material.ocsps.empty() ? "" : "/OCSP" + listOf(1, material.ocsps)) +
                                (material.crls.empty() ? "" : "/CRL" + listOf(2, material.crls)) + ">>";
      vri_[material.key] = entry;
    }
    if (!isNew_) return false;
    std::string text = "<</Type/DSS";
    for (const Kind& kind : kinds_) {
      if (kind.references.empty()) continue;
      text += std::string("/") + kind.key + "[";
      for (const std::string& one : kind.references) text += one + " ";
      text += "]";
    }
    text += "/VRI<<";
    for (const auto& [key, value] : vri_) text += "/" + key + " " + value;
    update_.setEntry(update_.catalog(), "DSS", referenceText(update_.add(text + ">>>>")));
    if (document_.catalog()["Extensions"].is(Object::Type::kNull))
      update_.setEntry(update_.catalog(), "Extensions", "<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>");
    return true;
  }

 private:
  struct Kind {
    const char* key;
    std::map<Bytes, std::string> streams;
    std::vector<std::string> references;
  };

  std::string listOf(std::size_t kind, const std::vector<Bytes>& items) {
    std::set<std::string> seen;
    std::string text = "[";
    for (const Bytes& item : items) {
      std::string& reference = kinds_[kind].streams[item];
      if (reference.empty()) {
        reference = referenceText(update_.addStream("", core::textOf(item)));
        kinds_[kind].references.push_back(reference);
        isNew_ = true;
      }
      if (seen.insert(reference).second) text += reference + " ";
    }
    return text + "]";
  }

  Update& update_;
  Document& document_;
  Kind kinds_[3] = {{"Certs", {}, {}}, {"OCSPs", {}, {}}, {"CRLs", {}, {}}};
  std::map<std::string, std::string> vri_;
  bool isNew_ = false;
};

Document openFile(std::string_view pdf) {
  auto opened = Document::open(pdf);
  if (const auto* error = std::get_if<pdf::OpenError>(&opened)) throw Error(ErrorCode::kInvalidInput, error->reason);
  return std::move(std::get<Document>(opened));
}

const TimestampSource& timeOf(const LongTermServices& services) {
  if (!services.time) throw Error(ErrorCode::kUnavailable, "no timestamp authority is configured");
  return *services.time;
}

// Whether some signature has neither a timestamp of its own nor a document timestamp behind it.
bool needsTime(Document& document) {
  std::size_t stampedUpTo = 0;
  std::vector<std::size_t> bare;
  bool hasSignature = false;
  for (const pdf::SignatureField& field : pdf::listSignatureFields(document)) {
    if (!field.isSigned) continue;
    const Object& dictionary = document.get(document.object(field.reference.number), "V");
    const verify::Coverage coverage = verify::judgeCoverage(document, dictionary);
    if (document.get(dictionary, "SubFilter").isName("ETSI.RFC3161")) {
      stampedUpTo = std::max(stampedUpTo, coverage.end);
      continue;
    }
    hasSignature = true;
    const verify::SignedData cms(coverage.cms, verify::Content::kDetached, {}, false);
    if (cms.signatureTimestamps().empty()) bare.push_back(coverage.end);
  }
  if (!hasSignature) throw Error(ErrorCode::kInvalidInput, "the file has no signature to extend");
  return std::any_of(bare.begin(), bare.end(), [&](std::size_t end) { return end > stampedUpTo; });
}

}  // namespace

Level levelNamed(std::string_view name) {
  for (Level level : {Level::kB, Level::kT, Level::kLT, Level::kLTA}) {
    if (name == nameOf(level)) return level;
  }
  throw Error(ErrorCode::kUsage, "the level is B-B, B-T, B-LT or B-LTA, not \"" + std::string(name) + "\"");
}

std::string_view nameOf(Level level) {
  static constexpr std::string_view kNames[] = {"B-B", "B-T", "B-LT", "B-LTA"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string extend(std::string_view pdf, Level level, const LongTermServices& services, core::Instant now) {
  std::string grown(pdf);
  if (level == Level::kB) return {};
  {
    Document document = openFile(grown);
    if (needsTime(document)) {
      Update update(document);
      grown += appendTimestamp(update, timeOf(services));
    }
  }
  if (level == Level::kT) return grown.substr(pdf.size());
  const std::string file = grown;
  Document document = openFile(file);
  Update update(document);
  const bool isNew = StoreWriter(update).write(Collector(document, services, now).collect());
  if (level == Level::kLTA) {
    grown += appendTimestamp(update, timeOf(services));
  } else if (isNew) {
    grown += update.finish().octets;
  }
  return grown.substr(pdf.size());
}

}  // namespace qianda::signing
