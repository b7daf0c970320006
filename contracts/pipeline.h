// Three stages that run at once: a source yields items, workers make documents of them, and the calling thread stores
// those in groups. Items are taken in chunks and documents handed over in chunks, so that a document costs next to no
// synchronisation; while one group is being synced the workers fill the next. The order of documents is not kept.
// Memory is bounded by inFlightOctets and one chunk per worker. The first exception of any stage stops all of them and
// is thrown to the caller; documents that were made but not yet stored are dropped then.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/document_store.h"

namespace qianda::contracts {

struct PipelineOptions {
  unsigned workers = 0;                    // 0: one per core
  std::size_t chunk = 32;                  // items a worker takes at once
  std::size_t inFlightOctets = 16u << 20;  // of documents made and not yet stored
  std::chrono::milliseconds patience{20};  // how long a small group waits for more
};

using Documents = std::vector<storage::NewDocument>;

struct PipelineSink {
  std::function<void(const Documents&)> store;              // one group; called by the calling thread
  std::function<void(std::uint64_t stored)> progress = {};  // at most ten times a second, and at the end
};

// A worker's loop body: adds the documents of the next chunk, false when the source has ended.
using ChunkMaker = std::function<bool(Documents&)>;

// Calls startWorker(i) and then its ChunkMaker in each worker's own thread. Returns the number of documents stored.
std::uint64_t runChunks(const std::function<ChunkMaker(unsigned)>& startWorker, const PipelineSink& sink,
                        const PipelineOptions& options);

template <typename Item, typename Worker>
struct PipelineSteps {
  std::function<bool(Item&)> source;            // the next item, false at the end; one call at a time
  std::function<Worker(unsigned)> startWorker;  // what a worker keeps for itself
  // Many calls at once, each with its own worker; nullopt: the item has no document now.
  std::function<std::optional<storage::NewDocument>(Item&, Worker&)> make;
};

template <typename Item, typename Worker>
std::uint64_t runPipeline(const PipelineSteps<Item, Worker>& steps, const PipelineSink& sink,
                          const PipelineOptions& options = {}) {
  std::mutex mutex;
  bool ended = false;
  auto take = [&](std::vector<Item>& items) {
    const std::lock_guard lock(mutex);
    std::size_t taken = 0;
    while (!ended && taken < items.size()) {
      ended = true;  // also when it throws
      ended = !steps.source(items[taken]);
      if (!ended) ++taken;
    }
    return taken;
  };
  auto startWorker = [&](unsigned index) -> ChunkMaker {
    return [&steps, &take, items = std::vector<Item>(options.chunk),
            worker = std::shared_ptr<Worker>(new Worker(steps.startWorker(index)))](Documents& documents) mutable {
      const std::size_t taken = take(items);
      for (std::size_t i = 0; i < taken; ++i) {
        if (auto document = steps.make(items[i], *worker)) documents.push_back(std::move(*document));
      }
      return taken > 0;
    };
  };
  return runChunks(startWorker, sink, options);
}

}  // namespace qianda::contracts
