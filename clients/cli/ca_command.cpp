#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/core.h>

#include "clients/cli/ca_issue.h"
#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "clients/cli/services.h"
#include "clients/cli/termination.h"
#include "core/error.h"
#include "core/file.h"
#include "core/id.h"
#include "server/authority_server.h"
#include "signing/ca/crl.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/pem.h"

namespace qianda::cli {
namespace {

namespace fs = std::filesystem;
using core::Bytes;
using core::Error;
using core::ErrorCode;

struct CaArguments {
  std::string folder, passFile, organisation, kind = "p256", address, serial, reason, request, out, bind = "127.0.0.1";
  std::uint16_t port = 8080;
  bool ofRoot = false, isNew = false, json = false;
};

std::string hexOf(const Bytes& certificate) {
  return core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, certificate));
}

int init(const CaArguments& arguments) {
  signing::AuthorityPlan plan;
  plan.organisation = arguments.organisation;
  plan.kind = arguments.kind;
  plan.address = arguments.address;
  plan.keepsPassphrase = arguments.passFile.empty();
  const std::string passphrase =
      plan.keepsPassphrase ? core::DocumentId::random().text() : readPassphrase("", arguments.passFile);
  if (passphrase.empty()) throw Error(ErrorCode::kInvalidInput, arguments.passFile + " holds no passphrase");
  signing::Authority::create(arguments.folder, plan, passphrase);
  const fs::path folder(arguments.folder);
  const std::string passFile = plan.keepsPassphrase ? (folder / "passphrase").string() : arguments.passFile;
  const signing::Authority authority(folder, passphrase);
  const std::string fingerprint = hexOf(authority.rootCertificate());
  std::cerr << arguments.folder << ": an authority of " << arguments.organisation << ", root " << fingerprint << "\n"
            << (plan.keepsPassphrase ? "its passphrase was drawn into " + passFile + "\n" : "");
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("ca", arguments.folder);
    object->set("organisation", arguments.organisation);
    object->set("kind", arguments.kind);
    object->set("address", arguments.address);
    object->set("root", (folder / "root.pem").string());
    object->set("issuing", (folder / "issuing.pem").string());
    object->set("root_sha256", fingerprint);
    object->set("passphrase_file", passFile);
    printJson(object);
  }
  return 0;
}

// As the index writes it, from what certificates' viewers show: upper case, colons, leading zeros.
std::string plainSerial(std::string text) {
  std::erase_if(text, [](char c) { return c == ':' || c == ' '; });
  return signing::serialHex(signing::serialFromHex(text).get());
}

int revoke(const CaArguments& arguments) {
  const signing::RevocationReason reason = signing::revocationReason(arguments.reason);
  const std::string serial = plainSerial(arguments.serial);
  const auto authority = openAuthority(arguments.folder, arguments.passFile);
  authority->revoke(serial, reason);
  const auto crl = signing::factsOf(authority->currentCrl());
  const std::string at = core::isoInstant(authority->statusOf(serial).revokedAt);
  std::cerr << serial << ": revoked at " << at << " (" << arguments.reason << "), named in CRL " << crl->number << "\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("serial", serial);
    object->set("revoked_at", at);
    object->set("reason", arguments.reason);
    object->set("crl_number", crl->number);
    printJson(object);
  }
  return 0;
}

std::string stateOf(const signing::IndexEntry& entry, core::Instant now) {
  return entry.revocation ? "revoked" : entry.notAfter < now ? "expired" : "good";
}

int list(const CaArguments& arguments) {
  const auto authority = openAuthority(arguments.folder, arguments.passFile);
  const core::Instant now = core::now();
  JsonArray::Ptr certificates = newArray();
  for (const signing::IndexEntry& entry : authority->list()) {
    const auto& revocation = entry.revocation;
    if (!arguments.json) {
      std::cout << fmt::format("{}  {}  {}  {}{}  {}\n", entry.serial, stateOf(entry, now),
                               core::isoInstant(entry.notAfter), entry.profile,
                               entry.event.empty() ? "" : " " + entry.event, entry.subject);
      continue;
    }
    JsonObject::Ptr object = newObject();
    object->set("serial", entry.serial);
    object->set("state", stateOf(entry, now));
    object->set("profile", entry.profile);
    object->set("event", entry.event);
    object->set("subject", entry.subject);
    object->set("issued", core::isoInstant(entry.issued));
    object->set("not_before", core::isoInstant(entry.notBefore));
    object->set("not_after", core::isoInstant(entry.notAfter));
    object->set("revoked_at", revocation ? core::isoInstant(revocation->time) : "");
    object->set("reason", revocation ? std::string(signing::nameOf(revocation->reason)) : "");
    certificates->add(object);
  }
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("certificates", certificates);
    printJson(object);
  }
  return 0;
}

int crl(const CaArguments& arguments) {
  if (arguments.ofRoot && arguments.isNew) throw Error(ErrorCode::kUsage, "--new goes without --root");
  const auto authority = openAuthority(arguments.folder, arguments.passFile);
  const Bytes der = arguments.ofRoot  ? authority->rootCrl()
                    : arguments.isNew ? authority->makeCrl()
                                      : authority->currentCrl();
  const auto facts = signing::factsOf(der);
  const bool isPem = fs::path(arguments.out).extension() == ".pem";
  core::writeFile(arguments.out, isPem ? signing::pemOf(signing::kPemCrl, der) : core::textOf(der), true);
  std::cerr << arguments.out << ": CRL " << facts->number << ", " << facts->entries << " revoked, until "
            << core::isoInstant(facts->nextUpdate) << "\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("out", arguments.out);
    object->set("format", isPem ? "pem" : "der");
    object->set("number", facts->number);
    object->set("revoked", static_cast<std::uint64_t>(facts->entries));
    object->set("this_update", core::isoInstant(facts->thisUpdate));
    object->set("next_update", core::isoInstant(facts->nextUpdate));
    printJson(object);
  }
  return 0;
}

int profiles(const CaArguments& arguments) {
  JsonArray::Ptr all = newArray();
  for (const signing::CertificateProfile& profile : signing::certificateProfiles()) {
    if (!arguments.json) {
      std::cout << fmt::format("{:<13} {} seconds ({} to {}); {}; {}{}\n", profile.name, profile.usual.count(),
                               profile.shortest.count(), profile.longest.count(), profile.keyUsage,
                               profile.extendedKeyUsage, profile.isEvent ? "; needs --event" : "");
      continue;
    }
    JsonObject::Ptr object = newObject();
    object->set("name", std::string(profile.name));
    object->set("usual_seconds", static_cast<std::int64_t>(profile.usual.count()));
    object->set("shortest_seconds", static_cast<std::int64_t>(profile.shortest.count()));
    object->set("longest_seconds", static_cast<std::int64_t>(profile.longest.count()));
    object->set("key_usage", profile.keyUsage);
    object->set("extended_key_usage", profile.extendedKeyUsage);
    object->set("needs_event", profile.isEvent);
    all->add(object);
  }
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("profiles", all);
    printJson(object);
  }
  return 0;
}

int ocsp(const CaArguments& arguments) {
  const std::string request = core::readFile(arguments.request, 1u << 20);
  const auto authority = openAuthority(arguments.folder, arguments.passFile);
  const Bytes answer = authority->answerOcsp(core::viewOf(request));
  if (signing::ocspStatusOf(answer) != 0) {
    throw Error(ErrorCode::kInvalidInput, arguments.request + " is not an OCSP request (DER)");
  }
  core::writeFile(arguments.out, core::textOf(answer));
  std::cerr << arguments.out << ": an OCSP response of " << answer.size() << " octets\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("out", arguments.out);
    object->set("bytes", static_cast<std::uint64_t>(answer.size()));
    printJson(object);
  }
  return 0;
}

int serve(const CaArguments& arguments) {
  const Termination termination;
  const server::AuthorityServer server(openAuthority(arguments.folder, arguments.passFile), arguments.bind,
                                       arguments.port,
                                       [](const std::string& fault) { std::cerr << "qianda: " + fault + "\n"; });
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("url", server.url());
    printJson(object);
  } else {
    std::cout << server.url() << std::endl;
  }
  termination.wait();
  return 0;
}

using Arguments = std::shared_ptr<CaArguments>;
using Run = int (*)(const CaArguments&);

// A subcommand on an authority's folder.
Command add(CLI::App& group, const Arguments& arguments, const char* name, const char* help, Run run) {
  CLI::App* command = group.add_subcommand(name, help);
  command->add_option("DIR", arguments->folder, "Folder of the authority")->required();
  command->add_option("--pass-file", arguments->passFile, "File with its passphrase; default: `passphrase` in DIR");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  return {command, [arguments, run] { return run(*arguments); }};
}

Command addInit(CLI::App& group) {
  const auto arguments = std::make_shared<CaArguments>();
  const Command made = add(group, arguments, "init", "A root, an issuing CA and their folder", init);
  made.app->get_option("--pass-file")->description("File with a passphrase; default: one is drawn into DIR/passphrase");
  made.app->add_option("--organisation", arguments->organisation, "Whose authority it is")->required();
  made.app->add_option("--kind", arguments->kind, "Keys of both CAs: p256, rsa2048, rsa3072, sm2")
      ->capture_default_str();
  made.app->add_option("--address", arguments->address,
                       "http URL where `ca serve` will be reached; certificates name it. Default: they name none");
  return made;
}

}  // namespace

std::vector<Command> addCaCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("ca", "A certificate authority for closed deployments");
  group->require_subcommand(1);
  const auto fresh = [] { return std::make_shared<CaArguments>(); };
  const Arguments revoking = fresh(), listing = fresh(), crls = fresh(), kinds = fresh(), asking = fresh(),
                  serving = fresh();
  std::vector<Command> commands{addInit(*group), addCaIssueCommand(*group)};

  commands.push_back(add(*group, revoking, "revoke", "Revoke a certificate for good and make a CRL", revoke));
  commands.back().app->add_option("SERIAL", revoking->serial, "Its serial number, hexadecimal")->required();
  commands.back()
      .app
      ->add_option(
          "--reason", revoking->reason,
          "keyCompromise, superseded, cessationOfOperation, affiliationChanged, privilegeWithdrawn, unspecified")
      ->required();

  commands.push_back(add(*group, listing, "list", "What was issued and revoked", list));

  commands.push_back(add(*group, crls, "crl", "The CRL in force, made anew when it is needed", crl));
  commands.back().app->add_flag("--root", crls->ofRoot, "The root's instead of the issuing CA's");
  commands.back().app->add_flag("--new", crls->isNew, "Make one anew in any case");
  commands.back().app->add_option("--out", crls->out, "File to write: PEM for *.pem, else DER")->required();

  CLI::App* kindsApp = group->add_subcommand("profiles", "The kinds of certificates");
  kindsApp->add_flag("--json", kinds->json, "One JSON object on standard output");
  commands.push_back({kindsApp, [kinds] { return profiles(*kinds); }});

  commands.push_back(add(*group, asking, "ocsp", "Answer one OCSP request from a file", ocsp));
  commands.back().app->add_option("--request", asking->request, "OCSP request (DER)")->required();
  commands.back().app->add_option("--out", asking->out, "OCSP response (DER) to write")->required();

  commands.push_back(add(*group, serving, "serve", "OCSP and CRLs over HTTP until SIGTERM", serve));
  commands.back().app->add_option("--bind", serving->bind, "Address to listen on")->capture_default_str();
  commands.back()
      .app->add_option("--port", serving->port, "Port; 0 takes a free one. The URL is printed once it listens")
      ->capture_default_str();
  return commands;
}

}  // namespace qianda::cli
