#include "templates/template.h"

#include <algorithm>
#include <set>

#include <openssl/sha.h>

#include "core/bytes.h"
#include "core/error.h"
#include "core/file.h"
#include "templates/body.h"
#include "templates/compiler/document_builder.h"
#include "templates/compiler/front_matter.h"
#include "templates/compiler/source_scanner.h"

namespace qianda::templates {
namespace {

// Seal and signature anchors become form fields of the PDF: one of each kind for a party.
void checkAnchors(const std::vector<Inline>& inlines, std::set<std::size_t>& signers, compiler::TagResolver& tags,
                  const Template& form) {
  for (const Inline& inlined : inlines) {
    if (inlined.kind == Inline::Kind::kSeal || inlined.kind == Inline::Kind::kSign) {
      if (!signers.insert(inlined.party).second) {
        tags.report({1, 1},
                    "party " + form.parties[inlined.party].name + " has more than one seal or signature anchor");
      }
    }
    checkAnchors(inlined.then, signers, tags, form);
    checkAnchors(inlined.otherwise, signers, tags, form);
  }
}

void checkAnchors(const std::vector<Block>& blocks, std::set<std::size_t>& signers, compiler::TagResolver& tags,
                  const Template& form) {
  for (const Block& block : blocks) {
    checkAnchors(block.inlines, signers, tags, form);
    for (const TableRow& row : block.rows) {
      for (const Cell& cell : row.cells) checkAnchors(cell.inlines, signers, tags, form);
    }
    checkAnchors(block.then, signers, tags, form);
    checkAnchors(block.otherwise, signers, tags, form);
  }
}

}  // namespace

std::size_t Template::findField(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return npos;
}

Compilation compile(std::string_view source, const std::string& fileName) {
  Compilation result;
  std::vector<Diagnostic>& diagnostics = result.diagnostics;
  const compiler::ScannedSource scanned = compiler::scanSource(source, fileName, diagnostics);
  auto form = std::make_shared<Template>();
  const compiler::FrontMatter front =
      compiler::readFrontMatter(scanned.frontMatter, scanned.frontMatterLine, fileName, *form, diagnostics);
  compiler::TagResolver tags(*form, fileName, diagnostics);
  auto body = std::make_shared<Body>();
  body->page = front.page;
  body->fontSize = front.fontSize;
  body->blocks = compiler::buildDocument(scanned, front.fontSize, tags);
  if (body->blocks.empty()) tags.report({scanned.frontMatterLine, 1}, "the template has no body");
  std::set<std::size_t> signers;
  if (!form->parties.empty()) checkAnchors(body->blocks, signers, tags, *form);
  for (const std::string& name : tags.unusedFields()) {
    tags.report({scanned.frontMatterLine, 1}, "field \"" + name + "\" is declared but never used");
  }
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  if (!diagnostics.empty()) return result;
  form->body = std::move(body);
  core::Bytes digest(SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(source.data()), source.size(), digest.data());
  form->sourceSha256 = core::toHex(digest);
  result.compiled = std::move(form);
  return result;
}

namespace {

std::shared_ptr<const Template> load(const std::filesystem::path& path, core::ErrorCode onFault) {
  constexpr std::size_t kLargestSource = 4u << 20;
  Compilation compilation = compile(core::readFile(path, kLargestSource), path.string());
  if (compilation.compiled) return compilation.compiled;
  std::string message = "template " + path.string() + " does not compile";
  for (const Diagnostic& diagnostic : compilation.diagnostics) {
    message += "\n" + diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" +
               std::to_string(diagnostic.column) + ": " + diagnostic.message;
  }
  throw core::Error(onFault, message);
}

std::filesystem::path shippedFolder() {
  if (const char* folder = std::getenv("QIANDA_TEMPLATE_DIR")) return folder;
  return QIANDA_SHIPPED_TEMPLATES;
}

std::filesystem::path courtFolder() {
  if (const char* folder = std::getenv("QIANDA_COURT_TEMPLATE_DIR")) return folder;
  return QIANDA_COURT_TEMPLATES;
}

std::vector<std::shared_ptr<const Template>> loadAll(const std::filesystem::path& folder) {
  std::vector<std::shared_ptr<const Template>> templates;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".md") templates.push_back(load(entry.path(), core::ErrorCode::kSystem));
  }
  if (error) throw core::Error(core::ErrorCode::kSystem, "no templates in " + folder.string());
  std::sort(templates.begin(), templates.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  return templates;
}

}  // namespace

std::vector<std::shared_ptr<const Template>> shippedTemplates() { return loadAll(shippedFolder()); }

const std::vector<std::shared_ptr<const Template>>& courtTemplates() {
  static const std::vector<std::shared_ptr<const Template>> templates = loadAll(courtFolder());
  return templates;
}

std::shared_ptr<const Template> getCourtTemplate(std::string_view id) {
  for (const auto& form : courtTemplates()) {
    if (form->id == id) return form;
  }
  throw core::Error(core::ErrorCode::kNotFound, "no template of the court is called \"" + std::string(id) + "\"");
}

std::shared_ptr<const Template> getTemplate(const std::string& idOrPath) {
  if (idOrPath.find('/') != std::string::npos || idOrPath.ends_with(".md")) {
    return load(idOrPath, core::ErrorCode::kInvalidInput);
  }
  const std::filesystem::path shipped = shippedFolder() / (idOrPath + ".md");
  if (!std::filesystem::exists(shipped)) {
    throw core::Error(core::ErrorCode::kNotFound,
                      "no template is called \"" + idOrPath + "\" (see: qianda template list)");
  }
  return load(shipped, core::ErrorCode::kSystem);
}

}  // namespace qianda::templates
