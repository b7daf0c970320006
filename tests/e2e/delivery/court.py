"""An arbitration court with its people, its seal and a simulated postal partner, as the tests of delivery need them.
Standard library alone."""
import base64
import datetime
import email.utils
import glob
import http.client
import json
import os
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../service"))
from service import Client, Clock, Service, uscc_of  # noqa: E402

PARTNER = "china-post"


def partners_file(folder, port):
    """The service's file of partners, with a key made now; the simulator reads the same one."""
    path = os.path.join(folder, "partners.yaml")
    key = base64.b64encode(os.urandom(16)).decode()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"""partners:
  - name: {PARTNER}
    protocol: china_post
    address: http://127.0.0.1:{port}/{PARTNER}
    sender_no: "1100000000001"
    authorization: "{os.urandom(8).hex()}"
    keys: ["{key}"]
""")
    return path


class ShiftedClock:
    """The wall clock of processes that are started with env(), set to a day and put forward while they run (libfaketime);
    their monotonic clock, and with it every time-out, stays real."""

    def __init__(self, folder, instant):
        self.path = os.path.join(folder, "clock")
        self.set(instant)

    def set(self, instant):
        Clock.offset = int(datetime.datetime.fromisoformat(instant).timestamp() - time.time())
        with open(self.path + ".new", "w") as file:
            file.write(f"{Clock.offset:+d}")
        os.rename(self.path + ".new", self.path)
        time.sleep(1.2)  # until every process has looked: they do so once a second

    def env(self):
        library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]
        return {**os.environ, "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": self.path, "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "0"}


class Simulator:
    """qianda-postal-simulator as a process, with its switches. It may be killed and started again on its journal."""

    def __init__(self, executable, folder, port, flags=(), env=None):
        self.env = env
        self.executable, self.folder, self.port, self.flags = executable, folder, port, list(flags)
        self.journal = os.path.join(folder, "simulator.journal")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.executable, "--partners", os.path.join(self.folder, "partners.yaml"), "--port", str(self.port),
             "--state", self.journal, *self.flags],
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.folder, "simulator.log"), "a"), text=True, env=self.env)
        if not self.process.stdout.readline():
            raise RuntimeError("the simulator did not start: " + open(os.path.join(self.folder, "simulator.log")).read())
        return self

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Content-Type": "application/json"} if body is not None else {})
            answer = connection.getresponse()
            octets = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{method} {path}: {answer.status} {octets[:300]}")
            return json.loads(octets) if octets else {}
        finally:
            connection.close()

    def control(self, **switches):
        return self.ask("POST", "/control", switches)

    def state(self, orders=True):
        return self.ask("GET", "/control/state" + ("" if orders else "?orders=0"))

    def kill(self):
        self.process.kill()
        self.process.wait()


def free_port():
    import socket
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Court:
    """A service with a court's tenant: presiding officer and clerk, a seal whose grant the presiding officer approved,
    an API key for the clerk's machine, whom letters come back to."""

    def __init__(self, qianda, simulator, folder, database="", redis="", flags=(), simulator_flags=(), clock=None):
        self.folder = folder
        port = free_port()
        partners = partners_file(folder, port)
        self.partner = Simulator(simulator, folder, port, ["--speed", "1000000", *simulator_flags],
                                 clock and clock.env()).start()
        settings = ["--postal-partners", partners, "--postal-poll", "5s", "--postal-unknown-wait", "4s",
                    "--postal-timeout", "2s", *(["--redis", redis] if redis else []), *flags]
        self.service = Service(qianda, folder, database, flags=settings, tls=False, env=clock and clock.env())
        self.clock, self.client, self.presiding = clock, None, None

    def bootstrap(self):
        service = self.service
        password_file = os.path.join(self.folder, "operator-password")
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("eleven green umbrellas\n")
        service.run("admin", "create-operator", *service.settings(), "--organisation", "示例运营", "--uscc",
                    "91000000MA0000001R", "--login", "operator@example.com", "--name", "管理员", "--password-file",
                    password_file)
        self.start()
        operator = Client(service)
        operator.log_in("operator@example.com", "eleven green umbrellas")
        organisation = operator.post("/api/v1/organisations", {
            "kind": "arbitration_court", "name": "示例市劳动人事争议仲裁委员会", "uscc": uscc_of("11000000100000008")})["id"]
        first = operator.post(f"/api/v1/organisations/{organisation}/users",
                              {"login": "presiding@example.com", "name": "钱示例"})
        self.presiding = Client(service)
        self.presiding.log_in("presiding@example.com", first["one_time_password"])
        made = self.presiding.post("/api/v1/users", {"login": "clerk@example.com", "name": "周示例", "role": "clerk"})
        clerk = Client(service)
        clerk.log_in("clerk@example.com", made["one_time_password"])
        key = self.presiding.post("/api/v1/api-keys", {
            "name": "machine", "days": 300,
            "scopes": ["cases:read", "cases:write", "service:read", "service:write", "seals:read", "seals:use",
                       "audit:read"]})
        self.seal = clerk.post("/api/v1/seals", {"name": "仲裁委员会印章", "kind": "company"})["id"]
        grant = clerk.post("/api/v1/seal-grants", {
            "seal": self.seal, "template": "*", "grantee": "api_key:" + key["id"], "not_before": "2020-01-01",
            "not_after": "2099-12-31", "quota": 1000000, "purpose": "仲裁文书"})["id"]
        self.presiding.post(f"/api/v1/seal-grants/{grant}/approve")
        self.client = Client(service, key["key"])
        self.client.post("/api/v1/court-sender", {
            "name": "示例仲裁院", "phone": "07560000000", "postcode": "519000", "province": "广东省", "city": "珠海市",
            "district": "香洲区", "street": "示例大道1号"})
        return self

    def start(self):
        self.service.start()

    def open_for_pushes(self):
        """From now on the partner tells what happens."""
        self.partner.control(push=f"http://127.0.0.1:{self.service.port}/api/v1/postal/{{partner}}/push")

    def put_clock(self, instant):
        """Weeks pass. People log in anew."""
        self.clock.set(instant)
        wanted = datetime.datetime.fromisoformat(instant).timestamp()
        while True:  # each process looks at the clock's file once a second
            headers = self.service.request("GET", "/healthz")[1]
            if email.utils.parsedate_to_datetime(headers["Date"]).timestamp() >= wanted:
                break
            time.sleep(0.1)
        self.presiding.cookie = self.presiding.csrf = None
        self.presiding.log_in("presiding@example.com", self.presiding.password)

    def all(self, path):
        """Every item of a list, page by page."""
        items, cursor = [], ""
        while True:
            page = self.client.get(path + ("&" if "?" in path else "?") + "limit=200" +
                                   (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items

    def close(self):
        if self.service.process and self.service.process.poll() is None:
            self.service.stop()
        if self.partner.process and self.partner.process.poll() is None:
            self.partner.kill()
