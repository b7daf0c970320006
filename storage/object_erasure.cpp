// Erasing documents of an ObjectDocumentStore: marked in their rows (from then on nobody reads them), then what others
// keep in the same object is copied to another one, the object is removed, and only then the rows say that all is gone.
// Every step bears repetition, also by several processes at once.
#include <set>

#include "core/digest.h"
#include "core/error.h"
#include "storage/object_document_store.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

// Nobody takes so long between putting an object and naming it.
constexpr std::chrono::hours kLeftoverAge{24};

std::string prefixName(const std::string& hash) { return "prefixes/" + hash; }

std::int64_t milliseconds(core::Instant instant) { return instant.time_since_epoch().count(); }

}  // namespace

std::vector<core::DocumentId> ObjectDocumentStore::listContinuations(const core::DocumentId& id) {
  const Rows rows = database_.looked<Rows>([&](Transaction& transaction) {
    return transaction.query(
        "WITH RECURSIVE later (id) AS (SELECT id FROM stored_documents WHERE continues = $1 UNION SELECT d.id FROM "
        "stored_documents d JOIN later ON d.continues = later.id) SELECT id FROM later ORDER BY id",
        {id.text()});
  });
  std::vector<core::DocumentId> ids;
  for (const Row& row : rows) ids.push_back(core::DocumentId::parse(row.text(0)).value());
  return ids;
}

void ObjectDocumentStore::putNoted(const std::string& name, std::string_view octets) {
  database_.write([&](Transaction& transaction) {
    transaction.insertAll("INSERT INTO stored_leftovers (object, since_ms) VALUES", 2,
                          {{name, milliseconds(core::now())}}, true);
  });
  objects_->put(name, octets);
}

// Copies what is left in the object to another one and lets the rows say so; false when another process was faster.
bool ObjectDocumentStore::moveLiving(const std::string& object, const Rows& living) {
  const std::string octets = objects_->get(object), name = "groups/" + core::DocumentId::at(core::now()).text();
  std::string kept;
  std::vector<Values> moves;
  for (const Row& row : living) {
    const auto start = static_cast<std::size_t>(row.number(1)), length = static_cast<std::size_t>(row.number(2));
    const std::string tail = start > octets.size() ? std::string() : octets.substr(start, length);
    if (core::sha256Hex(tail) != row.text(3)) {
      throw Error(ErrorCode::kCorrupt,
                  "document " + row.text(0) + " was changed in " + objects_->describe() +
                      ": nothing of the same object can be erased until it is mended",
                  "a stored document is damaged");
    }
    moves.push_back({name, static_cast<std::int64_t>(kept.size()), row.text(0), object});
    kept += tail;
  }
  putNoted(name, kept);
  try {
    database_.write([&](Transaction& transaction) {
      for (const Values& move : moves) {
        if (transaction.execute("UPDATE stored_documents SET object = $1, start = $2 WHERE id = $3 AND object = $4 AND "
                                "erased = 0",
                                move) == 0) {
          throw Error(ErrorCode::kConflict, "object " + object + " is left by another process");
        }
      }
      transaction.execute("DELETE FROM stored_leftovers WHERE object = $1", {name});
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict) throw;
    removeLeftover(name);
    return false;
  }
  return true;
}

void ObjectDocumentStore::leaveObject(const std::string& object) {
  std::string before;
  for (;;) {
    const Rows living = database_.looked<Rows>([&](Transaction& transaction) {
      return transaction.query(
          "SELECT id, start, length, sha256 FROM stored_documents WHERE object = $1 AND erased = 0 ORDER BY start",
          {object});
    });
    if (living.empty()) break;
    const std::string names = living.front().text(0) + "+" + std::to_string(living.size());
    try {
      moveLiving(object, living);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound || names == before) throw;  // another process may have removed it
    }
    before = names;
  }
  objects_->remove(object);
}

void ObjectDocumentStore::erasePrefix(const std::string& hash) {
  database_.write([&](Transaction& transaction) {
    // The row's lock first: who appends with this prefix holds it too.
    if (transaction.execute("UPDATE stored_prefixes SET length = length WHERE sha256 = $1 AND length > 0", {hash}) == 0)
      return;
    if (transaction.findRow("SELECT 1 FROM stored_documents WHERE prefix = $1 AND erased = 0 LIMIT 1", {hash})) return;
    objects_->remove(prefixName(hash));
    transaction.execute("UPDATE stored_prefixes SET erased_ms = $1 WHERE sha256 = $2",
                        {milliseconds(core::now()), hash});
  });
  const std::lock_guard guard(mutex_);
  prefixes_.erase(hash);
}

void ObjectDocumentStore::removeLeftovers() {
  const Rows old = database_.looked<Rows>([&](Transaction& transaction) {
    return transaction.query("SELECT object FROM stored_leftovers WHERE since_ms < $1",
                             {milliseconds(core::now() - kLeftoverAge)});
  });
  for (const Row& row : old) removeLeftover(row.text(0));
}

void ObjectDocumentStore::removeLeftover(const std::string& object) {
  objects_->remove(object);
  database_.write([&](Transaction& transaction) {
    transaction.execute("DELETE FROM stored_leftovers WHERE object = $1", {object});
  });
}

void ObjectDocumentStore::erase(const std::vector<core::DocumentId>& ids) {
  removeLeftovers();
  std::set<std::string> objects, prefixes;
  database_.write([&](Transaction& transaction) {
    objects.clear();
    prefixes.clear();
    for (const core::DocumentId& id : ids) {
      transaction.execute("UPDATE stored_documents SET erased = 1 WHERE id = $1 AND erased = 0", {id.text()});
      const auto row =
          transaction.findRow("SELECT object, prefix, erased FROM stored_documents WHERE id = $1", {id.text()});
      if (!row) throw Error(ErrorCode::kNotFound, "there is no document " + id.text());
      if (row->number(2) == 2) continue;
      objects.insert(row->text(0));
      prefixes.insert(row->text(1));
    }
  });
  for (const std::string& object : objects) leaveObject(object);
  for (const std::string& prefix : prefixes) erasePrefix(prefix);
  database_.write([&](Transaction& transaction) {
    for (const core::DocumentId& id : ids) {
      transaction.execute("UPDATE stored_documents SET erased = 2 WHERE id = $1", {id.text()});
    }
  });
}

}  // namespace qianda::storage
