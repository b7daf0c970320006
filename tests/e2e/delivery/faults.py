"""What is promised of the post under faults, run against the whole: service, Redis, simulated partner.

  faults.py MODE --qianda EXE --simulator EXE [--cases N] [--kills N] [--seconds N] [--postgres FOLDER] [--seed N]

kills    service, Redis and partner die at random moments (kill -9), Redis is lost whole now and then
flush    FLUSHALL, then an empty Redis in its place, while every order is open
pause    Redis stands still (SIGSTOP): documents are issued all the same, and work goes on by itself afterwards
outage   the partner answers 500, then slowly, then not at all
shuffle  pushes ten times, out of order, three of ten never
forged   pushes of the wrong sender, unsigned, stale, unreadable and too large between the good ones

Each ends when every record has the legal date it must have, and the partner has one parcel for each attempt, exactly;
it would have made a second one for an order that came twice.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

from court import Court, ShiftedClock
from serve import EPOCH, LATER, Recipe, case_of, values_of, wait_until
from service import Refused, Unreachable

SCRIPTS = os.path.join(os.path.dirname(__file__), "../../../scripts")
PLAIN = Recipe("E1", "2026-03-10", "@E/1h-203.1d-702.1h-704[本人;证件]")


class Redis:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "redis")
        self.address = self.script("start")

    def script(self, action):
        return subprocess.run([os.path.join(SCRIPTS, "private_redis.sh"), action, self.folder], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def pid(self):
        return int(open(os.path.join(self.folder, "pid")).read())

    def ask(self, *words):
        return subprocess.run(["redis-cli", "-s", os.path.join(self.folder, "socket"), *words], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)
        time.sleep(0.2)
        self.script("start")

    def lose(self):
        self.script("stop")
        self.script("start")


def patiently(ask, patience=240):
    end = time.monotonic() + patience
    while True:
        try:
            return ask()
        except (Unreachable, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        except Refused as refused:
            if refused.status not in (409, 429, 503) or time.monotonic() > end:
                raise
            time.sleep(0.2)


def create(court, numbers):
    """Registers cases; who got no answer looks whether it is there."""
    ids = {}
    for number in numbers:
        body = case_of(number, PLAIN)
        while number not in ids:
            try:
                ids[number] = court.client.post("/api/v1/cases", body)["id"]
            except (Unreachable, Refused) as failure:
                if isinstance(failure, Refused) and failure.status not in (409, 503):
                    raise
                from urllib.parse import quote
                found = patiently(lambda: court.client.get("/api/v1/cases?number=" + quote(body["number"])))["items"]
                if found:
                    ids[number] = found[0]["id"]
    return list(ids.values())


def issue(court, cases):
    values = patiently(lambda: values_of(court, "accept"))
    for first in range(0, len(cases), 200):
        orders = [{"case": case, "step": "accept", "values": values, "method": "postal"} for case in cases[first:first + 200]]
        patiently(lambda: court.client.post("/api/v1/issued-steps", {"seal": court.seal, "steps": orders},
                                            headers={"Idempotency-Key": f"accept-{first}"}))


def finish(court, cases, begun, patience):
    """Every record is served on its day, every attempt has one parcel."""
    def open_parcels():
        parcels = patiently(lambda: court.all("/api/v1/parcels"))
        if len(parcels) != 2 * len(cases):
            raise AssertionError(f"{len(parcels)} parcels of {len(cases)} cases")
        return [one for one in parcels if one["state"] != "signed"]
    try:
        wait_until("every parcel is signed for", lambda: not open_parcels(), patience)
    except AssertionError as failure:
        sample = open_parcels()[:3]
        queue = court.client.get("/api/v1/postal-queue")
        raise AssertionError(f"{failure}: {json.dumps(sample)} {json.dumps(queue)}") from failure
    records = patiently(lambda: court.all("/api/v1/service-records"))
    wrong = [one for one in records if (one["state"], one["legal_date"]) != ("served", "2026-03-10")]
    assert not wrong, wrong[:3]
    state = court.partner.state()
    assert state["parcels"] == 2 * len(cases), (state["parcels"], len(cases))
    doubled = [one for one in state["orders"] if len(one["parcels"]) != 1]
    assert not doubled, doubled[:3]
    health = patiently(lambda: court.client.get("/api/v1/postal-queue"))
    assert health["lost_entries"] == 0, health
    return {"parcels": state["parcels"], "orders_called": state["orders_called"], "pushes": state["pushes"],
            "refills": health["refills"], "resent": health["resent"], "fenced": health["fenced"],
            "seconds": round(time.monotonic() - begun, 1)}


class Killer(threading.Thread):
    """Ends one of the processes every now and then, and starts it again on what it left."""

    def __init__(self, court, redis, count, seed, tells=False):
        super().__init__(daemon=True)
        self.tells = tells
        self.court, self.redis, self.count, self.random = court, redis, count, random.Random(seed)
        self.done = {"service": 0, "redis": 0, "redis_lost": 0, "partner": 0}
        self.failure = None

    def open(self):
        if self.tells:
            self.court.open_for_pushes()

    def run(self):
        try:
            for _ in range(self.count):
                time.sleep(self.random.uniform(0.2, 1.6))
                victim = self.random.choices(list(self.done), (5, 3, 1, 2))[0]
                if victim == "service":
                    self.court.service.kill()
                    self.court.start()
                    self.open()
                elif victim == "redis":
                    self.redis.kill()
                elif victim == "redis_lost":
                    self.redis.lose()
                else:
                    self.court.partner.kill()
                    self.court.partner.start()
                    self.court.partner.control(idempotency="second")
                    self.open()
                self.done[victim] += 1
        except BaseException as failure:  # noqa: told by who waits for it
            self.failure = failure


def kills(court, redis, arguments):
    """Half of the deaths while documents are issued and ordered, half while the partner tells what happened."""
    killer = Killer(court, redis, arguments.kills // 2, arguments.seed)
    killer.start()
    cases, number = [], 1
    while killer.is_alive() or number <= arguments.cases:
        batch = create(court, range(number, number + 10))
        values = patiently(lambda: values_of(court, "accept"))
        orders = [{"case": case, "step": "accept", "values": values, "method": "postal"} for case in batch]
        patiently(lambda: court.client.post("/api/v1/issued-steps", {"seal": court.seal, "steps": orders},
                                            headers={"Idempotency-Key": f"batch-{number}"}))
        cases += batch
        number += 10
    court.put_clock(LATER)
    court.open_for_pushes()
    second = Killer(court, redis, arguments.kills - arguments.kills // 2, arguments.seed + 1, tells=True)
    second.start()
    second.join()
    for one in (killer, second):
        if one.failure:
            raise one.failure
    return cases, {"killed": {name: killer.done[name] + second.done[name] for name in killer.done}}


def flush(court, redis, arguments):
    court.partner.control(outage=1)
    cases = create(court, range(1, arguments.cases + 1))
    issue(court, cases)
    open_before = len(court.all("/api/v1/parcels"))
    redis.ask("FLUSHALL")
    court.partner.control(outage=0)
    time.sleep(2)
    court.partner.control(outage=1)
    time.sleep(1)
    redis.lose()
    court.partner.control(outage=0)
    court.put_clock(LATER)
    court.open_for_pushes()
    return cases, {"open_when_lost": open_before}


def pause(court, redis, arguments):
    cases = create(court, range(1, arguments.cases + 1))
    os.kill(redis.pid(), signal.SIGSTOP)
    stopped, slowest = time.monotonic(), 0.0
    try:
        values = values_of(court, "accept")
        for case in cases:
            asked = time.monotonic()
            court.client.post(f"/api/v1/cases/{case}/steps", {"seal": court.seal, "step": "accept", "values": values,
                                                              "method": "postal"}, headers={"Idempotency-Key": case})
            slowest = max(slowest, time.monotonic() - asked)
        time.sleep(max(0, arguments.seconds - (time.monotonic() - stopped)))
    finally:
        os.kill(redis.pid(), signal.SIGCONT)
    stood = time.monotonic() - stopped
    court.put_clock(LATER)
    court.open_for_pushes()
    return cases, {"stood_still_s": round(stood, 1), "slowest_issue_s": round(slowest, 2)}


def outage(court, redis, arguments):
    for switches in ({"outage": 1}, {"outage": 0, "slow_reply": 0.5, "slow_ms": 50, "drop_reply": 0.3},
                     {"slow_reply": 0, "drop_reply": 0.2, "delay": 0.3, "delay_ms": 2500, "garbage_reply": 0.2,
                      "answer_twice": 0.3}):
        court.partner.control(**switches)
        if switches.get("outage") == 1:
            cases = create(court, range(1, arguments.cases + 1))
            issue(court, cases)
        time.sleep(arguments.seconds)
    requests = court.partner.state(orders=False)["requests"]  # while it was out of order
    court.partner.control(slow_reply=0, drop_reply=0, delay=0, garbage_reply=0, answer_twice=0)
    court.put_clock(LATER)
    court.open_for_pushes()
    return cases, {"requests": requests}


def with_pushes(**switches):
    def run(court, redis, arguments):
        cases = create(court, range(1, arguments.cases + 1))
        issue(court, cases)
        court.put_clock(LATER)
        court.partner.control(**switches)
        court.open_for_pushes()
        return cases, {}
    return run


MODES = {"kills": kills, "flush": flush, "pause": pause, "outage": outage,
         "shuffle": with_pushes(duplicate=1, duplicates=9, reorder=0.5, reorder_ms=700, lose_push=0.3),
         "forged": with_pushes(wrong_sender=0.2, forged=0.2, stale=0.2, garbage_push=0.2, oversize=0.1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--qianda", required=True)
    parser.add_argument("--simulator", required=True)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qianda-faults-") as folder:
        redis = Redis(folder)
        court = Court(arguments.qianda, arguments.simulator, folder, redis=redis.address,
                      clock=ShiftedClock(folder, EPOCH + "T08:00:00+08:00"))
        try:
            court.bootstrap()
            court.partner.control(idempotency="second")
            begun = time.monotonic()
            cases, told = MODES[arguments.mode](court, redis, arguments)
            print(json.dumps({"mode": arguments.mode, "cases": len(cases), **told,
                              **finish(court, cases, begun, arguments.patience)}))
        except BaseException:
            if os.path.exists(court.service.log_path):
                sys.stderr.write(open(court.service.log_path).read()[-4000:])
            raise
        finally:
            court.close()
            redis.script("stop")


if __name__ == "__main__":
    main()
