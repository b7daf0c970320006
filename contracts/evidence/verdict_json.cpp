#include "contracts/evidence/verdict_json.h"

namespace qianda::contracts {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object::Ptr makeObject() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Object::Ptr toJson(const signing::TimestampVerdict& verdict) {
  Object::Ptr object = makeObject();
  object->set("kind", verdict.kind);
  object->set("field", verdict.field);
  object->set("time", verdict.time);
  object->set("authority", verdict.authority);
  object->set("policy", verdict.policy);
  object->set("serial", verdict.serialHex);
  object->set("algorithm", verdict.algorithm);
  object->set("indication", std::string(signing::nameOf(verdict.indication)));
  object->set("sub_indication", verdict.subIndication);
  object->set("reason", verdict.reason);
  return object;
}

Object::Ptr toJson(const signing::RevocationVerdict& verdict) {
  Object::Ptr object = makeObject();
  object->set("certificate", verdict.certificate);
  object->set("serial", verdict.serialHex);
  object->set("status", verdict.status);
  object->set("kind", verdict.kind);
  object->set("origin", verdict.origin);
  object->set("this_update", verdict.thisUpdate);
  object->set("next_update", verdict.nextUpdate);
  object->set("revoked_at", verdict.revokedAt);
  object->set("reason", verdict.reason);
  return object;
}

Object::Ptr toJson(const signing::Change& change) {
  Object::Ptr object = makeObject();
  object->set("kind", change.kind);
  object->set("object", change.object);
  object->set("detail", change.detail);
  object->set("allowed", change.isAllowed);
  return object;
}

Object::Ptr toJson(const signing::LawTest& test) {
  Object::Ptr object = makeObject();
  object->set("clause", test.clause);
  object->set("zh", test.zh);
  object->set("en", test.en);
  object->set("verdict", test.verdict);
  object->set("reason", test.reason);
  return object;
}

template <typename List>
Array::Ptr listJson(const List& list) {
  Array::Ptr array = Array::Ptr(new Array);
  for (const auto& one : list) array->add(toJson(one));
  return array;
}

Object::Ptr toJson(const signing::SignatureVerdict& verdict) {
  Object::Ptr object = makeObject();
  object->set("field", verdict.field);
  object->set("signer", verdict.signer);
  object->set("organisation", verdict.organisation);
  object->set("issuer", verdict.issuer);
  object->set("serial", verdict.serialHex);
  object->set("algorithm", verdict.algorithm);
  object->set("level", verdict.level);
  object->set("sub_filter", verdict.subFilter);
  object->set("signed_at", verdict.signedAt);
  object->set("indication", std::string(signing::nameOf(verdict.indication)));
  object->set("sub_indication", verdict.subIndication);
  object->set("reason", verdict.reason);
  object->set("covers_whole_revision", verdict.coversWholeRevision);
  object->set("modified_after", verdict.modifiedAfter);
  object->set("modification_level", verdict.modificationLevel);
  object->set("best_signature_time", verdict.bestSignatureTime);
  object->set("changes", listJson(verdict.changes));
  object->set("revocation_status", verdict.revocation);
  object->set("revocation", listJson(verdict.revocations));
  object->set("esign_law_13", listJson(verdict.law13));
  return object;
}

}  // namespace

Object::Ptr verdictJson(const JudgedFile& file) {
  const signing::FileVerdict& verdict = file.verdict;
  Object::Ptr object = makeObject();
  object->set("file", file.name);
  object->set("sha256", file.sha256);
  object->set("indication", std::string(signing::nameOf(verdict.indication)));
  object->set("sub_indication", verdict.subIndication);
  object->set("reason", verdict.reason);
  Array::Ptr signatures = Array::Ptr(new Array);
  for (const signing::SignatureVerdict& signature : verdict.signatures) {
    Object::Ptr one = toJson(signature);
    Array::Ptr stamps = Array::Ptr(new Array);
    for (const signing::TimestampVerdict& stamp : verdict.timestamps) {
      if (stamp.kind == "document" || stamp.field == signature.field) stamps->add(toJson(stamp));
    }
    one->set("timestamps", stamps);
    signatures->add(one);
  }
  object->set("level", lowestLevel(verdict));
  object->set("signatures", signatures);
  object->set("timestamps", listJson(verdict.timestamps));
  return object;
}

}  // namespace qianda::contracts
