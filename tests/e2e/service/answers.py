"""What a running service really answers about templates, seals and batches against the schemas of its own description:
what is required is there, and nothing is there that is not described. Judged by jsonschema (JSON Schema 2020-12)."""
import argparse
import copy
import json
import os
import tempfile
import time

import jsonschema
import yaml

from service import Client, Refused, Service, bootstrap


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
    return judge.judged


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qianda", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qianda-e2e-") as folder:
        service = Service(arguments.qianda, folder)
        try:
            print(json.dumps({"answers": tell(service, folder)}))
            assert service.stop() == 0
        finally:
            if service.process and service.process.poll() is None:
                service.kill()


if __name__ == "__main__":
    main()
