#include <charconv>
#include <iostream>

#include <Poco/JSON/Parser.h>

#include "clients/cli/commands.h"
#include "clients/cli/credential.h"
#include "clients/cli/keyword_placement.h"
#include "clients/cli/level_request.h"
#include "clients/cli/output.h"
#include "clients/cli/services.h"
#include "core/error.h"
#include "core/file.h"
#include "signing/pades/revision_writer.h"
#include "signing/pdf/signature_fields.h"
#include "signing/seal/strokes.h"
#include "signing/seal/text_lines.h"

namespace qianda::cli {
namespace {

struct SignArguments {
  std::string file, key, passFile, out, field, reason, location, at, keyword, seal, strokes, level = "B-B",
                                                                                             profile = "pkcs";
  std::size_t page = 1, occurrence = 1;
  bool crossPage = false, doubleSided = false, text = false, real = false, json = false;
  ServiceOptions services;
  signing::Patience patience;
};

struct ExtendArguments {
  std::string file, out, level;
  bool json = false;
  ServiceOptions services;
  signing::Patience patience;
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

// A JSON array of strokes, each an array of points {x, y, pressure?, time?} (signing/seal/strokes.h).
std::vector<signing::Stroke> readStrokes(const std::string& file) {
  try {
    Poco::JSON::Parser parser;
    const auto list = parser.parse(core::readFile(file, 4u << 20)).extract<JsonArray::Ptr>();
    std::vector<signing::Stroke> strokes;
    for (unsigned i = 0; i < list->size(); ++i) {
      const auto points = list->getArray(i);
      if (!points) throw core::Error(core::ErrorCode::kInvalidInput, file + ": a stroke is not an array of points");
      signing::Stroke stroke;
      for (unsigned k = 0; k < points->size(); ++k) {
        const auto point = points->getObject(k);
        if (!point) throw core::Error(core::ErrorCode::kInvalidInput, file + ": a point is not an object");
        signing::StrokePoint read{point->getValue<double>("x"), point->getValue<double>("y"), {}, {}};
        if (point->has("pressure")) read.pressure = point->getValue<double>("pressure");
        if (point->has("time")) read.time = point->getValue<double>("time");
        stroke.push_back(read);
      }
      strokes.push_back(std::move(stroke));
    }
    return strokes;
  } catch (const Poco::Exception& error) {
    throw core::Error(core::ErrorCode::kInvalidInput, file + " holds no strokes: " + error.displayText());
  }
}

signing::SealAppearance sealOf(const SignArguments& arguments, const signing::Credential& credential) {
  signing::SealDesign design;
  design.ownerName = credential.subjectName;
  design.demo = !arguments.real;
  if (!arguments.seal.empty()) {
    const auto kind = signing::findSealKind(arguments.seal);
    if (!kind) {
      std::string known;
      for (const signing::SealShape& shape : signing::listSealShapes()) known += std::string(" ") + shape.name;
      throw core::Error(core::ErrorCode::kUsage, "--seal is one of" + known + ", not \"" + arguments.seal + "\"");
    }
    design.kind = *kind;
  }
  return signing::drawSeal(design);
}

signing::Appearance appearanceOf(const SignArguments& arguments, const signing::Credential& credential,
                                 core::Instant at) {
  const signing::Appearance picture = arguments.strokes.empty() ? signing::appearanceOf(sealOf(arguments, credential))
                                                                : signing::drawStrokes(readStrokes(arguments.strokes));
  if (!arguments.text) return picture;
  const signing::Appearance lines = signing::setTextLines(
      {{"签署人：", credential.subjectName}, {"时间：", core::isoInstant(at)}, {"证书序列号：", credential.serialHex}},
      60, {7});
  return signing::composeAppearance(picture, lines, signing::Arrangement::kBelow);
}

std::size_t countPages(const std::string& pdf) {
  auto opened = signing::pdf::Document::open(pdf);
  auto* document = std::get_if<signing::pdf::Document>(&opened);
  return document ? signing::pdf::listPages(*document).size() : 0;
}

signing::RevisionRequest requestOf(const SignArguments& arguments, const signing::Credential& credential,
                                   const std::string& pdf) {
  signing::RevisionRequest request;
  request.field = arguments.field;
  request.signedAt = core::now();
  request.name = credential.subjectName;
  request.reason = arguments.reason;
  request.location = arguments.location;
  const bool hasPlace = !arguments.at.empty() || !arguments.keyword.empty();
  const bool hasLook = !arguments.seal.empty() || !arguments.strokes.empty() || arguments.text;
  if (hasPlace || (hasLook && !arguments.field.empty())) {
    request.visible =
        signing::VisibleSignature{arguments.page - 1, 0, 0, appearanceOf(arguments, credential, request.signedAt)};
  } else if (hasLook && !arguments.crossPage) {
    throw core::Error(core::ErrorCode::kUsage, "a visible signature needs a place: --at, --keyword or --field");
  }
  if (!arguments.at.empty()) readPlace(arguments.at, *request.visible);
  if (!arguments.keyword.empty()) {
    KeywordQuery query;
    query.keyword = arguments.keyword;
    query.occurrence = arguments.occurrence;
    const KeywordPlace place = findKeyword(pdf, query).front();
    signing::VisibleSignature& visible = *request.visible;  // centred on the words
    visible.page = place.page;
    visible.left = place.box.left + (place.box.width - visible.appearance.width) / 2;
    visible.bottom = place.box.bottom + (place.box.height - visible.appearance.height) / 2;
  }
  if (arguments.crossPage) {
    signing::CrossPageOptions options;
    options.doubleSided = arguments.doubleSided;
    request.crossPage = signing::sliceSeal(sealOf(arguments, credential), countPages(pdf), options);
  }
  return request;
}

signing::CmsProfile profileNamed(const std::string& name) {
  if (name == "pkcs") return signing::CmsProfile::kPkcs;
  if (name == "gbt35275") return signing::CmsProfile::kGbt35275;
  throw core::Error(core::ErrorCode::kUsage, "--profile is pkcs or gbt35275, not \"" + name + "\"");
}

// The signed file, at the level asked for; throws as its parts do. `request` is null for B-B.
std::string makeSigned(const SignArguments& arguments, const std::string& original, const signing::CadesSigner& signer,
                       const signing::RevisionRequest& wanted, LevelRequest* request, std::string& field) {
  signing::PreparedRevision revision;
  core::Bytes cms;
  const auto step = [&] {
    revision = signing::prepareRevision(original, wanted, signer);
    signer.sign(revision.signature.digest, cms);
  };
  request ? request->attempt(step) : step();
  signing::complete(revision.appended, revision.signature, cms);
  field = revision.field;
  std::string made = original + revision.appended;
  if (signing::levelNamed(arguments.level) > signing::Level::kT) request->raise(made);
  return made;
}

// Runs `work`; when a service stays away, says in which state the file waits, and passes the error on.
template <typename Work>
auto reportingPending(bool json, const std::string& file, const std::string& original, const LevelRequest* request,
                      Work work) {
  try {
    return work();
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kUnavailable && request && json) {
      printJson(request->pending(file, original, error.what()));
    }
    throw;
  }
}

int sign(const SignArguments& arguments) {
  const signing::Level level = signing::levelNamed(arguments.level);
  const auto credential = loadCredential(arguments.key, arguments.passFile);
  const std::string original = core::readFile(arguments.file);
  std::unique_ptr<Services> services;
  std::unique_ptr<LevelRequest> request;
  signing::CadesOptions options{profileNamed(arguments.profile), nullptr};
  if (level != signing::Level::kB) {
    services = std::make_unique<Services>(arguments.services, std::vector{arguments.key});
    request = std::make_unique<LevelRequest>(level, *services, arguments.patience);
    options.time = &request->time();
  }
  const signing::CadesSigner signer(credential, options);
  const signing::RevisionRequest wanted = requestOf(arguments, credential, original);
  std::string field;
  const std::string made = reportingPending(arguments.json, arguments.file, original, request.get(), [&] {
    return makeSigned(arguments, original, signer, wanted, request.get(), field);
  });
  core::writeFile(arguments.out, made);
  std::cerr << arguments.out << ": signed as " << credential.subjectName << " in field " << field << ", level "
            << arguments.level << "\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("file", arguments.file);
    object->set("out", arguments.out);
    object->set("field", field);
    object->set("signer", credential.subjectName);
    object->set("key", credential.key->name());
    object->set("level", baselineName(level));
    object->set("tsa", options.time ? options.time->name() : "");
    object->set("signed_at", core::isoInstant(wanted.signedAt));
    object->set("original_bytes", static_cast<std::uint64_t>(original.size()));
    object->set("bytes", static_cast<std::uint64_t>(made.size()));
    printJson(object);
  }
  return 0;
}

int extend(const ExtendArguments& arguments) {
  const signing::Level level = signing::levelNamed(arguments.level);
  const Services services(arguments.services, arguments.services.trust);
  const std::string original = core::readFile(arguments.file);
  LevelRequest request(level, services, arguments.patience);
  const std::string made = reportingPending(arguments.json, arguments.file, original, &request, [&] {
    std::string raised = original;
    request.raise(raised);
    return raised;
  });
  core::writeFile(arguments.out, made);
  std::cerr << arguments.out << ": " << (made == original ? "was at level " : "raised to level ") << arguments.level
            << "\n";
  if (arguments.json) {
    JsonObject::Ptr object = newObject();
    object->set("file", arguments.file);
    object->set("out", arguments.out);
    object->set("level", baselineName(level));
    object->set("original_bytes", static_cast<std::uint64_t>(original.size()));
    object->set("bytes", static_cast<std::uint64_t>(made.size()));
    printJson(object);
  }
  return 0;
}

constexpr const char* kLevelHelp = "B-B, B-T, B-LT or B-LTA (ETSI EN 319 142-1)";

}  // namespace

std::vector<Command> addSignCommands(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sign", "Sign any PDF in an appended revision");
  auto arguments = std::make_shared<SignArguments>();
  command->add_option("FILE", arguments->file, "PDF to sign")->required();
  command->add_option("--key", arguments->key, kKeyHelp)->required();
  command->add_option("--pass-file", arguments->passFile, kPassFileHelp);
  command->add_option("--out", arguments->out, "PDF to write")->required();
  command->add_option("--level", arguments->level, kLevelHelp)->capture_default_str();
  command->add_option("--profile", arguments->profile, "Identifiers of an SM2 signature: pkcs or gbt35275")
      ->capture_default_str();
  command->add_option("--field", arguments->field, "An unsigned signature field, or the name of a new one");
  command->add_option("--page", arguments->page, "Page of a visible signature")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  CLI::Option* at = command->add_option("--at", arguments->at,
                                        "X,Y of its lower left corner in millimetres; without a place it is invisible");
  command->add_option("--keyword", arguments->keyword, "Place it on these words, such as 甲方（盖章）")->excludes(at);
  command->add_option("--occurrence", arguments->occurrence, "Which occurrence of the keyword")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--seal", arguments->seal, "Kind of seal: company, contract, personnel, union, authority ...");
  command->add_option("--strokes", arguments->strokes, "JSON file of a handwritten signature, instead of a seal");
  command->add_flag("--text", arguments->text, "Signer, time and certificate below the picture");
  command->add_flag("--cross-page", arguments->crossPage,
                    "Also a slice of the seal on the edge of every page (骑缝章)");
  command->add_flag("--double-sided", arguments->doubleSided, "Slices for sheets printed on both sides");
  command->add_flag("--real", arguments->real, "A registered seal: without the mark 示例");
  command->add_option("--reason", arguments->reason, "Why");
  command->add_option("--location", arguments->location, "Where");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
  addServiceOptions(*command, arguments->services);
  addPatienceOptions(*command, arguments->patience);

  CLI::App* extending =
      app.add_subcommand("extend", "Raise a signed PDF to a higher level, or renew its last timestamp");
  auto more = std::make_shared<ExtendArguments>();
  extending->add_option("FILE", more->file, "Signed PDF")->required();
  extending->add_option("--level", more->level, kLevelHelp)->required();
  extending->add_option("--out", more->out, "PDF to write")->required();
  extending->add_flag("--json", more->json, "One JSON object on standard output");
  addServiceOptions(*extending, more->services);
  addPatienceOptions(*extending, more->patience);
  return {{command, [arguments] { return sign(*arguments); }}, {extending, [more] { return extend(*more); }}};
}

}  // namespace qianda::cli
