"""A court's year in a minute: cases, their documents issued by one click, parcels at a simulated partner, and every
ending E1 to E20 reached with the legal date it must have and a sealed proof that outside judges accept.

  serve.py --qianda EXE --simulator EXE [--cases 20] [--postgres FOLDER] [--redis] [--further STEP...]
"""
import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time

from court import Court, ShiftedClock
from service import Clock

EPOCH = "2026-03-09"  # a Monday: documents are issued early, scripts begin at nine
LATER = "2026-05-20T09:00:00+08:00"  # all of it has happened
kRefused = "705[拒收].1d-708[拒收].2d-711[拒收]"
kAbsent = "705[无人].1d-702.2h-705[无人].1d-702.2h-705[无人].1d-708[无人].2d-711[无人]"


class Recipe:
    """How a record comes to its ending. `script`: of the parcel; `ground`: of the address; `after`: what people do then."""

    def __init__(self, ending, date, script="", party="applicant", ground="confirmed", step="accept", after=None,
                 address=None, agents=(), state="served", method="postal"):
        self.ending, self.date, self.script, self.party, self.ground = ending, date, script, party, ground
        self.step, self.after, self.address, self.agents = step, after, address or {}, list(agents)
        self.state, self.method = state, method


def confirm(court, record, attempt):
    decide(court, record, "confirm", attempt, "核对无误")


def decide(court, record, decision, attempt=None, reason="示例", **more):
    body = {"decision": decision, "reason": reason, **more}
    if attempt:
        body["attempt"] = attempt
    return court.presiding.post(f"/api/v1/service-records/{record}/decisions", body)


def attempt_by(court, record, method, address=None, started=None):
    body = {"method": method}
    if started:
        body["started_at"] = started
    if address:
        body["address"] = address
    return court.client.post(f"/api/v1/service-records/{record}/attempts", body)["attempts"][-1]["id"]


def file_evidence(court, record, attempt, kind, at, **more):
    return court.client.post(f"/api/v1/service-records/{record}/attempts/{attempt}/evidence",
                             {"kind": kind, "at": at, **more})


def by_hand(method, *evidence, confirms=False):
    def act(court, record, view):
        attempt = attempt_by(court, record, method, started=evidence[0][1])
        for kind, at, more in evidence:
            file_evidence(court, record, attempt, kind, at, **more)
        if confirms:
            confirm(court, record, attempt)
    return act


def instant_now():
    china = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.fromtimestamp(int(time.time() + Clock.offset), china).isoformat()


def reply_to_unconfirmed(court, record, view):
    case = court.client.get("/api/v1/cases/" + view["case"])
    address = next(a["id"] for a in case["addresses"] if a["party"] == view["party"] and a["kind"] == "email")
    attempt = attempt_by(court, record, "electronic", address)
    time.sleep(1.5)  # instants are told to the second
    file_evidence(court, record, attempt, "replied", instant_now(), text="已收悉")
    confirm(court, record, attempt)


def serve_by_notice(court, record, view):
    court.presiding.post(f"/api/v1/service-records/{record}/notice-ground", {"ground": "邮寄三次退回，电话停机，登记住所无人"})
    attempt = attempt_by(court, record, "public_notice", started="2026-04-01T10:00:00+08:00")
    file_evidence(court, record, attempt, "notice_posted", "2026-04-01T10:00:00+08:00", text="公告栏")
    file_evidence(court, record, attempt, "notice_posted", "2026-04-03T10:00:00+08:00", text="报纸")
    confirm(court, record, attempt)


def confirm_first(court, record, view):
    confirm(court, record, view["attempts"][0]["id"])


def revoke_first(court, record, view):
    attempt = view["attempts"][0]["id"]
    confirm(court, record, attempt)
    decide(court, record, "contest", attempt, "本人住院，有病历")
    decide(court, record, "revoke", attempt, "证据成立，无过错")


kHand = {"signer": "addressee", "has_id_number": True}
kRecipes = [
    Recipe("E1", "2026-03-10", "@E/1h-203.1d-702.1h-704[本人;证件].2d-R704[本人]"),
    Recipe("E2", "2026-03-10", "@E/1h-203.1d-702.1h-704[单位收发章;证件]", party="respondent"),
    Recipe("E3", "2026-03-10", "@E/1h-203.1d-702.1h-704[指定代收人;证件;name=何示例]", agents=[
        {"kind": "designated", "name": "何示例", "since": "2026-01-05"}]),
    Recipe("E4", "2026-03-10", "@E/1h-203.1d-702.1h-704[同住成年家属;证件;name=林示例二]"),
    Recipe("E5", None, "@E/1h-203.1d-702.1h-704[他人]", state="review"),
    Recipe("E6", "2026-03-11", "@E/1h-203.1d-702.1h-" + kRefused, after=confirm_first, state="deemed"),
    Recipe("E7", "2026-03-11", "@E/1h-203.1d-702.1h-705[名址有误].1d-708[名址有误].2d-711[名址有误]", after=confirm_first,
           state="deemed"),
    Recipe("E8", "2026-03-11", "@E/1h-203.1d-702.1h-705[查无此人].1d-708[查无此人].2d-711[查无此人]", ground="registered",
           address={"refused_after_warning": True}, after=confirm_first, state="deemed"),
    Recipe("E9", None, "@E/1h-203.1d-702.1h-" + kAbsent, ground="opponent", state="ineffective"),
    Recipe("E10", None, "@E/1h-203.1d-702.1h-705[内件不符].1d-708[内件不符].2d-711[内件不符]", state="ineffective"),
    Recipe("E11", None, "@E/1h-203.1h-305", state="ineffective", method="inquiry"),
    Recipe("E12", None, "@E/1h-203.1d-702.1h-" + kRefused, step="mediated", state="ineffective"),
    Recipe("E13", EPOCH, method="electronic", address={"kind": "sms", "value": "13800000009", "consent_on": "2026-01-05"}),
    Recipe("E14", "2026-05-20", method="none", after=reply_to_unconfirmed, state="deemed",
           address={"kind": "email", "value": "lin@example.com"}),
    Recipe("E15", "2026-03-12", method="none", after=by_hand("direct", ("return_receipt", "2026-03-12T15:00:00+08:00", kHand))),
    Recipe("E16", "2026-03-16", method="none", state="deemed", after=by_hand(
        "lien", ("refusal", "2026-03-13T10:00:00+08:00", {}), ("left", "2026-03-13T10:00:00+08:00", {}),
        ("photo", "2026-03-13T10:00:00+08:00", {"scan": "iVBORw0KGgo="}), confirms=True)),
    Recipe("E17", "2026-05-03", method="none", after=serve_by_notice, state="deemed"),
    Recipe("E18", "2026-03-17", method="none", state="deemed", after=by_hand(
        "collection", ("refusal", "2026-03-17T10:00:00+08:00", {}),
        ("note", "2026-03-17T10:10:00+08:00", {"staff": 2, "text": "到院领取时拒绝签收"}), confirms=True)),
    Recipe("E19", "2026-03-18", method="none", after=by_hand("entrusted", ("return_receipt", "2026-03-18T10:00:00+08:00", kHand))),
    Recipe("E20", None, "@E/1h-203.1d-702.1h-" + kRefused, after=revoke_first, state="revoked"),
]
kPlain = {"applicant": "@E/1h-203.1d-702.1h-704[本人;证件]", "respondent": "@E/1h-203.1d-702.1h-704[单位收发章;证件]"}
kValues = {}  # of a step: from the examples of its fields


def street(script, number):
    return f"示例路{number}号" + (" " + script.replace("@E", f"@{EPOCH}T09:00") if script else "")


def address_of(party, number, script, ground, more):
    kind = more.get("kind", "postal")
    place = {"party": party, "kind": kind, "ground": ground, "since": "2026-01-05", **more}
    if kind == "postal":
        place.update({"phone": "13800000001", "postcode": "519000", "province": "广东省", "city": "珠海市",
                      "district": "香洲区", "street": street(script, number)})
    return place


def case_of(number, recipe):
    """A worker against an employer; the recipe decides one of them, the other signs."""
    mine = 0 if recipe.party == "applicant" else 1
    addresses = []
    for party, role in enumerate(("applicant", "respondent")):
        if party != mine:
            addresses.append(address_of(str(party), number, kPlain[role], "confirmed", {}))
        elif recipe.method != "none" or "kind" in recipe.address:
            ground = recipe.ground if recipe.ending != "E14" else "pleading"
            addresses.append(address_of(str(party), number, recipe.script, ground, recipe.address))
    return {
        "number": f"示劳人仲案字〔2026〕{number:06d}号", "cause": "追索劳动报酬", "received_on": "2026-03-02",
        "claims": "支付2026年1月工资8500元", "panel": ["钱示例", "孙示例", "李示例"], "clerk": "周示例", "room": "第一仲裁庭",
        "parties": [
            {"role": "applicant", "kind": "person", "name": f"林示例{number}", "id_number": "000000199001010015",
             "phone": "13800000001"},
            {"role": "respondent", "kind": "organisation", "name": f"珠海示例{number}科技有限公司",
             "id_number": "91000000MA0000001R", "legal_representative": "吴示例", "phone": "07560000001"}],
        "agents": [{"party": str(mine), **agent} for agent in recipe.agents], "addresses": addresses}


def values_of(court, step):
    """What the step asks for, by its own examples; days are those of the story."""
    if step not in kValues:
        found = next(one for one in court.client.get("/api/v1/case-steps")["items"] if one["name"] == step)
        values = {}
        for field in found["values"]:
            if field["name"] == "issued_on":
                values["issued_on"] = EPOCH
            elif field["required"] and field["example"]:
                values[field["name"]] = field["example"]
        kValues[step] = values
    return kValues[step]


def issue(court, orders, key):
    return court.client.post("/api/v1/issued-steps", {"seal": court.seal, "steps": orders},
                             headers={"Idempotency-Key": key})["steps"]


def wait_until(what, check, patience=180):
    end = time.monotonic() + patience
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("it did not come: " + what)
        time.sleep(0.2)


def seen_by(what, look, judge):
    """The record once it is as it should be, or what it is instead."""
    last = {}

    def check():
        last.update(look())
        return last if judge(last) else None
    try:
        return wait_until(what, check)
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {json.dumps(last, ensure_ascii=False)}") from failure


def is_settled(recipe, view):
    if recipe.state == "review":
        return view["needs"] == "review"
    if recipe.state == "revoked":
        return view["ending"] == "E20"
    return view["state"] == recipe.state and view["needs"] is None


def is_at_people(recipe, view):
    """The machine has done its part: people may act."""
    if recipe.method == "none":
        return True
    return view["needs"] == "confirmation"


def check_proof(court, recipe, view, folder):
    """The sealed report, by outside judges."""
    path = os.path.join(folder, recipe.ending + ".pdf")
    with open(path, "wb") as file:
        file.write(court.client.get(f"/api/v1/service-records/{view['id']}/proof", raw=True))
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    compact = "".join(text.split())
    assert recipe.ending in compact, (recipe.ending, text)
    if view["legal_date"]:
        year, month, day = (int(part) for part in view["legal_date"].split("-"))
        assert f"{year}年{month}月{day}日" in compact or view["legal_date"] in compact, (view["legal_date"], text)
    assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode in (0, 3)
    judged = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout
    assert "Signature is Valid" in judged, judged
    broken = bytearray(open(path, "rb").read())
    broken[len(broken) // 3] ^= 1
    with open(path + ".tampered", "wb") as file:
        file.write(broken)
    judged = subprocess.run(["pdfsig", "-nocert", path + ".tampered"], capture_output=True, text=True).stdout
    assert "Signature is Valid" not in judged, "a tampered proof was accepted"


def run(court, count, folder, further):
    begun = time.monotonic()
    recipes = [kRecipes[i % len(kRecipes)] for i in range(count)]
    cases = [court.client.post("/api/v1/cases", case_of(i + 1, recipe)) for i, recipe in enumerate(recipes)]
    records = {}
    # Steps before the one the recipe is about are served plainly; it alone is looked at.
    for first in range(0, count, 50):
        batch = range(first, min(first + 50, count))
        steps = issue(court, [{"case": cases[i]["id"], "step": "accept", "values": values_of(court, "accept"),
                               "method": "auto"} for i in batch], f"accept-{first}")
        later = [i for i in batch if recipes[i].step != "accept"]
        more = issue(court, [{"case": cases[i]["id"], "step": recipes[i].step, "values": values_of(court, recipes[i].step)}
                             for i in later], f"later-{first}") if later else []
        found = dict(zip(batch, steps))
        found.update(zip(later, more))
        for step in further:
            issue(court, [{"case": cases[i]["id"], "step": step, "values": values_of(court, step)}
                          for i in batch if i not in later], f"{step}-{first}")
        for i, step in found.items():
            party = cases[i]["parties"][0 if recipes[i].party == "applicant" else 1]["id"]
            records[i] = next(one["id"] for one in step["records"] if one["party"] == party)

    def view(i):
        return court.client.get("/api/v1/service-records/" + records[i])

    wait_until("orders", lambda: all(one["waybill"] for one in court.all("/api/v1/parcels")))
    electronic = [i for i, recipe in enumerate(recipes) if recipe.method == "electronic"]
    for i in electronic:
        seen_by("electronic service", lambda: view(i), lambda v: v["ending"] == "E13")
    court.put_clock(LATER)
    court.open_for_pushes()
    for i, recipe in enumerate(recipes):
        if recipe.method == "inquiry":
            parcel = view(i)["attempts"][0]["parcel"]["id"]
            wait_until("posting", lambda: court.client.get("/api/v1/parcels/" + parcel)["waybill"])
            court.client.post(f"/api/v1/parcels/{parcel}/inquiry",
                              {"outcome": "lost", "at": "2026-04-20T10:00:00+08:00", "text": "查单答复：邮件丢失"})
        if recipe.after:
            recipe.after(court, records[i], seen_by(recipe.ending, lambda: view(i), lambda v: is_at_people(recipe, v)))
    for i, recipe in enumerate(recipes):
        seen = seen_by(recipe.ending, lambda: view(i), lambda v: is_settled(recipe, v))
        assert seen["ending"] == recipe.ending, (recipe.ending, seen)
        assert seen["legal_date"] == recipe.date, (recipe.ending, recipe.date, seen)
    # The signed receipt travelled back under its own number; its scan is on file.
    scan = seen_by("the receipt's scan", lambda: view(0), lambda v: [
        one for one in v["attempts"][0]["evidence"] if one["kind"] == "receipt_image"])["attempts"][0]["evidence"][0]
    assert court.client.get(f"/api/v1/service-records/{records[0]}/evidence/{scan['id']}", raw=True)
    # Parcels at the partner = attempts by post, exactly; none was ordered twice.
    state = court.partner.state()
    parcels = court.all("/api/v1/parcels")
    ordered = [one for one in parcels if one["waybill"]]
    assert state["parcels"] == len(ordered), (state["parcels"], len(ordered))
    assert all(len(one["parcels"]) == 1 for one in state["orders"]), "an order made two parcels"
    proofs = 0
    for i, recipe in enumerate(recipes[:len(kRecipes)]):
        if recipe.state not in ("served", "deemed"):
            continue
        seen = seen_by("proof of " + recipe.ending, lambda: view(i), lambda v: v["proof"])
        check_proof(court, recipe, seen, folder)
        proofs += 1
    return {"cases": count, "parcels": len(parcels), "endings": len({recipe.ending for recipe in recipes}),
            "proofs_judged": proofs, "seconds": round(time.monotonic() - begun, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qianda", required=True)
    parser.add_argument("--simulator", required=True)
    parser.add_argument("--cases", type=int, default=len(kRecipes))
    parser.add_argument("--further", nargs="*", default=[], help="steps that every accepted case takes as well")
    parser.add_argument("--postgres", default="")
    parser.add_argument("--redis", action="store_true")
    arguments = parser.parse_args()
    scripts = os.path.join(os.path.dirname(__file__), "../../../scripts")
    with tempfile.TemporaryDirectory(prefix="qianda-e2e-") as folder:
        database = ""
        if arguments.postgres:
            done = subprocess.run([os.path.join(scripts, "private_postgres.sh"), "start", arguments.postgres], check=True,
                                  stdout=subprocess.PIPE, text=True)
            address = done.stdout.strip()
            name = "e2e_delivery_%d" % os.getpid()
            subprocess.run(["psql", "-X", "-q", "-d", address, "-c", "CREATE DATABASE " + name], check=True)
            database = address.replace("dbname=" + address.split("dbname=")[1].split()[0], "dbname=" + name)
        redis_folder = os.path.join(folder, "redis")
        redis = ""
        if arguments.redis:
            redis = subprocess.run([os.path.join(scripts, "private_redis.sh"), "start", redis_folder], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout.strip()
        court = Court(arguments.qianda, arguments.simulator, folder, database, redis,
                      clock=ShiftedClock(folder, EPOCH + "T08:00:00+08:00"))
        try:
            told = run(court.bootstrap(), arguments.cases, folder, arguments.further)
            assert court.service.stop() == 0
            said = json.loads(court.service.run("check", *court.service.settings()).stdout)
            assert said["problems"] == [], said
            print(json.dumps({**told, "audit_entries": said["audit_entries"]}))
        except BaseException:
            if os.path.exists(court.service.log_path):
                sys.stderr.write(open(court.service.log_path).read()[-4000:])
            raise
        finally:
            court.close()
            if redis:
                subprocess.run([os.path.join(scripts, "private_redis.sh"), "stop", redis_folder], check=False)
            if database:
                subprocess.run(["psql", "-X", "-q", "-d", address, "-c", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"],
                               check=False)


if __name__ == "__main__":
    main()
