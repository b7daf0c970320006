// Any octets as an authority's answer to a stored query (RFC 3161), and as a token in a file.
#include <cstdint>

#include "core/error.h"
#include "core/file.h"
#include "signing/trust/timestamp_protocol.h"
#include "signing/verify/timestamp_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qianda;
  static const std::string query = core::readFile(QIANDA_SOURCE_DIR "/tests/fuzz/corpus/tsp/query.tsq");
  const core::BytesView octets(data, size);
  try {
    signing::readTimestampAnswer(core::viewOf(query), octets);
  } catch (const core::Error&) {
  }
  const signing::verify::Token token = signing::verify::judgeToken(octets, {"a contract"});
  // A verdict is never without its reason.
  if (!token.finding.passed() && (token.finding.subIndication.empty() || token.finding.reason.empty()))
    __builtin_trap();
  return 0;
}
