// Erasing documents of a SegmentDocumentStore: marked in the catalogue (from then on nobody reads them), overwritten,
// synced, noted as gone. A crash between two steps leaves marks, which the next opening or the next call takes up.
#include <algorithm>
#include <map>

#include "core/error.h"
#include "storage/segment_store_state.h"

namespace qianda::storage {

using core::Error;
using core::ErrorCode;

constexpr const char* kErasedWords = "the document was erased";

core::Error erasedError(const core::DocumentId& id) {
  return {ErrorCode::kNotFound, "document " + id.text() + " was erased", kErasedWords};
}

bool saysErased(const core::Error& error) {
  return error.code() == ErrorCode::kNotFound && error.clientMessage() == kErasedWords;
}

DocumentPlace SegmentDocumentStore::State::getPlace(const core::DocumentId& id) {
  const auto found = catalogue->findDocument(id);
  if (!found) throw Error(ErrorCode::kNotFound, "there is no document " + id.text());
  if (found->erased == Erased::kNo) return *found;
  throw erasedError(id);
}

void SegmentDocumentStore::State::readDocument(const core::DocumentId& id, const DocumentPlace& place, char* prefix,
                                               char* tail) {
  try {
    const Sha256& hash = place.prefix.sha256;
    if (prefix != nullptr) readChecked(place.prefix.place, {RecordType::kPrefix, {}, hash}, prefix);
    if (tail != nullptr) readChecked(place.tail, {RecordType::kDocument, id, hash}, tail);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCorrupt) getPlace(id);
    throw;
  }
}

void SegmentDocumentStore::State::finishErasures() {
  std::map<std::uint64_t, std::vector<Place>> places;  // by segment
  const DocumentColumns documents = catalogue->documentsErasing();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    places[documents.placeAt(i).segment].push_back(documents.placeAt(i));
  }
  for (const PrefixEntry& prefix : catalogue->prefixesErasing()) {
    places[prefix.place.segment].push_back(prefix.place);
    prefixes.erase(prefix.sha256);
  }
  for (const auto& [segment, records] : places) {
    try {
      SegmentFile file(segmentPath(segment), SegmentFile::Mode::kWrite);
      file.leaveDirect();
      for (const Place& record : records) eraseRecord(file, record);
      file.sync();
      written.insert(segment);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;  // a segment that is gone holds nothing
    }
  }
  if (!places.empty()) catalogue->noteErased();
}

void SegmentDocumentStore::State::resumeErasures() {
  const std::lock_guard guard(writing);
  try {
    const StoreLock erasing(folder / kErasingLock);
    finishErasures();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict) throw;
  }
}

std::vector<core::DocumentId> SegmentDocumentStore::listContinuations(const core::DocumentId& id) {
  return state_->catalogue->listContinuations(id);
}

void SegmentDocumentStore::erase(const std::vector<core::DocumentId>& ids) {
  const std::lock_guard guard(state_->writing);
  state_->checkWritable();
  std::optional<StoreLock> erasing;
  try {
    erasing.emplace(state_->folder / kErasingLock);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict) throw;
    throw Error(ErrorCode::kUnavailable, "a copy of " + state_->folder.string() + " is being made");
  }
  state_->catalogue->markErasing(ids);
  state_->finishErasures();
}

}  // namespace qianda::storage
