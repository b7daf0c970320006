"""What a running service really answers about templates, seals, batches and a court's cases against the schemas of its own description:
what is required is there, and nothing is there that is not described. Judged by jsonschema (JSON Schema 2020-12)."""
import argparse
import base64
import copy
import json
import os
import tempfile
import time

import jsonschema
import yaml

from service import Client, Messages, Refused, Service, bootstrap, uscc_of


class Description:
    """The schemas with every object closed: the page leaves them open, for clients pass over what they do not know."""

    def __init__(self, text):
        self.page = yaml.safe_load(text)
        for schema in self.page["components"]["schemas"].values():
            self.close(schema)

    def close(self, schema):
        if isinstance(schema, dict):
            if isinstance(schema.get("properties"), dict):
                schema.setdefault("additionalProperties", False)
            for part in schema.values():
                self.close(part)
        elif isinstance(schema, list):
            for part in schema:
                self.close(part)

    def of(self, operation, status):
        for path in self.page["paths"].values():
            for method in path.values():
                if isinstance(method, dict) and method.get("operationId") == operation:
                    content = method["responses"][str(status)]["content"]
                    return content.get("application/json", content.get("application/problem+json"))["schema"]
        raise AssertionError("no operation " + operation)

    def judge(self, operation, status, answer):
        schema = dict(self.of(operation, status), components=self.page["components"])
        validator = jsonschema.Draft202012Validator(schema)
        return [f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in validator.iter_errors(answer)]


def objects_in(value):
    """Every object within, as (holder, the object)."""
    found = []
    if isinstance(value, dict):
        found.append(value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        found += objects_in(part)
    return found


class Judge:
    def __init__(self, description):
        self.description, self.judged = description, 0

    def take(self, operation, answer, status=200):
        faults = self.description.judge(operation, status, answer)
        assert not faults, (operation, faults, answer)
        # The tampered twins: in every object of the answer one member less, and one more.
        for place in range(len(objects_in(answer))):
            for name in list(objects_in(answer)[place]):
                twin = copy.deepcopy(answer)
                del objects_in(twin)[place][name]
                assert self.description.judge(operation, status, twin), f"{operation} without {name} is accepted"
            twin = copy.deepcopy(answer)
            objects_in(twin)[place]["undeclared"] = 1
            assert self.description.judge(operation, status, twin), f"{operation}: an undeclared member is accepted"
        self.judged += 1
        return answer


def refusal(action):
    try:
        action()
    except Refused as refused:
        return json.loads(refused.body)
    raise AssertionError("was not refused")


def tell(service, folder):
    house = bootstrap(service)
    client, keeper, approver = house["client"], house["people"]["seal_keeper"], house["people"]["seal_approver"]
    judge = Judge(Description(Client(service).get("/api/v1/openapi.yaml", raw=True)))
    take = judge.take
    take("listTemplates", client.get("/api/v1/templates"))
    one = client.get("/api/v1/templates/labour-general")
    one["fields"] = one["fields"][:3] + [field for field in one["fields"] if field["choices"]][:1]  # enough for twins
    take("getTemplate", one)

    seal = take("createSeal", keeper.post("/api/v1/seals", {"name": "合同章", "kind": "contract"}), 201)["id"]
    reason = {"reason": "盘点"}
    take("suspendSeal", keeper.post(f"/api/v1/seals/{seal}/suspend", reason))
    take("resumeSeal", keeper.post(f"/api/v1/seals/{seal}/resume", reason))
    take("revokeSeal", keeper.post(f"/api/v1/seals/{seal}/revoke", reason))
    take("getSeal", client.get(f"/api/v1/seals/{seal}"))
    take("listSeals", client.get("/api/v1/seals"))
    take("listSeals", client.get("/api/v1/seals?limit=1"))
    grants = "/api/v1/seal-grants"
    wish = {"seal": house["seal"], "template": "*", "grantee": "api_key:" + house["grant"], "not_before": "2020-01-01",
            "not_after": "2099-12-31", "quota": 1, "purpose": "试"}
    propose = lambda: take("proposeSealGrant", keeper.post(grants, wish), 201)["id"]
    take("rejectSealGrant", approver.post(f"{grants}/{propose()}/reject", reason))
    approved = propose()
    take("approveSealGrant", approver.post(f"{grants}/{approved}/approve"))
    take("revokeSealGrant", keeper.post(f"{grants}/{approved}/revoke", reason))
    take("withdrawSealGrant", approver.post(f"{grants}/{propose()}/withdraw", reason))
    take("getSealGrant", client.get(f"{grants}/{house['grant']}"))
    take("listSealGrants", client.get(grants))

    roster = os.path.join(folder, "roster.csv")
    service.run("sample", "roster", "--template", "labour-general", "--count", "3", "--out", roster)
    roster = open(roster, "rb").read()
    order = f"/api/v1/batches?template=labour-general&seal={house['seal']}"
    post = lambda body, more="", key="answers": client.post(order + more, body, media="text/csv",
                                                            headers={"Idempotency-Key": key})
    faulty = roster.replace(roster.splitlines()[1].split(b",")[1], b"1")
    take("createBatch", post(roster, "&validate_only=true"))
    verdict = take("createBatch", post(faulty, "&validate_only=true"))
    assert not verdict["valid"] and verdict["faults"], verdict
    take("createBatch", refusal(lambda: post(faulty)), 422)
    problem = refusal(lambda: post(roster, "&signing_order=x"))  # some of its members are optional: no twins
    assert not judge.description.judge("createBatch", 422, problem), problem
    batch = take("createBatch", post(roster), 202)["id"]
    end = time.monotonic() + 120
    while take("getBatch", client.get(f"/api/v1/batches/{batch}"))["state"] != "complete":
        assert time.monotonic() < end, "the batch does not end"
        time.sleep(0.1)
    take("listBatches", client.get("/api/v1/batches"))
    take("listBatches", client.get("/api/v1/batches?limit=1"))
    take("listBatchRows", client.get(f"/api/v1/batches/{batch}/rows"))
    take("listBatchRows", client.get(f"/api/v1/batches/{batch}/rows?limit=1"))
    for line in client.get(f"/api/v1/batches/{batch}/events", raw=True).decode().splitlines():
        if line.startswith("data: "):
            take("getBatch", json.loads(line[6:]))
    take("listSealUses", client.get(f"/api/v1/seals/{house['seal']}/uses"))
    other = post(roster, key="another")["id"]
    try:
        take("cancelBatch", client.post(f"/api/v1/batches/{other}/cancel"), 202)
    except Refused as refused:  # it was over already
        assert refused.status == 409, refused
    tell_of_court(service, house["operator"], judge)
    return judge.judged


def court_of(service, operator):
    """A presiding arbitrator, a clerk, and a seal the clerk may use."""
    court = operator.post("/api/v1/organisations", {"kind": "arbitration_court", "name": "示例市劳动人事争议仲裁委员会",
                                                    "uscc": uscc_of("91000000200000009")})["id"]
    first = operator.post(f"/api/v1/organisations/{court}/users", {"login": "presiding@example.com", "name": "钱示例"})
    presiding, clerk = Client(service), Client(service)
    presiding.log_in("presiding@example.com", first["one_time_password"])
    made = presiding.post("/api/v1/users", {"login": "clerk@example.com", "name": "周示例", "role": "clerk"})
    clerk.log_in("clerk@example.com", made["one_time_password"])
    seal = clerk.post("/api/v1/seals", {"name": "仲裁专用章", "kind": "company"})["id"]
    grant = clerk.post("/api/v1/seal-grants", {
        "seal": seal, "template": "*", "grantee": "user:" + made["id"], "not_before": "2020-01-01",
        "not_after": "2099-12-31", "quota": 1000, "purpose": "仲裁文书"})["id"]
    presiding.post(f"/api/v1/seal-grants/{grant}/approve")
    return presiding, clerk, seal


def sample_case(number):
    postal = lambda party: {"party": party, "kind": "postal", "phone": "13800000001", "postcode": "519000",
                            "province": "广东省", "city": "珠海市", "district": "香洲区", "street": f"示例路{party}号",
                            "ground": "confirmed", "since": "2026-03-02"}
    return {"number": number, "cause": "劳动报酬", "claims": "支付2026年1月工资8500元", "received_on": "2026-03-02",
            "panel": ["钱示例", "孙示例", "李示例"], "clerk": "周示例", "room": "第一仲裁庭",
            "parties": [{"role": "applicant", "kind": "person", "name": "林示例", "phone": "13800000001"},
                        {"role": "respondent", "kind": "organisation", "name": "珠海示例科技有限公司",
                         "phone": "13800000001"}],
            "agents": [{"party": "1", "kind": "agent", "name": "郑示例", "scope": "general", "since": "2026-03-02"}],
            "addresses": [{"party": "0", "kind": "sms", "value": "13800000001", "ground": "confirmed",
                           "since": "2026-03-02", "consent_on": "2026-03-02"}, postal("0"), postal("1")]}


def await_answer(ask, is_there):
    end = time.monotonic() + 120
    while not is_there(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.1)
    return answer


def tell_of_court(service, operator, judge):
    presiding, clerk, seal = court_of(service, operator)

    def take(operation, answer, status=200):
        # A map has no member that must be there: it is judged as it is, its twins are those of the empty one.
        faults = judge.description.judge(operation, status, answer)
        assert not faults, (operation, faults, answer)
        trimmed = copy.deepcopy(answer)
        for one in trimmed.get("events", []):
            if "details" in one:
                one["details"] = {}
        if "kinds" in trimmed:
            trimmed["kinds"] = {}
        if operation in ("listCaseSteps", "listServiceRules", "setServiceRule"):  # enough for twins
            trimmed["items"] = trimmed["items"][:2]
        judge.take(operation, trimmed, status)
        return answer

    case = take("createCase", clerk.post("/api/v1/cases", sample_case("示劳人仲案字〔2026〕1号")), 201)["id"]
    at = f"/api/v1/cases/{case}"
    take("getCase", clerk.get(at))
    take("listCases", clerk.get("/api/v1/cases"))
    take("listCases", clerk.get("/api/v1/cases?limit=1"))
    take("changeCase", clerk.ask("PATCH", at, {"clerk": "吴示例"}))
    take("addCaseEvent", clerk.post(at + "/events", {"kind": "mediation_started", "day": "2026-03-03",
                                                     "details": {"place": "第一调解室"}}))
    take("addCaseParty", clerk.post(at + "/parties", {"role": "third_party", "kind": "person", "name": "何示例"}))
    take("getCaseClock", clerk.get(at + "/clock"))
    take("getMediationFigures", clerk.get("/api/v1/mediation-figures?from=2026-01-01&to=2026-12-31"))
    steps = take("listCaseSteps", clerk.get("/api/v1/case-steps"))["items"]
    take("setCourtSender", clerk.post("/api/v1/court-sender", {
        "name": "示例仲裁院", "phone": "07560000000", "postcode": "519000", "province": "广东省", "city": "珠海市",
        "district": "香洲区", "street": "示例大道1号"}))
    take("getCourtSender", clerk.get("/api/v1/court-sender"))

    # What the route itself gives as examples can be issued.
    accept = next(step for step in steps if step["name"] == "accept")
    values = {value["name"]: value["example"] for value in accept["values"] if value["required"]}
    order = {"seal": seal, "step": "accept", "values": values}
    issue = lambda wish, key: clerk.post(at + "/steps", wish, headers={"Idempotency-Key": key})
    problem = refusal(lambda: issue({**order, "values": {}}, "faulty"))
    assert problem["code"] == "step_incomplete" and problem["places"], problem
    issued = take("issueStep", issue(order, "answers"), 201)
    assert issue(order, "answers") == issued
    other = clerk.post("/api/v1/cases", sample_case("示劳人仲案字〔2026〕2号"))["id"]
    take("issueManySteps", clerk.post("/api/v1/issued-steps", {
        "seal": seal, "steps": [{"case": other, "step": "accept", "method": "none", "values": values}]},
        headers={"Idempotency-Key": "many"}), 201)
    take("listCourtDocuments", clerk.get(at + "/documents"))

    by_method = {record["method"]: record for record in issued["records"]}
    take("listServiceRecords", clerk.get(f"/api/v1/service-records?case={case}"))
    electronic, postal = by_method["electronic"], by_method["postal"]
    record = f"/api/v1/service-records/{electronic['id']}"
    await_answer(lambda: clerk.get(record),
                 lambda one: any(found["kind"] == "system_sent" for found in one["attempts"][0]["evidence"]))
    take("getServiceRecord", clerk.get(record))
    link = [message["link"] for message in Messages(service).all() if "/served/#" in message.get("link", "")][-1]
    anybody, secret = Client(service), {"secret": link.split("#")[1]}
    served = take("openServedDocuments", anybody.post("/api/v1/served", secret))
    assert anybody.post("/api/v1/served/document", {**secret, "document": served["documents"][0]["id"]}, raw=True)
    assert "read" in [found["kind"] for found in clerk.get(record)["attempts"][0]["evidence"]]

    parcel = f"/api/v1/parcels/{postal['parcel']}"
    take("listParcels", clerk.get("/api/v1/parcels"))
    take("getParcel", clerk.get(parcel))
    take("getServiceRecord", clerk.get(f"/api/v1/service-records/{postal['id']}"))
    take("getPostalQueue", clerk.get("/api/v1/postal-queue"))
    take("listDeadPostalTasks", clerk.get("/api/v1/postal-queue/dead"))
    take("cancelParcel", clerk.post(parcel + "/cancel", {"reason": "改为直接送达"}))

    record = clerk.get(f"/api/v1/service-records?case={other}")["items"][0]["id"]
    at = f"/api/v1/service-records/{record}"
    attempt = take("startServiceAttempt", clerk.post(at + "/attempts", {
        "method": "direct", "started_at": "2026-03-03T09:00:00+08:00"}))["attempts"][0]["id"]
    take("addServiceEvidence", clerk.post(f"{at}/attempts/{attempt}/evidence", {
        "kind": "note", "at": "2026-03-04T10:00:00+08:00", "staff": 2, "text": "无人在家",
        "scan": base64.b64encode(b"%PDF-1.7 note").decode()}))
    take("withdrawServiceAttempt", clerk.post(f"{at}/attempts/{attempt}/withdraw", {"reason": "改期"}))
    take("setNoticeGround", presiding.post(at + "/notice-ground", {"ground": "其他方式均无法送达"}))
    take("decideService", presiding.post(at + "/decisions", {"decision": "void", "reason": "文书有误"}))
    take("listServiceRules", clerk.get("/api/v1/service-rules"))
    take("setServiceRule", presiding.post("/api/v1/service-rules", {"rule": "clock.warn_days", "value": "3",
                                                                    "ground": "本委规定"}))
    take("listDeadlineAlarms", clerk.get("/api/v1/deadline-alarms"))


def partners_file(folder):
    """A partner nobody answers for: parcels are ordered, and wait."""
    path = os.path.join(folder, "partners.yaml")
    key = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(f'partners:\n  - name: china-post\n    protocol: signed_json\n    address: http://127.0.0.1:1\n'
                   f'    keys: ["{key}"]\n')
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qianda", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qianda-e2e-") as folder:
        service = Service(arguments.qianda, folder, flags=["--postal-partners", partners_file(folder)])
        try:
            print(json.dumps({"answers": tell(service, folder)}))
            assert service.stop() == 0
        finally:
            if service.process and service.process.poll() is None:
                service.kill()


if __name__ == "__main__":
    main()
