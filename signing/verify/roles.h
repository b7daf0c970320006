// What the objects of a signed revision are for: which are reached by what a reader shows, which hold a role that a
// later revision may touch (catalog, form, lists of fields and annotations, form fields), and which serve nothing but
// validation data or metadata. A role counts only for an object that nothing else uses: a stream named by /DSS and by
// a page belongs to the page.
#pragma once

#include <map>
#include <set>
#include <string>

#include "signing/pdf/document.h"

namespace qianda::signing::verify {

struct FieldRole {
  std::string name;            // fully qualified
  std::string type;            // "Tx", "Sig" ..., inherited ones too
  std::uint32_t owner = 0;     // the field that has the value: itself, or its parent where this is only a widget
  bool isSignedField = false;  // a signature field that has its signature
};

struct Roles {
  std::uint32_t catalog = 0, form = 0, fieldArray = 0;  // 0: not an object of its own, or not only that
  std::set<std::uint32_t> pages;
  std::map<std::uint32_t, std::uint32_t> annotationArrays;  // array -> its page
  std::map<std::uint32_t, std::uint32_t> pageOfAnnotation;
  std::map<std::uint32_t, FieldRole> fields;  // fields and their widgets
  std::set<std::string> fieldNames;           // all, also of fields that only group others
  std::map<std::uint32_t, const char*> free;  // may change: the kind of change
  std::set<std::uint32_t> used;               // reached from the catalog otherwise than as free
  std::set<std::uint32_t> dangling;           // named by used objects, but there is no such object
  int certification = 0;                      // certificationOf
};

Roles readRoles(pdf::Document& document);

// P of the document's certification (ISO 32000-1 12.8.2.2): 1, 2 or 3; 0 where there is none.
int certificationOf(pdf::Document& document);

}  // namespace qianda::signing::verify
