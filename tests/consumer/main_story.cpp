// Seals a contract for every row of a roster and fetches the results.
#include <filesystem>
#include <iostream>

#include <qianda/client/batches.h>
#include <qianda/client/envelopes.h>

using namespace qianda::client;

void tell(const Batch& batch) { std::cout << batch.state << " " << batch.made << "/" << batch.rows << "\n"; }

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "main_story SERVER KEY-FILE AUTHORITIES SEAL ROSTER FOLDER\n";
    return 2;
  }
  const std::filesystem::path roster = argv[5], folder = argv[6];
  try {
    Client client({.server = argv[1], .apiKey = readApiKey(argv[2]), .authorities = argv[3]});
    const BatchOrder order{.templateId = "labour-general", .seal = argv[4], .idempotencyKey = "2026-12-intake"};

    const RosterCheck check = checkRoster(client, order, roster);
    for (const Fault& fault : check.faults) {
      std::cout << "row " << fault.row << ", column " << fault.column << " (" << fault.field << "): " << fault.code
                << ": " << fault.messageEn << "\n";
    }
    if (!check.isValid) return 1;

    const CreatedBatch created = createBatch(client, order, roster);
    const Batch batch = waitForBatch(client, created.batch.id, {.onProgress = tell});
    std::cout << "made " << batch.made << " of " << batch.rows << "\n";

    const Download zip = downloadBatch(client, batch.id, folder / "contracts.zip");
    std::cout << zip.file.filename().string() << ": " << zip.octets << " octets\n";
    const std::string envelope = listBatchRows(client, batch.id).items.at(0).envelope;
    downloadDocument(client, envelope, folder / "contract.pdf");
    downloadEvidence(client, envelope, folder / "evidence.zip");
    std::cout << "envelope " << envelope << " is " << getEnvelope(client, envelope).state << "\n";
    return batch.failed == 0 ? 0 : 1;
  } catch (const Error& error) {
    std::cerr << error.code() << " (HTTP " << error.status() << ", request " << error.requestId()
              << "): " << error.what() << "\n";
    return 3;
  }
}
