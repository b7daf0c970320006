"""The main story over HTTP: a roster becomes sealed contracts, workers sign at once from clients of their own, evidence
checks offline, webhooks arrive once each in order; with --kills the service is killed again and again under that load,
and nothing may be lost or doubled. Exit status 0, or the first thing that is wrong."""
import argparse
import csv
import io
import json
import os
import random
import subprocess
import tempfile
import threading
import time
import zipfile

from service import Cluster, Messages, Receiver, Refused, Service, Unreachable, bootstrap, sign


def patiently(action, seconds=300):
    """Repeats what got no answer until there is one."""
    end = time.monotonic() + seconds
    while True:
        try:
            return action()
        except Unreachable:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        except Refused as refused:
            if refused.status != 503 or time.monotonic() > end:
                raise
            time.sleep(0.1)


def wait_for(what, condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain: " + what
        time.sleep(0.2)


class Killer:
    """Kills the service, or one of its nodes, at random moments and starts it again, until told to end."""

    def __init__(self, service, kills, seed):
        self.nodes, self.kills, self.random = getattr(service, "nodes", [service]), kills, random.Random(seed)
        self.lose_redis = getattr(service, "lose_redis", None)
        self.done, self.thread = 0, threading.Thread(target=self.run)

    def run(self):
        while self.done < self.kills:
            time.sleep(self.random.uniform(0.05, 1.5))
            victim = self.random.choice(self.nodes)
            victim.kill()
            victim.start()
            self.done += 1
            if self.lose_redis and self.done % 4 == 0:
                self.lose_redis()


def envelopes_of(client, batch):
    found, cursor = [], ""
    while True:
        page = patiently(lambda: client.get(f"/api/v1/batches/{batch}/rows?limit=1000&after={cursor or 0}"))
        found += page["items"]
        cursor = page.get("next")
        if not cursor:
            return found


def check_signatures(client, folder, envelope, count):
    path = os.path.join(folder, envelope + ".pdf")
    with open(path, "wb") as file:
        file.write(patiently(lambda: client.get(f"/api/v1/envelopes/{envelope}/document", raw=True)))
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout
    assert said.count("Signature is Valid.") == count, f"{envelope}: {said}"
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def new_database(server_folder):
    """A database of our own in the PostgreSQL that the tests share."""
    script = os.path.join(os.path.dirname(__file__), "../../../scripts/private_postgres.sh")
    subprocess.run([script, "start", server_folder], check=True, stdout=subprocess.DEVNULL)
    name = f"drive{os.getpid()}_{time.time_ns()}"
    subprocess.run(["psql", "-X", "-q", "-d", f"host={server_folder} user=qianda dbname=postgres", "-c",
                    f"CREATE DATABASE {name}"], check=True)
    return f"host={server_folder} user=qianda dbname={name}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qianda", required=True)
    parser.add_argument("--postgres", default="", help="folder of the private PostgreSQL, instead of SQLite")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--workers", type=int, default=10)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=1, help="more than one share PostgreSQL, S3 and Redis")
    parser.add_argument("--s3-server", help="the executable of the S3 service")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qianda-e2e-") as folder:
        database = new_database(arguments.postgres) if arguments.postgres else ""
        if arguments.nodes > 1:
            service = Cluster(arguments.qianda, folder, database, arguments.nodes, arguments.s3_server)
        else:
            service = Service(arguments.qianda, folder, database)
        try:
            tell_story(service, folder, arguments)
        except BaseException:
            if os.path.exists(service.log_path):
                print(open(service.log_path).read()[-6000:])
            raise
        finally:
            if service.process and service.process.poll() is None:
                service.kill()
            if arguments.nodes > 1:
                service.close()


def tell_story(service, folder, arguments):
    house = bootstrap(service)
    client, messages, receiver = house["client"], Messages(service), Receiver()
    hook = client.post("/api/v1/webhooks", {"url": receiver.url(), "events": ["*"]})
    receiver.secret = hook["secret"]
    roster_path = os.path.join(folder, "roster.csv")
    service.run("sample", "roster", "--template", "labour-general", "--count", str(arguments.rows), "--seed",
                str(arguments.seed), "--out", roster_path)
    roster = open(roster_path, "rb").read()
    people = list(csv.DictReader(io.StringIO(roster.decode("utf-8-sig"))))

    killer = Killer(service, arguments.kills, arguments.seed)
    killer.thread.start()
    begun = time.monotonic()
    order = f"/api/v1/batches?template=labour-general&seal={house['seal']}"
    create = lambda: client.post(order, roster, media="text/csv", headers={"Idempotency-Key": "e2e"})
    batch = patiently(create)["id"]
    assert patiently(create)["id"] == batch, "the same key is the same batch"

    def is_over():
        state = patiently(lambda: client.get(f"/api/v1/batches/{batch}"))
        assert state["state"] not in ("failed", "stopped", "cancelled"), state
        return state["state"] == "complete"

    wait_for("the batch", is_over, 600)
    batch_seconds = time.monotonic() - begun
    rows = envelopes_of(client, batch)
    assert len(rows) == arguments.rows and all(row["state"] == "made" for row in rows), rows[:3]
    envelopes = [row["envelope"] for row in rows]
    assert len(set(envelopes)) == arguments.rows, "each row has an envelope of its own"
    wait_for("the invitations", lambda: len(messages.invitations()) >= arguments.rows, 300)
    links = messages.invitations()

    signers = []
    for row in rows[: arguments.workers]:
        data = people[row["row"] - 1]
        signers.append((row["envelope"], {"name": data["劳动者姓名"], "id_number": data["证件号码"],
                                          "phone": data["劳动者联系电话"]}))
    faults = []

    def run_one(envelope, person):
        try:
            sign(service, messages, links[envelope], person)
        except BaseException as fault:  # noqa: told by the main thread
            faults.append(f"{envelope}: {fault!r}")

    threads = [threading.Thread(target=run_one, args=one) for one in signers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    killer.thread.join()
    for envelope, _ in signers:
        wait_for(f"envelope {envelope}", lambda: patiently(
            lambda: client.get(f"/api/v1/envelopes/{envelope}"))["state"] == "completed", 300)
    for envelope, _ in signers:
        check_signatures(client, folder, envelope, 2)
    check_signatures(client, folder, envelopes[-1], 1)

    root = os.path.join(getattr(service, "authority", os.path.join(service.data, "development-pki")), "root.pem")
    envelope = signers[0][0]
    package = os.path.join(folder, "package.zip")
    begun = time.monotonic()
    octets = client.get(f"/api/v1/envelopes/{envelope}/evidence", raw=True)
    package_seconds = time.monotonic() - begun
    open(package, "wb").write(octets)
    service.run("evidence", "verify", package, "--trust", root)
    with zipfile.ZipFile(package) as members:
        fields, check = (json.loads(members.read(name)) for name in ("snapshot.json", "rule-check.json"))
    assert fields["worker_name"] == signers[0][1]["name"], fields
    assert check["checked_on"] and len(check["rules"]) == 16 and check["faults"] == [], check
    with open(package, "r+b") as file:  # the tampered twin
        file.seek(len(octets) // 2)
        octet = file.read(1)
        file.seek(len(octets) // 2)
        file.write(bytes([octet[0] ^ 1]))
    assert service.run("evidence", "verify", package, "--trust", root, check=False).returncode == 1

    export = os.path.join(folder, "audit.jsonl")
    open(export, "wb").write(client.get("/api/v1/audit/export", raw=True))
    service.run("audit", "verify", export, "--trust", root)
    lines = open(export, "rb").read().splitlines(keepends=True)
    entry = next(i for i, line in enumerate(lines) if b'"entry"' in line[:40])
    open(export, "wb").write(b"".join(lines[:entry] + lines[entry + 1:]))
    assert service.run("audit", "verify", export, "--trust", root, check=False).returncode == 1

    wanted = {envelope for envelope, _ in signers}
    wait_for("the webhooks", lambda: all(
        any(kind == "envelope.completed" for _, kind in receiver.events.get(envelope, [])) for envelope in wanted), 120)
    assert not receiver.bad, receiver.bad[:3]
    for subject, events in receiver.events.items():
        assert [sequence for sequence, _ in events] == list(range(1, len(events) + 1)), (subject, events)
    if not arguments.kills:
        doubled = [one for one, times in receiver.ids.items() if times > 1]
        assert not doubled, "events came twice without a lost acknowledgement"

    assert service.stop() == 0
    said = json.loads(service.run("check", *service.settings()).stdout)
    assert said["problems"] == [] and said["revisions"] >= arguments.rows + len(signers), said
    print(json.dumps({"rows": arguments.rows, "signed": len(signers), "nodes": arguments.nodes,
                      "kills": killer.done,
                      "batch_seconds": round(batch_seconds, 2), "evidence_package_seconds": round(package_seconds, 2),
                      "revisions": said["revisions"], "audit_entries": said["audit_entries"],
                      "webhook_events": sum(len(e) for e in receiver.events.values())}))


if __name__ == "__main__":
    main()
