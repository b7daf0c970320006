// What the benches of the command line share: a folder of their own, other programs measured beside ours, and how a
// result is printed. Each bench has a file of its own; bench_command.cpp has the group and the main job's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/command.h"
#include "clients/cli/output.h"

namespace qianda::cli {

// Removed with all it holds at the end of its scope.
class WorkFolder {
 public:
  // Throws kSystem when it cannot be made below `parent`.
  explicit WorkFolder(const std::string& parent);
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Median seconds of `rounds` runs of a program from start to end, its output thrown away; nullopt when there is no such
// program or it ends with another status than 0.
std::optional<double> timeProgram(const std::vector<std::string>& arguments, int rounds);
std::string ownProgram();  // path of this very program

// "ecdsa-with-SHA256 (P-256)", "SM2-with-SM3" ... of a kind of key as makeThrowawayCredential names it.
std::string signatureAlgorithmName(const std::string& key);

// One line of JSON, or a line for each of its members.
void printResult(const JsonObject::Ptr& object, bool isJson);
void setPeer(JsonObject& object, const std::string& name, std::optional<double> seconds);

Command addBenchSign(CLI::App& group);
Command addBenchVerify(CLI::App& group);
Command addBenchTimestamp(CLI::App& group);
Command addBenchDelivery(CLI::App& group);
Command addBenchReindex(CLI::App& group);

}  // namespace qianda::cli
