// Values of a lawful contract of the shipped template "labour-general", as texts, for one worker.
#pragma once

#include <string>
#include <vector>

#include "server/http/json.h"
#include "templates/sample_contract.h"

namespace qianda::test {

inline server::Json lawfulValues(const std::string& name, const std::string& idNumber, const std::string& phone) {
  for (const auto& form : templates::shippedTemplates()) {
    if (form->id != "labour-general") continue;
    const templates::SampleContract sample(*form, 1, core::chinaDate(core::now()));
    templates::SampleRandom random(1);
    std::vector<std::string> cells(form->fields.size());
    sample.write(3, random, cells);
    server::Json out = server::Json::object();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].empty()) out.set(form->fields[i].name, cells[i]);
    }
    out.set("worker_name", name).set("worker_id_no", idNumber);
    return out.set("worker_id_type", "resident_id").set("worker_phone", phone);
  }
  return {};
}

}  // namespace qianda::test
