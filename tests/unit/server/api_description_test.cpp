// The table of routes, openapi.yaml and docs/api.md say the same.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "core/file.h"
#include "server/config/configuration.h"
#include "server/http/router.h"

namespace qianda::server {
namespace {

const std::filesystem::path kSource = QIANDA_SOURCE_DIR;

std::string accessOf(const Route& route) {
  switch (route.access) {
    case Access::kPublic:
      return "anybody";
    case Access::kAccount:
      return "session apiKey";
    case Access::kUserOnly:
      return "session";
    case Access::kCeremony:
      return "ceremony";
  }
  return "";
}

std::string accessOf(const YAML::Node& security) {
  if (security.size() == 0) return "anybody";
  std::string all;
  for (const auto& way : security) {
    for (const auto& scheme : way) all += (all.empty() ? "" : " ") + scheme.first.as<std::string>();
  }
  return all;
}

std::string lowered(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

// "METHOD PATH OPERATION: WHO [PERMISSION]"
std::set<std::string> described(const YAML::Node& root) {
  static const std::set<std::string> kMethods = {"get", "put", "post", "delete", "patch"};
  std::set<std::string> all;
  for (const auto& path : root["paths"]) {
    for (const auto& operation : path.second) {
      const std::string method = operation.first.as<std::string>();
      if (!kMethods.contains(method)) continue;
      const YAML::Node security =
          operation.second["security"] ? operation.second["security"] : YAML::Node(root["security"]);
      const YAML::Node permission = operation.second["x-permission"];
      all.insert(method + " " + path.first.as<std::string>() + " " + operation.second["operationId"].as<std::string>() +
                 ": " + accessOf(security) + (permission ? " " + permission.as<std::string>() : ""));
    }
  }
  return all;
}

std::set<std::string> routed() {
  std::set<std::string> all;
  for (const Route& route : routes()) {
    all.insert(lowered(route.method) + " " + route.pattern + " " + route.operation + ": " + accessOf(route) +
               (route.permission.empty() ? "" : " " + route.permission));
  }
  return all;
}

YAML::Node description() { return YAML::LoadFile(kSource / "server/api/openapi.yaml"); }

TEST(ApiDescription, HasEveryRouteAndNothingElse) {
  const std::set<std::string> table = routed(), page = described(description());
  EXPECT_FALSE(table.empty());
  for (const std::string& line : table) EXPECT_TRUE(page.contains(line)) << "openapi.yaml lacks " << line;
  for (const std::string& line : page) EXPECT_TRUE(table.contains(line)) << "routes.cpp lacks " << line;
}

TEST(ApiDescription, SeesADifferenceOfMethodOperationAndSecurity) {
  YAML::Node changed = description();
  changed["paths"]["/healthz"]["get"]["security"].push_back(YAML::Load("{session: []}"));
  changed["paths"]["/readyz"]["get"]["operationId"] = "another";
  const std::set<std::string> page = described(changed);
  EXPECT_FALSE(page.contains("get /healthz getHealth: anybody"));
  EXPECT_FALSE(page.contains("get /readyz getReadiness: anybody"));
  EXPECT_TRUE(page.contains("get /metrics getMetrics: anybody"));
}

TEST(ApiDescription, NamesTheParametersOfEveryPath) {
  const std::regex name("\\{([^}]+)\\}");
  for (const auto& path : description()["paths"]) {
    const std::string text = path.first.as<std::string>();
    std::set<std::string> wanted, told;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) wanted.insert((*at)[1]);
    for (const auto& entry : path.second) {
      const YAML::Node list =
          entry.first.as<std::string>() == "parameters" ? entry.second : YAML::Node(entry.second["parameters"]);
      for (const auto& parameter : list) {
        const YAML::Node resolved =
            parameter["$ref"]
                ? YAML::Node(description()["components"]["parameters"][parameter["$ref"].as<std::string>().substr(
                      sizeof "#/components/parameters/" - 1)])
                : YAML::Node(parameter);
        ASSERT_TRUE(resolved["in"]) << text;
        if (resolved["in"].as<std::string>() == "path") told.insert(resolved["name"].as<std::string>());
      }
    }
    EXPECT_EQ(wanted, told) << text;
  }
}

TEST(ApiDescription, ReferencesLeadSomewhere) {
  const YAML::Node root = description();
  const std::string text = core::readFile(kSource / "server/api/openapi.yaml");
  const std::regex reference("#/components/([A-Za-z]+)/([A-Za-z0-9]+)");
  int count = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at, ++count) {
    EXPECT_TRUE(root["components"][(*at)[1].str()][(*at)[2].str()]) << (*at)[0];
  }
  EXPECT_GT(count, 0);
}

// Every `Problem(STATUS, "CODE"` of the server's sources.
std::set<std::string> usedCodes() {
  std::set<std::string> codes;
  const std::regex problem("Problem\\w*(?:\\s+\\w+)?[({]\\s*(\\d{3}),\\s*\"([a-z0-9_]+)\"");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource / "server")) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    const std::string text = core::readFile(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), problem), end; at != end; ++at) {
      codes.insert((*at)[1].str() + " " + (*at)[2].str());
    }
  }
  return codes;
}

// Lines "| 404 | `not_found` | ..." of the table of codes.
std::set<std::string> documentedCodes(const std::string& page) {
  std::set<std::string> codes;
  const std::regex line("\\| (\\d{3}) \\| `([a-z0-9_]+)` \\|");
  for (std::sregex_iterator at(page.begin(), page.end(), line), end; at != end; ++at) {
    codes.insert((*at)[1].str() + " " + (*at)[2].str());
  }
  return codes;
}

TEST(ApiDocument, ListsEveryCodeOfAProblemAndNothingElse) {
  const std::set<std::string> used = usedCodes();
  const std::set<std::string> told = documentedCodes(core::readFile(kSource / "docs/api.md"));
  EXPECT_GT(used.size(), 20u);
  for (const std::string& code : used) EXPECT_TRUE(told.contains(code)) << "docs/api.md lacks " << code;
  for (const std::string& code : told) EXPECT_TRUE(used.contains(code)) << "no source has " << code;
}

TEST(OperationsDocument, HasTheTableOfSettings) {
  const std::string page = core::readFile(kSource / "docs/operations.md");
  std::string table;
  for (const Setting& setting : settings()) {
    table += "| `" + setting.name + "` | " + (setting.value.empty() ? "" : "`" + setting.value + "`") + " | " +
             setting.help + " |\n";
  }
  EXPECT_NE(page.find(table), std::string::npos) << "docs/operations.md must have exactly these lines:\n" << table;
}

}  // namespace
}  // namespace qianda::server
