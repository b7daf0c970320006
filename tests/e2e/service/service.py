"""The service as its users see it: a process, clients over TLS, a webhook receiver. Standard library alone, so that
nothing of the program under test judges itself. A Service may be killed and started again on the same data."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:500]}")
        self.status, self.body = status, body

    def code(self):
        try:
            return json.loads(self.body).get("code", "")
        except ValueError:
            return ""


class Unreachable(Exception):
    """No answer: the service is down, or went down while it was asked."""


class Service:
    def __init__(self, qianda, folder, database="", flags=(), common=(), tls=True, env=None):
        """`flags` are given to `serve` alone, `common` to every command."""
        self.tls, self.env = tls, env
        self.qianda, self.folder, self.database, self.flags = qianda, folder, database, list(flags)
        self.common = list(common)
        self.data = os.path.join(folder, "data")
        self.log_path = os.path.join(folder, "service.log")
        self.process, self.host, self.port = None, None, None
        self.context = None

    def settings(self):
        found = ["--data-folder", self.data, *self.common]
        return found + (["--database", self.database] if self.database else [])

    def run(self, *arguments, check=True):
        done = subprocess.run([self.qianda, *arguments], capture_output=True, text=True, env=self.env)
        if check and done.returncode != 0:
            raise RuntimeError(f"{arguments}: {done.returncode} {done.stdout} {done.stderr}")
        return done

    def start(self):
        flags = ["--port", "0", "--ceremony-reading-per-page", "1ms", "--password-memory", "8MiB", "--password-passes", "1",
                 "--login-rate", "100000", "--key-rate", "1000000", "--anchor-interval", "2s", "--webhook-http", "true",
                 "--outbound-private", "127.0.0.1", "--work-lease", "3s",
                 *([] if self.tls else ["--tls", "false"]), *self.flags]
        self.process = subprocess.Popen([self.qianda, "serve", *self.settings(), *flags], stdout=subprocess.PIPE,
                                        stderr=open(self.log_path, "a"), text=True, env=self.env)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the service did not start: " + open(self.log_path).read()[-2000:])
        url = urllib.parse.urlparse(json.loads(line)["listening"])
        self.host, self.port = url.hostname, url.port
        if self.tls:
            self.context = ssl.create_default_context(cafile=os.path.join(self.data, "development-tls.crt"))
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)

    def request(self, method, path, body=None, headers=None, timeout=60):
        """(status, headers, octets) of one request on a connection of its own."""
        if self.tls:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=self.context)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as failure:
            raise Unreachable(str(failure)) from failure
        finally:
            connection.close()


class Cluster:
    """Several nodes on one PostgreSQL, S3 service and Redis, as a load balancer shows them: a request goes to any node
    that runs, a client whose node dies gets no answer. Its first node runs the commands."""

    def __init__(self, qianda, folder, database, nodes, s3_server):
        self.qianda, self.folder, self.random = qianda, folder, random.Random(nodes)
        shared = os.path.join(folder, "shared")
        os.makedirs(os.path.join(shared, "objects"))
        self.authority = os.path.join(shared, "authority")
        subprocess.run([qianda, "ca", "init", self.authority, "--organisation", "示例电子认证"], check=True,
                       stdout=subprocess.DEVNULL)
        key_file = self.secret(os.path.join(shared, "s3-key"), "TESTACCESS\ntest-secret-of-no-value\n")
        secret = self.secret(os.path.join(shared, "secret"), base64.b32encode(os.urandom(20)).decode() + "\n")
        self.s3 = subprocess.Popen([s3_server, os.path.join(shared, "objects")], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        documents = json.loads(self.s3.stdout.readline())["documents"]
        self.redis_folder = os.path.join(shared, "redis")
        redis = self.redis_script("start")
        common = ["--documents", documents, "--documents-key-file", key_file, "--secret-file", secret,
                  "--authority-folder", self.authority, "--public-url", "https://sign.example.cn", "--redis", redis, "--batch-shard-rows", "300"]
        self.messages = os.path.join(shared, "development-messages.jsonl")
        self.nodes = []
        for number in range(1, nodes + 1):
            home = os.path.join(folder, f"node{number}")
            os.makedirs(os.path.join(home, "data"))
            os.symlink(self.messages, os.path.join(home, "data", "development-messages.jsonl"))
            self.nodes.append(Service(qianda, home, database, common=common))
        self.data = self.nodes[0].data

    @staticmethod
    def secret(path, text):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
        return path

    @property
    def log_path(self):
        return max((node.log_path for node in self.nodes if os.path.exists(node.log_path)), key=os.path.getmtime)

    @property
    def process(self):
        return next((node.process for node in self.nodes if node.process and node.process.poll() is None), None)

    def redis_script(self, action):
        done = subprocess.run([os.path.join(os.path.dirname(__file__), "../../../scripts/private_redis.sh"), action,
                               self.redis_folder], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def lose_redis(self):
        """It dies with all it knew, and another one, empty, stands in its place."""
        self.redis_script("stop")
        self.redis_script("start")

    def settings(self):
        return self.nodes[0].settings()

    def run(self, *arguments, check=True):
        return self.nodes[0].run(*arguments, check=check)

    def start(self):
        for node in self.nodes:
            node.start()
        return self

    def request(self, *arguments, **more):
        running = [node for node in self.nodes if node.process and node.process.poll() is None and node.port]
        if not running:
            raise Unreachable("no node runs")
        return self.random.choice(running).request(*arguments, **more)

    def kill(self):
        for node in self.nodes:
            if node.process and node.process.poll() is None:
                node.kill()

    def stop(self):
        return max(node.stop() for node in self.nodes)

    def close(self):
        self.redis_script("stop")
        self.s3.stdin.close()
        self.s3.wait()


class Clock:
    """What time it is at the service, where a test has set it elsewhere: seconds beside the real one."""
    offset = 0


def code_of(secret, at=None):
    """RFC 6238, six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = struct.pack(">Q", int(at if at is not None else time.time() + Clock.offset) // 30)
    mac = hmac.new(key, step, hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def uscc_of(body):
    """A unified social credit code with its check character (GB 32100)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + alphabet[(31 - total % 31) % 31]


class Client:
    """A browser (cookies and CSRF token), the bearer of an API key, or the bearer of a signing link."""

    def __init__(self, service, bearer=None):
        self.service, self.bearer, self.cookie, self.csrf, self.password = service, bearer, None, None, None
        self.secret = None

    def ask(self, method, path, body=None, media="application/json", headers=None, raw=False):
        fields = dict(headers or {})
        if self.bearer:
            fields["Authorization"] = "Bearer " + self.bearer
        if self.cookie:
            fields["Cookie"] = self.cookie
        if self.csrf:
            fields["X-CSRF-Token"] = self.csrf
        if body is not None:
            fields["Content-Type"] = media
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode()
        status, answered, octets = self.service.request(method, path, body, fields)
        for cookie in answered.get_all("Set-Cookie") or []:
            self.cookie = cookie.split(";")[0]
        if status >= 300:
            raise Refused(status, octets.decode(errors="replace"))
        if raw:
            return octets
        answer = json.loads(octets) if octets else {}
        if isinstance(answer, dict) and answer.get("csrf_token"):
            self.csrf = answer["csrf_token"]
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)

    def log_in(self, login, password):
        """As a person does it for the first time: another password, the second factor."""
        session = self.post("/api/v1/login", {"login": login, "password": password})
        self.password = password
        while session["stage"] != "full":
            if session["stage"] == "password":
                fresh = "correct horse " + base64.b32encode(os.urandom(10)).decode()
                session = self.post("/api/v1/me/password", {"password": self.password, "new_password": fresh})
                self.password = fresh
            elif session["stage"] == "enrolment":
                self.secret = self.post("/api/v1/me/totp", {"password": self.password})["secret"]
                session = self.post("/api/v1/me/totp/confirm", {"code": code_of(self.secret)})
            elif session["stage"] == "second_factor":
                session = self.post("/api/v1/me/second-factor", {"code": code_of(self.secret)})
            else:
                raise AssertionError(session)
        return session


def bootstrap(service, name="珠海示例科技有限公司"):
    """An operator, an enterprise, its people, a seal with an approved grant, an API key. The key's client."""
    password_file = os.path.join(service.folder, "operator-password")
    with open(os.open(password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write("eleven green umbrellas\n")
    service.run("admin", "create-operator", *service.settings(), "--organisation", "示例运营", "--uscc",
                "91000000MA0000001R", "--login", "operator@example.com", "--name", "管理员", "--password-file",
                password_file)
    service.start()
    operator = Client(service)
    operator.log_in("operator@example.com", "eleven green umbrellas")
    organisation = operator.post("/api/v1/organisations", {"kind": "enterprise", "name": name,
                                                           "uscc": uscc_of("91000000100000009")})["id"]
    first = operator.post(f"/api/v1/organisations/{organisation}/users", {"login": "owner@example.com", "name": "所有者"})
    owner = Client(service)
    owner.log_in("owner@example.com", first["one_time_password"])
    people = {}
    for role in ("seal_keeper", "seal_approver"):
        made = owner.post("/api/v1/users", {"login": role + "@example.com", "name": role, "role": role})
        people[role] = Client(service)
        people[role].log_in(role + "@example.com", made["one_time_password"])
    key = owner.post("/api/v1/api-keys", {
        "name": "e2e", "days": 30,
        "scopes": ["batches:write", "envelopes:read", "envelopes:write", "evidence:read", "seals:read", "seals:use",
                   "templates:read", "webhooks:write", "audit:read"]})
    seal = people["seal_keeper"].post("/api/v1/seals", {"name": "人事专用章", "kind": "personnel"})["id"]
    grant = people["seal_keeper"].post("/api/v1/seal-grants", {
        "seal": seal, "template": "*", "grantee": "api_key:" + key["id"], "not_before": "2020-01-01",
        "not_after": "2099-12-31", "quota": 1000000, "purpose": "录用"})["id"]
    people["seal_approver"].post(f"/api/v1/seal-grants/{grant}/approve")
    return {"organisation": organisation, "seal": seal, "grant": grant, "owner": owner, "people": people,
            "operator": operator, "client": Client(service, key["key"])}


class Messages:
    """What the development stand-ins wrote down: links and codes."""

    def __init__(self, service):
        self.path = os.path.join(service.data, "development-messages.jsonl")

    def all(self):
        if not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8") as file:
            found = []
            for line in file:
                try:
                    found.append(json.loads(line))
                except ValueError:  # cut off by a kill
                    pass
            return found

    def invitations(self):
        """The newest signing link by envelope."""
        links = {}
        for message in self.all():
            if message.get("kind") in ("invitation", "reminder") and message.get("link"):
                links[message["envelope"]] = message["link"].split("#")[1]
        return links

    def code(self, phone):
        codes = [message["code"] for message in self.all() if message.get("phone") == phone and message.get("code")]
        return codes[-1] if codes else None


def sign(service, messages, link, person, client_of=Client):
    """One worker's whole ceremony, asked again wherever the service went away. `person`: name, id_number, phone."""
    client, step, last = client_of(service, link), "", "nothing was answered"
    end = time.monotonic() + 300
    while time.monotonic() < end:
        try:
            view = client.get("/api/v1/ceremony")
            step = last = view["step"]
            if step == "done":
                return
            if step == "notice":
                client.post("/api/v1/ceremony/notice", {"version": view["notice"]["version"]})
            elif step == "identity":
                client.post("/api/v1/ceremony/identity", person)
            elif step == "code":
                code = messages.code(person["phone"])
                if not code:
                    time.sleep(0.05)
                    continue
                client.post("/api/v1/ceremony/code/confirm", {"code": code})
            elif step == "reading":
                client.get("/api/v1/ceremony/document", raw=True)
                pages = len(client.get("/api/v1/ceremony")["pages_read"])
                time.sleep(0.02)
                client.post("/api/v1/ceremony/pages", {"pages": list(range(1, pages + 1))})
            elif step == "strokes":
                stroke = [{"x": i / 20, "y": (i * 7 % 23) / 23} for i in range(20)]
                client.post("/api/v1/ceremony/strokes", {"strokes": [stroke, stroke[::-1]]})
            elif step == "willingness":
                client.post("/api/v1/ceremony/willingness", {"version": view["willingness"]["version"],
                                                             "confirmation": view["confirmation"]})
            else:  # "signing": it follows by itself
                time.sleep(0.1)
        except Unreachable:
            time.sleep(0.1)
        except Refused as refused:
            if refused.status not in (409, 503):
                raise
            last = f"{step}: {refused}"
            time.sleep(0.05)
    raise AssertionError("the ceremony did not end: " + last)


class Receiver:
    """A webhook endpoint that checks signatures and keeps what came, by subject."""

    def __init__(self):
        self.secret, self.lock, self.events, self.ids = None, threading.Lock(), {}, {}
        self.bad = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(self.headers, body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def take(self, headers, body):
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        event = json.loads(body)
        with self.lock:
            if expected not in headers["webhook-signature"].split():
                self.bad.append(event)
            self.ids[headers["webhook-id"]] = self.ids.get(headers["webhook-id"], 0) + 1
            if self.ids[headers["webhook-id"]] == 1:  # a repetition under the same id is one event
                self.events.setdefault(event["subject"], []).append((event["sequence"], event["type"]))
