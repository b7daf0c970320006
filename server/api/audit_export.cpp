#include "contracts/evidence/audit_export.h"

#include <cstdio>
#include <memory>

#include "contracts/envelope/details.h"
#include "core/error.h"
#include "server/api/evidence_routes.h"
#include "server/http/problem.h"
#include "server/services.h"

namespace qianda::server {
namespace {

// What a slow client has not taken yet stands in a file without a name, so that it holds no transaction open.
class Spool {
 public:
  Spool() : file_(std::tmpfile(), &std::fclose) {
    if (!file_) throw core::Error(core::ErrorCode::kSystem, "no temporary file");
  }
  void write(std::string_view octets) {
    if (std::fwrite(octets.data(), 1, octets.size(), file_.get()) != octets.size())
      throw core::Error(core::ErrorCode::kSystem, "the temporary folder is full");
  }
  void send(BodyWriter& out) {
    std::rewind(file_.get());
    char buffer[64 << 10];
    for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, file_.get())) > 0;)
      out.write({buffer, count});
    if (std::ferror(file_.get())) throw core::Error(core::ErrorCode::kSystem, "the temporary file cannot be read");
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace

EvidenceServices& evidenceOf(Services& services) {
  if (!services.evidence || !services.database) throw Problem(503, "unavailable", "this service keeps no evidence");
  return *services.evidence;
}

storage::AuditEntry auditEntryOf(const Request& request, const std::string& stream, const std::string& organisation,
                                 const std::string& type, const std::string& details, core::Instant now) {
  const char* kind = request.principal.kind == Principal::Kind::kApiKey ? "api_key:" : "user:";
  return {stream,
          organisation,
          now,
          type,
          kind + request.principal.id,
          request.peer,
          request.findHeader("User-Agent").value_or(""),
          details};
}

Response exportAuditLog(Services& services, const Request& request) {
  EvidenceServices& evidence = evidenceOf(services);
  const std::string& organisation = request.principal.organisation;
  const core::Instant now = services.clock();
  services.database->write([&](storage::Transaction& transaction) {
    storage::appendAudit(
        transaction, auditEntryOf(request, "organisation:" + organisation, organisation, "audit.exported", "{}", now));
  });
  const auto spool = std::make_shared<Spool>();
  contracts::exportAudit(*services.database, organisation, evidence.platform->signer(),
                         evidence.platform->certificates(), now,
                         [&](std::string_view octets) { spool->write(octets); });
  Response response;
  response.mediaType = "application/jsonl";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"qianda-audit-" + organisation + ".jsonl\"");
  response.stream = [spool](BodyWriter& out) { spool->send(out); };
  return response;
}

}  // namespace qianda::server
