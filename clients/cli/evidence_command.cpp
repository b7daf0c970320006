#include <fstream>
#include <iostream>

#include <qianda/client/envelopes.h>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/server_options.h"
#include "contracts/evidence/audit_verifier.h"
#include "contracts/evidence/package_verifier.h"
#include "contracts/evidence/verdict_json.h"
#include "core/error.h"
#include "core/file.h"

namespace qianda::cli {
namespace {

struct CheckArguments {
  std::string file, earlier, signedBy;
  std::vector<std::string> trust;
  bool json = false;
};

struct FetchArguments {
  std::string envelope, out;
  ServerOptions server;
};

void addCheckOptions(CLI::App& command, CheckArguments& arguments) {
  command
      .add_option("--trust", arguments.trust,
                  "Trust anchors (PEM or DER) of the platform, its timestamp authority and the signers; several may "
                  "be given")
      ->allow_extra_args(false);
  command.add_option("--signed-by", arguments.signedBy, "CN or O that the platform's certificate must have");
  command.add_flag("--json", arguments.json, "One JSON object on standard output");
}

JsonArray::Ptr listOf(const std::vector<std::string>& texts) {
  JsonArray::Ptr array = newArray();
  for (const std::string& text : texts) array->add(text);
  return array;
}

std::ifstream open(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) throw core::Error(core::ErrorCode::kNotFound, "cannot read " + name);
  return file;
}

void printNotes(const std::string& signer, const std::vector<std::string>& notes) {
  if (!signer.empty()) std::cout << "  signed by " << signer << "\n";
  for (const std::string& note : notes) std::cout << "  note: " << note << "\n";
}

JsonObject::Ptr toJson(const contracts::AuditVerdict& verdict) {
  JsonObject::Ptr object = newObject();
  object->set("indication", verdict.indication);
  object->set("organisation", verdict.organisation);
  object->set("signer", verdict.signer);
  object->set("stated_at", core::isoInstant(verdict.statedAt));
  object->set("streams", verdict.streams);
  object->set("entries", verdict.entries);
  object->set("anchors", verdict.anchors);
  object->set("stamped", verdict.stamped);
  object->set("waiting", verdict.waiting);
  object->set("last_timestamp", verdict.lastStamp ? core::isoInstant(*verdict.lastStamp) : "");
  JsonArray::Ptr findings = newArray();
  for (const contracts::AuditFinding& one : verdict.findings) {
    JsonObject::Ptr finding = newObject();
    finding->set("code", one.code);
    finding->set("stream", one.stream);
    finding->set("seq", one.seq);
    finding->set("anchor", one.anchor);
    finding->set("line", one.line);
    finding->set("message", one.message);
    findings->add(finding);
  }
  object->set("findings", findings);
  object->set("notes", listOf(verdict.notes));
  return object;
}

int checkAudit(const CheckArguments& arguments) {
  std::ifstream file = open(arguments.file), earlier;
  if (!arguments.earlier.empty()) earlier = open(arguments.earlier);
  const contracts::AuditVerdict verdict =
      contracts::verifyAudit(file, {signing::loadTrustAnchors(arguments.trust), arguments.signedBy,
                                    arguments.earlier.empty() ? nullptr : &earlier, core::now()});
  if (arguments.json) {
    printJson(toJson(verdict));
  } else {
    std::cout << arguments.file << ": " << verdict.indication << ", organisation " << verdict.organisation << ", "
              << verdict.entries << " entries in " << verdict.streams << " streams, " << verdict.stamped << " of "
              << verdict.anchors << " anchors timestamped\n";
    for (const contracts::AuditFinding& one : verdict.findings) {
      std::cout << "  " << one.code << (one.stream.empty() ? "" : ", stream " + one.stream)
                << (one.seq > 0 ? ", entry " + std::to_string(one.seq) : "")
                << (one.line > 0 ? ", line " + std::to_string(one.line) : "") << ": " << one.message << "\n";
    }
    printNotes(verdict.signer, verdict.notes);
  }
  return verdict.indication == "PASSED" ? 0 : 1;
}

JsonObject::Ptr toJson(const contracts::PackageVerdict& verdict) {
  JsonObject::Ptr object = newObject();
  object->set("indication", verdict.indication);
  object->set("envelope", verdict.envelope);
  object->set("signer", verdict.signer);
  object->set("members", verdict.members);
  object->set("entries", verdict.entries);
  object->set("anchors", verdict.anchors);
  JsonArray::Ptr findings = newArray();
  for (const contracts::PackageFinding& one : verdict.findings) {
    JsonObject::Ptr finding = newObject();
    finding->set("code", one.code);
    finding->set("member", one.member);
    finding->set("seq", one.seq);
    finding->set("message", one.message);
    findings->add(finding);
  }
  object->set("findings", findings);
  object->set("notes", listOf(verdict.notes));
  object->set("contract", contracts::verdictJson(verdict.contract));
  return object;
}

int checkPackage(const CheckArguments& arguments) {
  const contracts::PackageVerdict verdict = contracts::verifyPackage(
      core::readFile(arguments.file), {signing::loadTrustAnchors(arguments.trust), arguments.signedBy, core::now()});
  if (arguments.json) {
    printJson(toJson(verdict));
  } else {
    std::cout << arguments.file << ": " << verdict.indication << ", envelope " << verdict.envelope << ", "
              << verdict.members << " members, " << verdict.entries << " log entries, " << verdict.anchors
              << " anchors\n";
    for (const contracts::PackageFinding& one : verdict.findings) {
      std::cout << "  " << one.code << (one.member.empty() ? "" : ", " + one.member)
                << (one.seq > 0 ? ", entry " + std::to_string(one.seq) : "") << ": " << one.message << "\n";
    }
    printNotes(verdict.signer, verdict.notes);
  }
  return verdict.indication == "PASSED" ? 0 : 1;
}

int tell(const client::Download& download) {
  std::cerr << download.file.string() << ": " << grouped(download.octets) << " octets\n";
  return 0;
}

int fetchAudit(const FetchArguments& arguments) {
  client::Client service = connect(arguments.server);
  return tell(client::exportAudit(service, arguments.out));
}

int fetchPackage(const FetchArguments& arguments) {
  client::Client service = connect(arguments.server);
  return tell(client::downloadEvidence(service, arguments.envelope, arguments.out));
}

CLI::App& addCheck(CLI::App& group, const char* help, const std::shared_ptr<CheckArguments>& arguments) {
  CLI::App* check = group.add_subcommand("verify", help);
  check->add_option("FILE", arguments->file, "The file")->required();
  addCheckOptions(*check, *arguments);
  return *check;
}

}  // namespace

std::vector<Command> addEvidenceCommands(CLI::App& app) {
  CLI::App* audit = app.add_subcommand("audit", "The audit log: export it, check an export on any machine");
  audit->require_subcommand(1);
  auto auditCheck = std::make_shared<CheckArguments>(), packageCheck = std::make_shared<CheckArguments>();
  auto auditFetch = std::make_shared<FetchArguments>(), packageFetch = std::make_shared<FetchArguments>();
  CLI::App& auditVerify =
      addCheck(*audit, "Find what was deleted, changed or reordered in an export; needs no server", auditCheck);
  auditVerify.add_option("--earlier", auditCheck->earlier,
                         "An older export of the same organisation: nothing it tells may have changed");
  CLI::App* auditExport = audit->add_subcommand("export", "Fetch the organisation's whole log");
  auditExport->add_option("--out", auditFetch->out, "File to write")->required();
  addServerOptions(*auditExport, auditFetch->server);

  CLI::App* evidence = app.add_subcommand("evidence", "Evidence packages: fetch one, check one on any machine");
  evidence->require_subcommand(1);
  CLI::App& packageVerify = addCheck(*evidence, "Check a package, member by member; needs no server", packageCheck);
  CLI::App* packageExport = evidence->add_subcommand("fetch", "Fetch the evidence package of an envelope");
  packageExport->add_option("ENVELOPE", packageFetch->envelope, "Id of the envelope")->required();
  packageExport->add_option("--out", packageFetch->out, "ZIP file to write")->required();
  addServerOptions(*packageExport, packageFetch->server);
  return {{&auditVerify, [auditCheck] { return checkAudit(*auditCheck); }},
          {auditExport, [auditFetch] { return fetchAudit(*auditFetch); }},
          {&packageVerify, [packageCheck] { return checkPackage(*packageCheck); }},
          {packageExport, [packageFetch] { return fetchPackage(*packageFetch); }}};
}

}  // namespace qianda::cli
