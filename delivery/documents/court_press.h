// Who seals for the court: composes documents from frozen templates, seals them with the court's seal under a grant of
// who asks, and makes them durable, before any row names them. Behind it stand the press and the seals of the house,
// which this room does not know. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/actor.h"
#include "core/id.h"
#include "core/time.h"
#include "storage/sql/database.h"
#include "templates/field.h"
#include "templates/template.h"

namespace qianda::delivery {

struct PressItem {
  std::shared_ptr<const templates::Template> form;
  templates::Record record;
};

struct PressedDocument {
  core::DocumentId id;
  std::string sha256;  // of the whole PDF
  std::int64_t size = 0, pages = 0;
};

struct Pressed {
  std::vector<PressedDocument> documents;  // as the items, durable
  // In the transaction that makes them exist: the seal's grant is settled.
  std::function<void(storage::Transaction&)> settle = [](storage::Transaction&) {};
};

class CourtPress {
 public:
  virtual ~CourtPress() = default;
  // `subject`: what is sealed, "step:<id>"; the same one asked for again is one use of the grant. Throws kConflict when
  // no grant allows it (the message says why), kNotFound for no such seal, kUnavailable when key or timestamp cannot be
  // had now, kInvalidInput naming field and character that no font has.
  virtual Pressed press(const core::Actor& actor, const std::string& seal, const std::string& subject,
                        const std::vector<PressItem>& items, core::Instant now) = 0;
};

}  // namespace qianda::delivery
