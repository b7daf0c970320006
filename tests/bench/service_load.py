"""What the service does under load, from outside over TLS: reading a status (wrk), signing (clients of their own), and a
batch over HTTP beside the same roster sealed in process by `qianda batch`. Prints one JSON object; asserts nothing about
time. Each rate stands beside a reference taken in the same run: /healthz for the status, the batch in process.
    service_load.py --qianda build/release/qianda [--rows 10000] [--workers 100] [--clients 8] [--seconds 10]"""
import argparse
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e/service"))
from service import Client, Messages, Service, bootstrap, sign  # noqa: E402


def wrk(url, seconds, connections, headers=()):
    """Requests a second and latencies of 200 answers; anything else is a fault of the measurement."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    said = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    unit = {"us": 1e-3, "ms": 1, "s": 1e3}
    latency = {percent: float(value) * unit[of] for percent, value, of in
               re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)$", said, re.M)}
    faults = re.search(r"Socket errors: (.*)", said)
    return {"per_second": round(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), 1),
            "p50_ms": latency["50"], "p99_ms": latency["99"], "faults": faults[1] if faults else ""}


def percentile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)


class Stopwatch(Client):
    """A worker's client that keeps the time of every answer, by operation."""
    times, lock = {}, threading.Lock()

    def ask(self, method, path, body=None, **more):
        begun = time.monotonic()
        answer = super().ask(method, path, body, **more)
        with self.lock:
            self.times.setdefault(method + " " + path, []).append(1000 * (time.monotonic() - begun))
        return answer


def batch_over_http(service, house, roster, rows):
    client = house["client"]
    begun = time.monotonic()
    batch = client.post(f"/api/v1/batches?template=labour-general&seal={house['seal']}", roster, media="text/csv",
                        headers={"Idempotency-Key": "load"})["id"]
    accepted = time.monotonic() - begun
    while True:
        state = client.get(f"/api/v1/batches/{batch}")
        if state["state"] == "complete":
            break
        assert state["state"] in ("accepted", "running", "queued"), state
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    assert state["made"] == rows, state
    return batch, {"accepted_seconds": round(accepted, 3), "seconds": round(seconds, 3),
                   "per_second": round(rows / seconds, 1)}


def batch_in_process(qianda, folder, authority, roster, rows):
    """`qianda batch` on the same roster: the same checks, template, level and authority."""
    seal, out = os.path.join(folder, "seal.p12"), os.path.join(folder, "contracts")
    if not os.path.exists(seal):
        subprocess.run([qianda, "ca", "issue", authority, "--profile", "company-seal", "--name", "珠海示例科技有限公司",
                        "--organisation", "珠海示例科技有限公司", "--key-kind", "p256", "--out", seal], check=True,
                       capture_output=True)
    path = os.path.join(folder, "roster.csv")
    with open(path, "wb") as file:
        file.write(roster)
    data = os.path.join(folder, "store" + str(time.time_ns()))
    begun = time.monotonic()
    done = subprocess.run([qianda, "batch", "--template", "labour-general", "--roster", path, "--seal", seal, "--level",
                           "B-T", "--ca", authority, "--data", data, "--out", out + str(time.time_ns()), "--json"],
                          capture_output=True, text=True)
    whole = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return {"seconds": round(said.get("seconds", whole), 3), "with_export_seconds": round(whole, 3),
            "per_second": round(rows / said.get("seconds", whole), 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qianda", required=True)
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--workers", type=int, default=100, help="ceremonies")
    parser.add_argument("--clients", type=int, default=8, help="ceremonies at once")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qianda-load-") as folder:
        authority = os.path.join(folder, "authority")
        subprocess.run([arguments.qianda, "ca", "init", authority, "--organisation", "示例电子认证"], check=True,
                       capture_output=True)
        service = Service(arguments.qianda, folder, common=["--authority-folder", authority])
        try:
            print(json.dumps(measure(service, folder, authority, arguments)))
        finally:
            if service.process and service.process.poll() is None:
                service.kill()


def measure(service, folder, authority, arguments):
    house = bootstrap(service)
    path = os.path.join(folder, "roster.csv")
    service.run("sample", "roster", "--template", "labour-general", "--count", str(arguments.rows), "--out", path)
    roster = open(path, "rb").read()
    people = list(csv.DictReader(io.StringIO(roster.decode("utf-8-sig"))))
    before = batch_in_process(arguments.qianda, folder, authority, roster, arguments.rows)
    batch, over_http = batch_over_http(service, house, roster, arguments.rows)
    after = batch_in_process(arguments.qianda, folder, authority, roster, arguments.rows)
    in_process = (before["seconds"] + after["seconds"]) / 2
    over_http["ratio"] = round(in_process / over_http["seconds"], 3)

    messages = Messages(service)
    end = time.monotonic() + 600
    while len(links := messages.invitations()) < min(arguments.rows, arguments.workers):
        assert time.monotonic() < end, "no invitations"
        time.sleep(0.2)
    rows = house["client"].get(f"/api/v1/batches/{batch}/rows?limit=1000")["items"]
    rows = [row for row in rows if row["envelope"] in links][: arguments.workers]
    waiting, faults, lock = list(rows), [], threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                row = waiting.pop()
            data = people[row["row"] - 1]
            person = {"name": data["劳动者姓名"], "id_number": data["证件号码"], "phone": data["劳动者联系电话"]}
            try:
                sign(service, messages, links[row["envelope"]], person, client_of=Stopwatch)
            except BaseException as fault:  # noqa: told below
                faults.append(repr(fault))

    begun = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(arguments.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    signing_seconds = time.monotonic() - begun
    assert not faults, faults[:3]
    url = f"https://{service.host}:{service.port}"
    key = "Authorization: Bearer " + house["client"].bearer
    health = wrk(url + "/healthz", arguments.seconds, arguments.connections)
    status = wrk(f"{url}/api/v1/envelopes/{rows[0]['envelope']}", arguments.seconds, arguments.connections, [key])
    status["of_healthz"] = round(status["per_second"] / health["per_second"], 3)
    every = [one for times in Stopwatch.times.values() for one in times]
    return {"status": status, "healthz": health,
            "signing": {"ceremonies": len(rows), "clients": arguments.clients,
                        "ceremonies_per_second": round(len(rows) / signing_seconds, 2), "requests": len(every),
                        "p50_ms": percentile(every, 0.5), "p99_ms": percentile(every, 0.99),
                        "p99_ms_by_operation": {name: percentile(times, 0.99)
                                                for name, times in sorted(Stopwatch.times.items())}},
            "batch": {"rows": arguments.rows, "over_http": over_http, "in_process": [before, after]}}


if __name__ == "__main__":
    main()
