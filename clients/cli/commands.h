// The whole command table, in one place. Each function adds its subcommands to the application.
#pragma once

#include <vector>

#include "clients/cli/command.h"

namespace qianda::cli {

std::vector<Command> addTemplateCommands(CLI::App& app);
std::vector<Command> addSampleCommands(CLI::App& app);
std::vector<Command> addBatchCommands(CLI::App& app);
std::vector<Command> addSignCommands(CLI::App& app);
std::vector<Command> addVerifyCommands(CLI::App& app);
std::vector<Command> addStoreCommands(CLI::App& app);
std::vector<Command> addBenchCommands(CLI::App& app);
std::vector<Command> addTsaCommands(CLI::App& app);
std::vector<Command> addCaCommands(CLI::App& app);
std::vector<Command> addServeCommands(CLI::App& app);
std::vector<Command> addBackupCommands(CLI::App& app);
std::vector<Command> addAdminCommands(CLI::App& app);
std::vector<Command> addEvidenceCommands(CLI::App& app);
std::vector<Command> addServerCommands(CLI::App& app);
std::vector<Command> addCourtCommands(CLI::App& app);

inline constexpr std::vector<Command> (*kCommands[])(CLI::App&) = {
    addTemplateCommands, addSampleCommands, addBatchCommands,    addSignCommands,   addVerifyCommands,
    addStoreCommands,    addBenchCommands,  addTsaCommands,      addCaCommands,     addServeCommands,
    addBackupCommands,   addAdminCommands,  addEvidenceCommands, addServerCommands, addCourtCommands};

}  // namespace qianda::cli
