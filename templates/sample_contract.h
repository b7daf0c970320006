// One invented, lawful contract as texts by standard field name. What a template demands of every row (a probation, a
// term type) is respected; the rest varies: terms, probation, hours, pay, optional clauses, lengths of text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"
#include "templates/law/facts.h"
#include "templates/sample_people.h"
#include "templates/template.h"

namespace qianda::templates {

class SampleContract {
 public:
  SampleContract(const Template& form, std::uint64_t seed, core::Date today);

  // Fills `cells` (indexed like the fields) with the contract number `index`; what does not apply stays empty.
  void write(std::uint64_t index, SampleRandom& random, std::vector<std::string>& cells) const;

 private:
  struct Pen;
  void writeParties(Pen& pen) const;
  void writeTerm(Pen& pen) const;
  void writeWork(Pen& pen) const;
  void writePay(Pen& pen) const;
  void writeClauses(Pen& pen) const;
  void writeDispatch(Pen& pen) const;
  // One of the wanted values that the template's choice offers, or empty.
  std::string choose(Pen& pen, law::Known name, std::vector<std::string> wanted) const;
  bool isAlwaysRequired(law::Known name) const;

  const Template* form_;
  law::Bindings bindings_;
  std::uint64_t seed_;
  core::Date today_;
};

}  // namespace qianda::templates
