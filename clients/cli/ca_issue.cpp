#include "clients/cli/ca_issue.h"

#include <charconv>
#include <filesystem>
#include <iostream>

#include <Poco/JSON/Parser.h>

#include "clients/cli/output.h"
#include "clients/cli/services.h"
#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "signing/ca/certificate_maker.h"
#include "signing/ca/command_issuer.h"
#include "signing/ca/crl.h"
#include "signing/keys/pem.h"
#include "signing/keys/x509.h"

namespace qianda::cli {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorCode;

struct IssueArguments {
  std::string folder, issuer, passFile, profile, name, organisation, lifetime, event, request, keyKind, out,
      outPassFile;
  bool json = false;
};

// "90s", "30m", "2h", "7d".
std::chrono::seconds lifetimeOf(const std::string& text) {
  static constexpr std::pair<char, std::int64_t> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}};
  constexpr std::int64_t kMost = 1'000'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end + 1 == text.data() + text.size() && count > 0 && count <= kMost) {
    for (const auto& [unit, seconds] : kUnits) {
      if (*end == unit) return std::chrono::seconds(count * seconds);
    }
  }
  throw Error(ErrorCode::kUsage, "a lifetime is like 7d, 2h, 30m or 90s, not \"" + text + "\"");
}

// {"command": ["program", "argument", ...], "timeout_seconds": 60}
signing::IssuerCommand readIssuer(const std::string& file) {
  signing::IssuerCommand command;
  try {
    Poco::JSON::Parser parser;
    const auto object = parser.parse(core::readFile(file, 1u << 20)).extract<JsonObject::Ptr>();
    const JsonArray::Ptr list = object->getArray("command");
    for (unsigned i = 0; list && i < list->size(); ++i) command.arguments.push_back(list->getElement<std::string>(i));
    if (object->has("timeout_seconds")) {
      const auto seconds = object->getValue<std::int64_t>("timeout_seconds");
      if (seconds < 1 || seconds > 3600)
        throw Error(ErrorCode::kInvalidInput, file + ": a timeout of 1 to 3600 seconds");
      command.timeout = std::chrono::seconds(seconds);
    }
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kInvalidInput, file + " does not describe an issuer: " + error.displayText());
  }
  if (command.arguments.empty()) {
    throw Error(ErrorCode::kInvalidInput, file + " does not describe an issuer: it needs \"command\": [program, ...]");
  }
  return command;
}

void checkUsage(const IssueArguments& arguments) {
  const auto refuse = [](const char* reason) { throw Error(ErrorCode::kUsage, reason); };
  if (arguments.folder.empty() == arguments.issuer.empty()) {
    refuse("who issues: the folder of an authority, or --issuer FILE for one outside");
  }
  if (arguments.request.empty() == arguments.keyKind.empty()) {
    refuse("a certificate for --request FILE, or for a key drawn here, --key-kind KIND");
  }
  if (!arguments.keyKind.empty() && arguments.name.empty()) refuse("a key drawn here needs --name");
  if (arguments.name.empty() && !arguments.organisation.empty()) refuse("--organisation goes with --name");
  if (!arguments.request.empty() && !arguments.outPassFile.empty()) refuse("--out-pass-file goes with --key-kind");
}

// Of the named file; else of `passphrase` beside the key file, drawn when there is none.
std::string passphraseFor(const std::string& file, const std::string& passFile) {
  const fs::path beside = fs::absolute(file).parent_path() / "passphrase";
  std::string passphrase = readPassphrase(file, passFile);
  if (!passphrase.empty()) return passphrase;
  if (!passFile.empty() || fs::exists(beside)) {
    throw Error(ErrorCode::kInvalidInput, (passFile.empty() ? beside.string() : passFile) + " holds no passphrase");
  }
  passphrase = core::DocumentId::random().text();
  core::writeSecretFile(beside, passphrase + "\n");
  std::cerr << "the passphrase of " << file << " was drawn into " << beside.string() << "\n";
  return passphrase;
}

// The certificate and its path without the anchor, which nobody takes from a stranger.
std::string chainPem(const signing::IssuedCertificate& issued) {
  std::string pem = signing::pemOf(signing::kPemCertificate, issued.certificate);
  for (const core::Bytes& above : issued.chain) {
    if (!signing::isSelfSigned(signing::parseCertificate(above).get())) {
      pem += signing::pemOf(signing::kPemCertificate, above);
    }
  }
  return pem;
}

void report(const IssueArguments& arguments, const signing::IssuedCertificate& issued) {
  const signing::X509Handle x509 = signing::parseCertificate(issued.certificate);
  const std::string subject = signing::textOf(X509_get_subject_name(x509.get()));
  const std::string until = core::isoInstant(signing::instantOf(X509_get0_notAfter(x509.get())));
  std::cerr << arguments.out << ": certificate " << signing::serialHex(x509.get()) << " for " << subject << " until "
            << until << "\n";
  if (!arguments.json) return;
  JsonObject::Ptr object = newObject();
  object->set("out", arguments.out);
  object->set("format", arguments.request.empty() ? "pkcs12" : "pem");
  object->set("serial", signing::serialHex(x509.get()));
  object->set("subject", subject);
  object->set("issuer", signing::textOf(X509_get_issuer_name(x509.get())));
  object->set("profile", arguments.profile);
  object->set("event", arguments.event);
  object->set("not_before", core::isoInstant(signing::instantOf(X509_get0_notBefore(x509.get()))));
  object->set("not_after", until);
  object->set("chain", static_cast<std::uint64_t>(issued.chain.size()));
  printJson(object);
}

int issue(const IssueArguments& arguments) {
  checkUsage(arguments);
  signing::CertificateOrder order{
      arguments.profile, {arguments.name, arguments.organisation}, std::nullopt, arguments.event};
  if (!arguments.lifetime.empty()) order.lifetime = lifetimeOf(arguments.lifetime);
  const fs::path target = fs::absolute(arguments.out).parent_path();
  if (!fs::is_directory(target)) throw Error(ErrorCode::kNotFound, "there is no folder " + target.string());
  std::shared_ptr<signing::CertificateIssuer> issuer;
  if (arguments.issuer.empty()) {
    issuer = openAuthority(arguments.folder, arguments.passFile);
  } else {
    issuer = std::make_shared<signing::CommandIssuer>(readIssuer(arguments.issuer));
  }
  signing::IssuedCertificate issued;
  if (arguments.request.empty()) {
    if (fs::exists(arguments.out)) throw Error(ErrorCode::kConflict, arguments.out + " is there already");
    issued = signing::issueWithKey(*issuer, arguments.keyKind, order, arguments.out,
                                   passphraseFor(arguments.out, arguments.outPassFile));
  } else {
    issued = issuer->issue(signing::requestFromFile(core::readFile(arguments.request, 1u << 20)), order);
    core::writeFile(arguments.out, chainPem(issued), true);
  }
  report(arguments, issued);
  return 0;
}

}  // namespace

Command addCaIssueCommand(CLI::App& group) {
  CLI::App* command = group.add_subcommand("issue", "A certificate for a request, or a key file with its certificate");
  auto arguments = std::make_shared<IssueArguments>();
  command->add_option("DIR", arguments->folder, "Folder of the authority");
  command->add_option("--issuer", arguments->issuer,
                      R"(Instead of DIR: JSON file of an outside authority, {"command": ["PROGRAM", "ARGUMENT"...]})");
  command->add_option("--pass-file", arguments->passFile,
                      "File with the authority's passphrase; default: `passphrase` in DIR");
  command->add_option("--profile", arguments->profile, "Kind of certificate; see `qianda ca profiles`")->required();
  command->add_option("--name", arguments->name, "Common name; with --request the default is the request's names");
  command->add_option("--organisation", arguments->organisation, "Organisation");
  command->add_option("--lifetime", arguments->lifetime, "Such as 7d, 2h, 30m; default: the profile's");
  command->add_option("--event", arguments->event,
                      "The envelope that a short-lived certificate (profile event) is for");
  command->add_option("--request", arguments->request, "PKCS#10 request (PEM or DER); its key stays where it is");
  command->add_option("--key-kind", arguments->keyKind, "Draw a key here: p256, p384, rsa2048, rsa3072, rsa4096, sm2");
  command->add_option("--out", arguments->out, "Certificate with its path (PEM), or key file (PKCS#12)")->required();
  command->add_option("--out-pass-file", arguments->outPassFile,
                      "File with the key file's passphrase; default: `passphrase` beside it, drawn if there is none");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {command, [arguments] { return issue(*arguments); }};
}

}  // namespace qianda::cli
