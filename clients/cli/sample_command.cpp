#include <fstream>
#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"
#include "core/error.h"
#include "core/time.h"
#include "templates/sample_roster.h"
#include "templates/template.h"

namespace qianda::cli {
namespace {

int sampleRoster(const std::string& id, std::uint64_t count, std::uint64_t seed, const std::string& out) {
  const auto form = templates::getTemplate(id);
  std::ofstream stream(out, std::ios::binary | std::ios::trunc);
  if (!stream) throw core::Error(core::ErrorCode::kSystem, "cannot write " + out);
  templates::writeSampleRoster(*form, count, seed, core::chinaDate(core::now()), stream);
  stream.close();
  if (!stream) throw core::Error(core::ErrorCode::kSystem, "cannot write " + out);
  std::cerr << out << ": " << grouped(count) << " rows of invented people\n";
  return 0;
}

}  // namespace

std::vector<Command> addSampleCommands(CLI::App& app) {
  CLI::App* group = app.add_subcommand("sample", "Invented data");
  group->require_subcommand(1);
  CLI::App* roster = group->add_subcommand("roster", "A roster of invented people with lawful rows");
  auto id = std::make_shared<std::string>(), out = std::make_shared<std::string>();
  auto count = std::make_shared<std::uint64_t>(), seed = std::make_shared<std::uint64_t>(1);
  roster->add_option("--template", *id, "Template id or path")->required();
  roster->add_option("--count", *count, "Rows")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}));
  roster->add_option("--seed", *seed, "The same seed gives the same people");
  roster->add_option("--out", *out, "CSV to write")->required();
  return {{roster, [=] { return sampleRoster(*id, *count, *seed, *out); }}};
}

}  // namespace qianda::cli
