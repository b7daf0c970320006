#include "contracts/pipeline.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "core/bounded_queue.h"

namespace qianda::contracts {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr std::size_t kRowOctets = 512;  // what a document weighs beside its tail

std::size_t weightOf(const Documents& documents) {
  std::size_t octets = 0;
  for (const storage::NewDocument& document : documents) octets += document.tail.size() + kRowOctets;
  return octets;
}

Documents joined(std::vector<Documents> chunks) {
  if (chunks.size() == 1) return std::move(chunks.front());
  std::size_t count = 0;
  for (const Documents& chunk : chunks) count += chunk.size();
  Documents group;
  group.reserve(count);
  for (Documents& chunk : chunks) std::move(chunk.begin(), chunk.end(), std::back_inserter(group));
  return group;
}

}  // namespace

std::uint64_t runChunks(const std::function<ChunkMaker(unsigned)>& startWorker, const PipelineSink& sink,
                        const PipelineOptions& options) {
  const unsigned workers = options.workers > 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
  // One half waits here while the other half is being stored.
  core::BoundedQueue<Documents> made(options.inFlightOctets / 2);
  std::atomic<unsigned> running = workers;

  auto work = [&](unsigned index) {
    try {
      const ChunkMaker makeChunk = startWorker(index);
      for (;;) {
        Documents chunk;
        chunk.reserve(options.chunk);
        if (!makeChunk(chunk)) break;
        if (chunk.empty()) continue;
        const std::size_t weight = weightOf(chunk);
        made.push(std::move(chunk), weight);
      }
      if (--running == 0) made.close();
    } catch (...) {
      made.fail(std::current_exception());
    }
  };
  auto storeGroups = [&] {
    std::uint64_t stored = 0;
    Clock::time_point reported = Clock::now();
    for (;;) {
      const Documents group = joined(made.popAll(options.inFlightOctets / 8 * 3, options.patience));
      if (group.empty()) break;
      sink.store(group);
      stored += group.size();
      if (sink.progress && Clock::now() - reported >= kProgressInterval) {
        reported = Clock::now();
        sink.progress(stored);
      }
    }
    if (sink.progress) sink.progress(stored);
    return stored;
  };

  std::vector<std::jthread> threads;
  try {
    for (unsigned i = 0; i < workers; ++i) threads.emplace_back(work, i);
    return storeGroups();
  } catch (...) {
    made.fail(std::current_exception());
    throw;
  }
}

}  // namespace qianda::contracts
