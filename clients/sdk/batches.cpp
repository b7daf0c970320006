#include "qianda/client/batches.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include <Poco/JSON/Array.h>
#include <openssl/rand.h>

#include "clients/sdk/event_stream.h"
#include "clients/sdk/json_reader.h"
#include "clients/sdk/transport.h"

namespace qianda::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::chrono::milliseconds kPause{1000};

Batch batchOf(const JsonReader& answer) {
  Batch batch;
  batch.id = answer.text("id");
  batch.state = answer.text("state");
  batch.reason = answer.text("reason");
  batch.rows = answer.number("rows");
  batch.made = answer.number("made");
  batch.failed = answer.number("failed");
  batch.isCancelAsked = answer.boolean("cancel_asked");
  batch.templateId = answer.text("template");
  batch.templateVersion = answer.text("template_version");
  batch.seal = answer.text("seal");
  batch.signingOrder = answer.text("signing_order");
  batch.level = answer.text("level");
  batch.revision = answer.number("revision");
  batch.createdBy = answer.text("created_by");
  batch.createdAt = answer.text("created_at");
  batch.finishedAt = answer.text("finished_at");
  return batch;
}

BatchRow rowOf(const JsonReader& answer) {
  return {answer.number("row"),  answer.text("state"), answer.text("envelope"),
          answer.text("sha256"), answer.text("name"),  answer.text("reason")};
}

RosterCheck checkOf(const JsonReader& answer) {
  return {answer.boolean("valid"),       answer.number("rows"),
          answer.text("sheet"),          faultsOf(answer.objects("faults")),
          answer.number("fault_count"),  faultsOf(answer.objects("warnings")),
          answer.number("warning_count")};
}

std::string drawKey() {
  unsigned char octets[16];
  if (RAND_bytes(octets, sizeof octets) != 1) throw Error(0, "argument", "no random octets for an idempotency key");
  std::string key;
  for (const unsigned char octet : octets) {
    constexpr char kDigits[] = "0123456789abcdef";
    key += {kDigits[octet >> 4], kDigits[octet & 15]};
  }
  return key;
}

Query parametersOf(const BatchOrder& order) {
  return {{"template", order.templateId}, {"template_version", order.templateVersion},
          {"seal", order.seal},           {"signing_order", order.signingOrder},
          {"deadline", order.deadline},   {"sheet", order.sheet}};
}

bool isWorkbook(const std::filesystem::path& file) {
  char head[4] = {};
  std::ifstream(file, std::ios::binary).read(head, sizeof head);
  return std::string_view(head, sizeof head) == "PK\x03\x04";
}

Call callOf(const BatchOrder& order, const std::filesystem::path& roster) {
  Call call{.method = "POST", .path = pathOf({"batches"}), .query = parametersOf(order), .isRepeatable = true};
  call.mediaType = isWorkbook(roster) ? kXlsx : "text/csv";
  call.bodyFile = roster;
  return call;
}

Call callOf(const BatchOrder& order, const std::vector<Row>& rows, bool isCheck) {
  auto body = newJson();
  for (const auto& [name, value] : parametersOf(order)) {
    if (!value.empty()) body->set(name, value);
  }
  if (isCheck) body->set("validate_only", true);
  Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
  for (const Row& row : rows) {
    auto one = newJson();
    for (const auto& [name, value] : row) one->set(name, value);
    list->add(one);
  }
  body->set("rows", list);
  return {.method = "POST",
          .path = pathOf({"batches"}),
          .mediaType = "application/json",
          .body = dumpJson(body),
          .isRepeatable = true};
}

CreatedBatch create(Client& client, const BatchOrder& order, Call call) {
  CreatedBatch created;
  created.idempotencyKey = order.idempotencyKey.empty() ? drawKey() : order.idempotencyKey;
  call.headers.emplace_back("Idempotency-Key", created.idempotencyKey);
  const Answer answer = client.transport().ask(call);
  const JsonReader body = JsonReader::parse(answer.body);
  created.batch = batchOf(body);
  created.wasThere = answer.isReplay;
  created.warnings = faultsOf(body.objects("warnings"));
  created.warningCount = body.number("warning_count");
  return created;
}

Batch asked(Client& client, const Call& call) { return batchOf(JsonReader::parse(client.transport().ask(call).body)); }

// Tells each state once, the newest last.
class Follower {
 public:
  Follower(Client& client, std::string id, const WaitOptions& options)
      : client_(client), id_(std::move(id)), options_(options), begun_(Clock::now()) {}

  // Whether it is over.
  bool note(const Batch& batch) {
    if (batch.revision > newest_.revision) {
      newest_ = batch;
      if (options_.onProgress) options_.onProgress(newest_);
    }
    return isOver(newest_);
  }
  const Batch& newest() const { return newest_; }

  std::chrono::milliseconds left() const {
    if (!options_.timeout) return std::chrono::hours(24 * 365);
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_);
    if (spent >= *options_.timeout) {
      throw Error(0, "wait_timeout",
                  "the batch " + id_ + " is still " + (newest_.state.empty() ? "under way" : newest_.state));
    }
    return *options_.timeout - spent;
  }

  // Follows one stream as far as it goes.
  void follow() {
    Call call{.path = pathOf({"batches", id_, "events"})};
    call.headers = {{"Accept", "text/event-stream"}, {"Last-Event-ID", std::to_string(newest_.revision)}};
    call.silence = std::min(client_.transport().options().silence, left());
    EventStream events([this](const std::string& data) { note(batchOf(JsonReader::parse(data))); });
    client_.transport().stream(
        call, [] {},
        [&](std::string_view octets) {
          events.take(octets);
          if (!isOver(newest_)) left();
        });
  }

 private:
  Client& client_;
  std::string id_;
  const WaitOptions& options_;
  Clock::time_point begun_;
  Batch newest_;
};

}  // namespace

bool isOver(const Batch& batch) {
  return batch.state == "complete" || batch.state == "cancelled" || batch.state == "stopped" || batch.state == "failed";
}

CreatedBatch createBatch(Client& client, const BatchOrder& order, const std::vector<Row>& rows) {
  return create(client, order, callOf(order, rows, false));
}

CreatedBatch createBatch(Client& client, const BatchOrder& order, const std::filesystem::path& roster) {
  return create(client, order, callOf(order, roster));
}

RosterCheck checkRoster(Client& client, const BatchOrder& order, const std::vector<Row>& rows) {
  return checkOf(JsonReader::parse(client.transport().ask(callOf(order, rows, true)).body));
}

RosterCheck checkRoster(Client& client, const BatchOrder& order, const std::filesystem::path& roster) {
  Call call = callOf(order, roster);
  call.query.emplace_back("validate_only", "true");
  return checkOf(JsonReader::parse(client.transport().ask(call).body));
}

Batch getBatch(Client& client, const std::string& id) {
  return asked(client, {.path = pathOf({"batches", id}), .isRepeatable = true});
}

Page<Batch> listBatches(Client& client, const std::string& before, int limit) {
  const Call call{.path = pathOf({"batches"}),
                  .query = {{"before", before}, {"limit", std::to_string(limit)}},
                  .isRepeatable = true};
  return pageOf(JsonReader::parse(client.transport().ask(call).body), batchOf);
}

Batch cancelBatch(Client& client, const std::string& id) {
  return asked(client, {.method = "POST", .path = pathOf({"batches", id, "cancel"})});
}

Batch waitForBatch(Client& client, const std::string& id, const WaitOptions& options) {
  Follower follower(client, id, options);
  for (;;) {
    // What keeps the state itself from being asked for ends the waiting; events that do not pass do not.
    if (follower.note(getBatch(client, id))) return follower.newest();
    try {
      follower.follow();
    } catch (const Error& error) {
      const bool isOfStream = error.code() == "unreachable" || error.code() == "answer_malformed" ||
                              error.status() == 429 || error.status() >= 500;
      if (!isOfStream) throw;
    }
    if (isOver(follower.newest())) return follower.newest();
    std::this_thread::sleep_for(std::min(kPause, follower.left()));
    follower.left();
  }
}

Page<BatchRow> listBatchRows(Client& client, const std::string& id, const std::string& after, int limit) {
  const Call call{.path = pathOf({"batches", id, "rows"}),
                  .query = {{"after", after}, {"limit", std::to_string(limit)}},
                  .isRepeatable = true};
  return pageOf(JsonReader::parse(client.transport().ask(call).body), rowOf);
}

Download downloadBatch(Client& client, const std::string& id, const std::filesystem::path& file) {
  return client.transport().download(pathOf({"batches", id, "documents"}), file);
}

}  // namespace qianda::client
