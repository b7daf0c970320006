// Walks the whole table of routes as everybody: nobody, each role of an organisation, an API key; with ids of the own
// organisation, of a fellow user and of another organisation. What each answer must be follows from the route (access,
// permission) and its TenantCase; a route without one is a fault. Other rooms add their routes by a line in `cases`
// and, for a parameter that is new, a maker of ids. Returns faults as texts, so that a test can show that it finds
// some.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/service.h"

namespace qianda::test {

struct Tenant {
  std::string organisation, kind, mark;   // the mark is in every name of the tenant's data
  std::map<std::string, Member> members;  // by role
};

// Makes something in the tenant, of that member where it belongs to a person, and returns its id.
using IdMaker = std::function<std::string(TestService&, Tenant&, Member&)>;

struct TenantCase {
  std::string operation;
  int own = 200;                 // status for who may, with own ids
  std::string body = {};         // JSON; {name} is an id by its maker, <uscc> <login> <role> <password> are drawn
  bool isPersonal = false;       // ids belong to a user: a fellow's are unknown too
  bool isAcrossTenants = false;  // an operator's business: other organisations' ids are answered like own ones
  bool isGateOnly = false;       // no account may ask, or there is nobody's id in it: only who is let in is judged
  int enrolled = 0;              // status for roles that have a second factor, where it differs
};

class TenantWalk {
 public:
  std::map<std::string, IdMaker> makers;
  std::vector<TenantCase> cases;
  // Selects what belongs to an organisation ($1): the walk as others may not change it.
  std::vector<std::string> snapshots;
  // Gives the service what other rooms' handlers need; what it returns is kept as long as the service.
  std::function<std::shared_ptr<void>(TestService&)> prepare = [](TestService&) { return nullptr; };

  std::vector<std::string> walk(storage::Database& database, const std::vector<server::Route>& routes) {
    AccountService service(database, routes);
    const std::shared_ptr<void> kept = prepare(service.it);
    faults_.clear();
    std::vector<Tenant> tenants;
    for (const std::string& kind : server::organisationKinds()) tenants.push_back(createTenant(service.it, kind));
    Tenant foreign = createTenant(service.it, "enterprise");
    checkCases(routes);
    const auto before = snapshot(database, foreign);
    for (const server::Route& route : routes) {
      const TenantCase* found = findCase(route.operation);
      if (!found) continue;
      askAsNobody(service.it, route, *found, foreign);
      if (route.access == server::Access::kPublic) continue;
      for (Tenant& tenant : tenants) {
        for (const server::Role& role : server::roles()) {
          if (role.kind == tenant.kind) askAs(service.it, route, *found, tenant, role, foreign);
        }
        askAsKey(service.it, route, *found, tenant, foreign);
      }
    }
    if (snapshot(database, foreign) != before) faults_.push_back("the other organisation's data changed");
    return faults_;
  }

 private:
  struct AccountService {
    AccountService(storage::Database& database, const std::vector<server::Route>& routes)
        : it(database, TestService::cheapPolicy(), routes) {}
    TestService it;
  };

  Tenant createTenant(TestService& service, const std::string& kind) {
    Tenant tenant{"", kind, "MARK" + core::DocumentId::random().text(), {}};
    tenant.organisation = service.createOrganisation(kind, "org " + tenant.mark);
    for (const server::Role& role : server::roles()) {
      if (role.kind != kind) continue;
      tenant.members[role.name] = service.createMember(tenant.organisation, role.name, "person " + tenant.mark);
    }
    return tenant;
  }

  const TenantCase* findCase(const std::string& operation) const {
    for (const TenantCase& one : cases) {
      if (one.operation == operation) return &one;
    }
    return nullptr;
  }

  void checkCases(const std::vector<server::Route>& routes) {
    for (const server::Route& route : routes) {
      if (!findCase(route.operation)) faults_.push_back(route.operation + ": no tenant case");
    }
    for (const TenantCase& one : cases) {
      const auto is = [&](const server::Route& route) { return route.operation == one.operation; };
      if (std::none_of(routes.begin(), routes.end(), is)) faults_.push_back(one.operation + ": a case without a route");
    }
  }

  // `text` with each {name} made in the tenant.
  std::string fill(TestService& service, const std::string& text, Tenant& tenant, Member& member) {
    static const std::regex name("\\{([a-z_]+)\\}");
    std::string out = text;
    for (std::smatch match; std::regex_search(out, match, name);) {
      const auto maker = makers.find(match[1]);
      if (maker == makers.end()) throw std::runtime_error("no maker of ids for {" + match[1].str() + "}");
      out = match.prefix().str() + maker->second(service, tenant, member) + match.suffix().str();
    }
    return out;
  }

  static bool hasIds(const server::Route& route, const TenantCase& one) {
    return route.pattern.find('{') != std::string::npos || std::regex_search(one.body, std::regex("\\{[a-z_]+\\}"));
  }

  static std::string draw(std::string body, const Tenant& asking, const Member& member) {
    static int number = 0;
    for (const auto& [word, value] : {std::pair<std::string, std::string>{"<uscc>", drawUscc()},
                                      {"<login>", "walker" + std::to_string(number++)},
                                      {"<role>", server::firstRole(asking.kind).name},
                                      {"<password>", member.password}}) {
      const std::size_t at = body.find(word);
      if (at != std::string::npos) body.replace(at, word.size(), value);
    }
    return body;
  }

  struct Answer {
    Reply reply;
    std::string path;
  };
  // The ids are those of `owner` in `tenant`.
  Answer ask(TestService& service, const server::Route& route, const TenantCase& one, Client client,
             const Tenant& asking, const Member& asker, Tenant& tenant, Member& owner) {
    const std::string path = fill(service, route.pattern, tenant, owner);
    const std::string body = draw(fill(service, one.body, tenant, owner), asking, asker);
    return {service.send(client, route.method, path, body), path};
  }

  // For answers that do not depend on the ids.
  static Answer knock(TestService& service, const server::Route& route, const TenantCase& one, Client client,
                      const Tenant& tenant) {
    const std::string path = std::regex_replace(route.pattern, std::regex("\\{[a-z_]+\\}"), tenant.organisation);
    return {service.send(client, route.method, path, one.body), path};
  }

  void judge(const std::string& who, const server::Route& route, const Answer& answer, int expected,
             const std::vector<std::string>& unseen) {
    const std::string what = who + " " + route.method + " " + answer.path + ": ";
    if (answer.reply.status != expected) {
      faults_.push_back(what + std::to_string(answer.reply.status) + " instead of " + std::to_string(expected) + " " +
                        answer.reply.body.substr(0, 200));
    }
    for (const std::string& mark : unseen) {
      if (answer.reply.body.find(mark) != std::string::npos) faults_.push_back(what + "leaks " + mark);
    }
  }

  static std::vector<std::string> marksOf(const Tenant& tenant) {
    std::vector<std::string> marks{tenant.mark};
    for (const auto& [role, member] : tenant.members) marks.insert(marks.end(), {member.id, member.login});
    return marks;
  }

  void askAsNobody(TestService& service, const server::Route& route, const TenantCase& one, Tenant& foreign) {
    if (one.isGateOnly && route.access == server::Access::kPublic) return;
    Member& owner = foreign.members.begin()->second;
    if (one.isGateOnly) {
      judge("nobody", route, knock(service, route, one, {}, foreign), 401, marksOf(foreign));
      return;
    }
    const int expected = route.access == server::Access::kPublic ? one.own : 401;
    Client client;
    judge("nobody", route, ask(service, route, one, client, foreign, owner, foreign, owner), expected,
          marksOf(foreign));
    client.bearer = "qk_" + core::DocumentId::random().text() + "_" + server::randomToken();
    if (route.access == server::Access::kPublic) return;
    judge("a made-up key", route, ask(service, route, one, client, foreign, owner, foreign, owner), 401,
          marksOf(foreign));
  }

  void askAs(TestService& service, const server::Route& route, const TenantCase& one, Tenant& tenant,
             const server::Role& role, Tenant& foreign) {
    const std::string who = tenant.kind + "/" + role.name;
    // A fresh one for each request that is let through: some end sessions or change passwords.
    const auto fresh = [&] { return service.createMember(tenant.organisation, role.name, "person " + tenant.mark); };
    const bool mayAsk =
        route.access != server::Access::kCeremony && (route.permission.empty() || route.permission == "account:write" ||
                                                      role.permissions.contains(route.permission));
    const int own = role.needsSecondFactor && one.enrolled ? one.enrolled : one.own;
    if (!mayAsk) {  // whatever the ids are
      judge(who, route, knock(service, route, one, tenant.members.at(role.name).client, foreign), 403,
            marksOf(foreign));
      return;
    }
    if (one.isGateOnly) return;
    Member asker = fresh();
    judge(who, route, ask(service, route, one, asker.client, tenant, asker, tenant, asker), own,
          one.isAcrossTenants ? std::vector<std::string>() : marksOf(foreign));
    if (!hasIds(route, one)) return;
    const int elsewhere = one.isAcrossTenants ? own : 404;
    asker = fresh();
    Member& stranger = foreign.members.begin()->second;
    const Answer answer = ask(service, route, one, asker.client, tenant, asker, foreign, stranger);
    judge(who + " elsewhere", route, answer, elsewhere,
          one.isAcrossTenants ? std::vector<std::string>() : marksOf(foreign));
    if (one.isAcrossTenants) return;
    checkLikeUnknown(service, who, route, one, asker, tenant, answer.reply);
    if (!one.isPersonal) return;
    Member fellow = fresh();
    judge(who + " with a fellow's", route, ask(service, route, one, asker.client, tenant, asker, tenant, fellow), 404,
          {});
  }

  // What is another's looks as what never was.
  void checkLikeUnknown(TestService& service, const std::string& who, const server::Route& route, const TenantCase& one,
                        Member& asker, Tenant& tenant, const Reply& other) {
    static const std::regex name("\\{(?!number|party)[a-z_]+\\}");  // those two are no ids
    const std::string id = core::DocumentId::random().text();
    const std::string path = fill(service, std::regex_replace(route.pattern, name, id), tenant, asker);
    const std::string body = draw(std::regex_replace(one.body, name, id), tenant, asker);
    const Reply unknown = service.send(asker.client, route.method, path, body);
    const auto told = [](const Reply& reply) {
      const server::Json* detail = reply.json.find("detail");
      const std::string text = detail ? detail->text() : "";
      return std::to_string(reply.status) + " " + reply.code() + " " +
             std::regex_replace(text, std::regex("[0-9A-Z]{26}"), "ID");
    };
    if (told(unknown) != told(other)) {
      faults_.push_back(who + " " + route.operation + ": an unknown id is answered " + told(unknown) +
                        ", another organisation's " + told(other));
    }
  }

  void askAsKey(TestService& service, const server::Route& route, const TenantCase& one, Tenant& tenant,
                Tenant& foreign) {
    const server::Role& role = server::firstRole(tenant.kind);
    Member& creator = tenant.members.at(role.name);
    if (!keys_.contains(tenant.organisation)) {
      server::Json scopes = server::Json::array();
      for (const std::string& scope : role.permissions) scopes.push(scope);
      const Reply made = service.send(creator.client, "POST", "/api/v1/api-keys",
                                      jsonOf({{"name", "walk"}, {"scopes", scopes}, {"days", 1}}));
      if (made.status != 201) return;  // a table without that route
      keys_[tenant.organisation] = made.text("key");
    }
    Client client;
    client.bearer = keys_[tenant.organisation];
    const bool mayAsk = route.access == server::Access::kAccount &&
                        (route.permission.empty() || role.permissions.contains(route.permission));
    const std::string who = tenant.kind + "'s key";
    if (one.isGateOnly) {
      if (!mayAsk) judge(who, route, knock(service, route, one, client, foreign), 403, marksOf(foreign));
      return;
    }
    judge(who, route, ask(service, route, one, client, tenant, creator, tenant, creator), mayAsk ? one.own : 403,
          one.isAcrossTenants ? std::vector<std::string>() : marksOf(foreign));
    if (!hasIds(route, one)) return;
    Member& stranger = foreign.members.begin()->second;
    judge(who + " elsewhere", route, ask(service, route, one, client, tenant, creator, foreign, stranger),
          !mayAsk               ? 403
          : one.isAcrossTenants ? one.own
                                : 404,
          one.isAcrossTenants ? std::vector<std::string>() : marksOf(foreign));
  }

  std::vector<std::string> snapshot(storage::Database& database, const Tenant& tenant) const {
    std::vector<std::string> all;
    database.read([&](storage::Transaction& transaction) {
      all.clear();
      for (const std::string& select : snapshots) {
        for (const storage::Row& row : transaction.query(select, {tenant.organisation})) all.push_back(row.text(0));
      }
    });
    return all;
  }

  std::map<std::string, std::string> keys_;
  std::vector<std::string> faults_;
};

}  // namespace qianda::test
