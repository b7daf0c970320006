#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/verify/verifier.h"

namespace qianda::cli {
namespace {

struct VerifyArguments {
  std::vector<std::string> files, trust;
  bool json = false;
};

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
  object->set("revocation", verdict.revocation);
  return object;
}

JsonObject::Ptr toJson(const std::string& file, const signing::FileVerdict& verdict) {
  JsonObject::Ptr object = newObject();
  object->set("file", file);
  object->set("indication", std::string(signing::nameOf(verdict.indication)));
  object->set("sub_indication", verdict.subIndication);
  object->set("reason", verdict.reason);
  JsonArray::Ptr signatures = newArray();
  for (const signing::SignatureVerdict& signature : verdict.signatures) signatures->add(toJson(signature));
  object->set("signatures", signatures);
  return object;
}

signing::FileVerdict judge(const signing::Verifier& verifier, const std::string& file) {
  try {
    return verifier.verify(core::readFile(file), core::now());
  } catch (const core::Error& error) {  // an unreadable file does not stop the others
    signing::FileVerdict verdict;
    verdict.indication = signing::Indication::kTotalFailed;
    verdict.subIndication = "FORMAT_FAILURE";
    verdict.reason = error.what();
    return verdict;
  }
}

void print(const std::string& file, const signing::FileVerdict& verdict) {
  std::cout << file << ": " << signing::nameOf(verdict.indication)
            << (verdict.subIndication.empty() ? "" : "/" + verdict.subIndication)
            << (verdict.reason.empty() ? "" : " — " + verdict.reason) << "\n";
  for (const signing::SignatureVerdict& signature : verdict.signatures) {
    std::cout << "  " << signature.field << ": " << signature.signer << ", " << signature.algorithm << ", "
              << signature.level << ", " << signature.signedAt << ": " << signing::nameOf(signature.indication)
              << (signature.modifiedAfter ? ", later revisions: " + signature.modificationLevel : "") << "\n";
  }
}

int verify(const VerifyArguments& arguments) {
  const signing::Verifier verifier(signing::loadTrustAnchors(arguments.trust));
  std::vector<signing::FileVerdict> verdicts(arguments.files.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> done = 0;
  ProgressBar bar("verifying");
  std::mutex barMutex;
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::min<std::size_t>(coreCount(), verdicts.size()); ++i) {
    workers.emplace_back([&] {
      for (std::size_t at; (at = next++) < verdicts.size();) {
        verdicts[at] = judge(verifier, arguments.files[at]);
        const std::lock_guard lock(barMutex);
        bar.show(++done, verdicts.size());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  bool allPassed = true;
  JsonArray::Ptr files = newArray();
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    allPassed = allPassed && verdicts[i].indication == signing::Indication::kTotalPassed;
    if (arguments.json) {
      files->add(toJson(arguments.files[i], verdicts[i]));
    } else {
      print(arguments.files[i], verdicts[i]);
    }
  }
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("files", files);
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
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {{command, [arguments] { return verify(*arguments); }}};
}

}  // namespace qianda::cli
