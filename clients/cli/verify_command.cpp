#include <atomic>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include <Poco/JSON/Parser.h>
#include <qianda/client/verification.h>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/server_options.h"
#include "clients/cli/services.h"
#include "contracts/evidence/report_html.h"
#include "contracts/evidence/report_pdf.h"
#include "contracts/evidence/verdict_json.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/keys/evp_key.h"
#include "signing/verify/verifier.h"

namespace qianda::cli {
namespace {

using contracts::JudgedFile;

struct VerifyArguments {
  std::vector<std::string> files, trust;
  RevocationOptions sources;
  ServerOptions server;
  std::string report;
  bool json = false, requireRevocation = false;
};

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
      array->add(contracts::verdictJson(file));
    } else {
      print(file);
    }
  }
  if (!arguments.report.empty()) {
    const core::Instant at = core::now();
    const contracts::Report report = contracts::makeReport(
        files,
        {at, anchors, sourceNames(sources, arguments.sources, true), sourceNames(sources, arguments.sources, false)});
    core::writeFile(arguments.report,
                    arguments.report.ends_with(".pdf") ? contracts::pdfOf(report, at) : contracts::htmlOf(report));
  }
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("files", array);
    printJson(object);
  }
  return allPassed ? 0 : 1;
}

// By upload. The members are those of a verdict made here, and what the service knows of the file.
int verifyOnServer(const VerifyArguments& arguments) {
  client::Client service = connect(arguments.server, false);
  bool allPassed = true;
  JsonArray::Ptr array = newArray();
  for (const std::string& name : arguments.files) {
    const client::Verification found = client::verifyPdf(service, name);
    allPassed = allPassed && found.indication == "TOTAL_PASSED";
    if (arguments.json) {
      Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
      JsonObject::Ptr verdict = parser.parse(found.json).extract<JsonObject::Ptr>();
      verdict->set("file", name);
      array->add(verdict);
      continue;
    }
    std::cout << name << ": " << found.indication << (found.subIndication.empty() ? "" : "/" + found.subIndication)
              << (found.reason.empty() ? "" : " — " + found.reason)
              << (found.isKnown ? ", known: revision " + std::to_string(found.knownRevision) +
                                      " of an envelope that is " + found.knownState
                                : "")
              << "\n";
    for (const client::VerifiedSignature& signature : found.signatures) {
      std::cout << "  " << signature.field << ": " << signature.signer << ", " << signature.level << ", "
                << signature.signedAt << ": " << signature.indication << "\n";
    }
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
  addServerOptions(*command, arguments->server, false);
  return {{command, [arguments, command] {
             if (!arguments->server.isGiven()) return verify(*arguments);
             checkServerUse(*command, {"FILE", "--json"});
             return verifyOnServer(*arguments);
           }}};
}

}  // namespace qianda::cli
