#include <charconv>
#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/credential.h"
#include "clients/cli/output.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/pades/revision_writer.h"

namespace qianda::cli {
namespace {

struct SignArguments {
  std::string file, key, passFile, out, field, reason, location, at;
  std::size_t page = 1;
  bool json = false;
};

// "X,Y" in millimetres.
void readPlace(const std::string& text, signing::VisibleSignature& visible) {
  const std::size_t comma = text.find(',');
  const auto number = [&](std::size_t from, std::size_t to, double& value) {
    const auto [end, error] = std::from_chars(text.data() + from, text.data() + to, value);
    return error == std::errc() && end == text.data() + to;
  };
  if (comma == std::string::npos || !number(0, comma, visible.left) ||
      !number(comma + 1, text.size(), visible.bottom)) {
    throw core::Error(core::ErrorCode::kUsage, "--at takes two millimetre values such as 120,40, not \"" + text + "\"");
  }
}

int sign(const SignArguments& arguments) {
  const auto credential = loadCredential(arguments.key, arguments.passFile);
  const signing::CadesSigner signer(credential);
  signing::RevisionRequest request;
  request.field = arguments.field;
  request.signedAt = core::now();
  request.name = credential.subjectName;
  request.reason = arguments.reason;
  request.location = arguments.location;
  if (!arguments.at.empty()) {
    request.visible.emplace();
    request.visible->page = arguments.page - 1;
    readPlace(arguments.at, *request.visible);
    signing::SealDesign design;
    design.ownerName = credential.subjectName;
    request.visible->appearance = signing::appearanceOf(signing::drawSeal(design));
  }
  const std::string original = core::readFile(arguments.file);
  signing::PreparedRevision revision = signing::prepareRevision(original, request, signer);
  core::Bytes cms;
  signer.sign(revision.signature.digest, cms);
  signing::complete(revision.appended, revision.signature, cms);
  core::writeFile(arguments.out, original + revision.appended);
  std::cerr << arguments.out << ": signed as " << credential.subjectName << " in field " << revision.field << "\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("file", arguments.file);
    object->set("out", arguments.out);
    object->set("field", revision.field);
    object->set("signer", credential.subjectName);
    object->set("key", credential.key->name());
    object->set("level", "PAdES-BASELINE-B");
    object->set("signed_at", core::isoInstant(request.signedAt));
    object->set("original_bytes", static_cast<std::uint64_t>(original.size()));
    object->set("bytes", static_cast<std::uint64_t>(original.size() + revision.appended.size()));
    printJson(object);
  }
  return 0;
}

}  // namespace

std::vector<Command> addSignCommands(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sign", "Sign any PDF in an appended revision");
  auto arguments = std::make_shared<SignArguments>();
  command->add_option("FILE", arguments->file, "PDF to sign")->required();
  command->add_option("--key", arguments->key, kKeyHelp)->required();
  command->add_option("--pass-file", arguments->passFile, kPassFileHelp);
  command->add_option("--out", arguments->out, "PDF to write")->required();
  command->add_option("--field", arguments->field, "An unsigned signature field, or the name of a new one");
  command->add_option("--page", arguments->page, "Page of a visible signature")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--at", arguments->at,
                      "X,Y of its lower left corner in millimetres; without it the signature is invisible");
  command->add_option("--reason", arguments->reason, "Why");
  command->add_option("--location", arguments->location, "Where");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {{command, [arguments] { return sign(*arguments); }}};
}

}  // namespace qianda::cli
