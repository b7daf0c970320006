#include <atomic>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/report_html.h"
#include "clients/cli/report_pdf.h"
#include "clients/cli/services.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/keys/evp_key.h"
#include "signing/verify/verifier.h"

namespace qianda::cli {
namespace {

struct VerifyArguments {
  std::vector<std::string> files, trust;
  RevocationOptions sources;
  std::string report;
  bool json = false, requireRevocation = false;
};

JsonObject::Ptr toJson(const signing::TimestampVerdict& verdict) {
  JsonObject::Ptr object = newObject();
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

JsonObject::Ptr toJson(const signing::RevocationVerdict& verdict) {
  JsonObject::Ptr object = newObject();
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

JsonObject::Ptr toJson(const signing::Change& change) {
  JsonObject::Ptr object = newObject();
  object->set("kind", change.kind);
  object->set("object", change.object);
  object->set("detail", change.detail);
  object->set("allowed", change.isAllowed);
  return object;
}

JsonObject::Ptr toJson(const signing::LawTest& test) {
  JsonObject::Ptr object = newObject();
  object->set("clause", test.clause);
  object->set("zh", test.zh);
  object->set("en", test.en);
  object->set("verdict", test.verdict);
  object->set("reason", test.reason);
  return object;
}

template <typename List>
JsonArray::Ptr listJson(const List& list) {
  JsonArray::Ptr array = newArray();
  for (const auto& one : list) array->add(toJson(one));
  return array;
}

JsonObject::Ptr toJson(const signing::SignatureVerdict& verdict) {
  JsonObject::Ptr object = newObject();
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

JsonObject::Ptr toJson(const JudgedFile& file) {
  const signing::FileVerdict& verdict = file.verdict;
  JsonObject::Ptr object = newObject();
  object->set("file", file.name);
  object->set("sha256", file.sha256);
  object->set("indication", std::string(signing::nameOf(verdict.indication)));
  object->set("sub_indication", verdict.subIndication);
  object->set("reason", verdict.reason);
  JsonArray::Ptr signatures = newArray();
  for (const signing::SignatureVerdict& signature : verdict.signatures) {
    JsonObject::Ptr one = toJson(signature);
    JsonArray::Ptr stamps = newArray();
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

JudgedFile judge(const signing::Verifier& verifier, const std::string& name) {
  JudgedFile file;
  file.name = name;
  try {
    const std::string octets = core::readFile(name);
    file.size = octets.size();
    file.sha256 = core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(octets)));
    file.verdict = verifier.verify(octets, core::now());
  } catch (const core::Error& error) {  // an unreadable file does not stop the others
    file.verdict.indication = signing::Indication::kTotalFailed;
    file.verdict.subIndication = "FORMAT_FAILURE";
    file.verdict.reason = error.what();
  }
  return file;
}

void print(const JudgedFile& file) {
  const signing::FileVerdict& verdict = file.verdict;
  std::cout << file.name << ": " << signing::nameOf(verdict.indication)
            << (verdict.subIndication.empty() ? "" : "/" + verdict.subIndication)
            << (verdict.reason.empty() ? "" : " — " + verdict.reason) << "\n";
  for (const signing::SignatureVerdict& signature : verdict.signatures) {
    std::cout << "  " << signature.field << ": " << signature.signer << ", " << signature.algorithm << ", "
              << signature.level << ", " << signature.signedAt << ": " << signing::nameOf(signature.indication)
              << (signature.modifiedAfter ? ", later revisions: " + signature.modificationLevel : "") << "\n";
  }
  for (const signing::TimestampVerdict& stamp : verdict.timestamps) {
    std::cout << "  " << stamp.field << ": timestamp of " << stamp.time << " by " << stamp.authority << ": "
              << signing::nameOf(stamp.indication) << "\n";
  }
}

// All files on all cores, in the order of the arguments.
std::vector<JudgedFile> judgeAll(const signing::Verifier& verifier, const std::vector<std::string>& names) {
  std::vector<JudgedFile> files(names.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> done = 0;
  ProgressBar bar("verifying");
  std::mutex barMutex;
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::min<std::size_t>(coreCount(), files.size()); ++i) {
    workers.emplace_back([&] {
      for (std::size_t at; (at = next++) < files.size();) {
        files[at] = judge(verifier, names[at]);
        const std::lock_guard lock(barMutex);
        bar.show(++done, files.size());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return files;
}

void checkReportName(const std::string& name) {
  if (name.empty() || name.ends_with(".html") || name.ends_with(".htm") || name.ends_with(".pdf")) return;
  throw core::Error(core::ErrorCode::kUsage, "--report takes a name that ends in .pdf or .html, not \"" + name + "\"");
}

// Who was asked for revocation data, for people.
std::string sourceNames(const RevocationSources& sources, const RevocationOptions& options, bool isChinese) {
  std::string names;
  const auto add = [&](bool isAsked, const char* zh, const char* en) {
    if (isAsked) names += (names.empty() ? "" : isChinese ? "、" : ", ") + std::string(isChinese ? zh : en);
  };
  add(sources.authority(), "本单位的证书颁发机构", "an authority of this house");
  add(!sources.pki().empty(), "开发用 PKI", "a development PKI");
  add(options.isOnline, "证书所载的服务", "what the certificates name");
  return names;
}

int verify(const VerifyArguments& arguments) {
  checkReportName(arguments.report);
  const RevocationSources sources(arguments.sources, arguments.trust);
  std::vector<std::string> roots = arguments.trust;
  if (sources.authority()) roots.push_back(std::filesystem::path(arguments.sources.ca) / "root.pem");
  signing::VerifierOptions options;
  if (!sources.isEmpty()) options.revocation = &sources;
  options.requireRevocation = arguments.requireRevocation;
  const signing::TrustAnchors anchors = signing::loadTrustAnchors(roots);
  const std::vector<JudgedFile> files = judgeAll(signing::Verifier(anchors, options), arguments.files);
  bool allPassed = true;
  JsonArray::Ptr array = newArray();
  for (const JudgedFile& file : files) {
    allPassed = allPassed && file.verdict.indication == signing::Indication::kTotalPassed;
    if (arguments.json) {
      array->add(toJson(file));
    } else {
      print(file);
    }
  }
  if (!arguments.report.empty()) {
    const core::Instant at = core::now();
    const Report report = makeReport(files, {at, anchors, sourceNames(sources, arguments.sources, true),
                                             sourceNames(sources, arguments.sources, false)});
    core::writeFile(arguments.report, arguments.report.ends_with(".pdf") ? pdfOf(report, at) : htmlOf(report));
  }
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("files", array);
    printJson(object);
  }
  return allPassed ? 0 : 1;
}

}  // namespace

std::vector<Command> addVerifyCommands(CLI::App& app) {
  CLI::App* command = app.add_subcommand("verify", "Judge every signature of PDF files");
  auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("FILE", arguments->files, "PDF files")->required();
  command->add_option("--trust", arguments->trust, "Trust anchors (PEM or DER); several may be given")
      ->allow_extra_args(false);
  addRevocationOptions(*command, arguments->sources);
  command->add_flag("--require-revocation", arguments->requireRevocation,
                    "Without revocation data in force a signature is INDETERMINATE");
  command->add_option("--report", arguments->report,
                      "Also write a report for people, in Chinese and English: a .pdf or .html file");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {{command, [arguments] { return verify(*arguments); }}};
}

}  // namespace qianda::cli
