"""The client library as somebody else gets it: installed alone under a prefix, found by a project of its own, built, and
run against a service. Exit status 0, or the first thing that is wrong."""
import argparse
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
sys.path.insert(0, os.path.join(root, "tests/e2e/service"))
from service import Receiver, Service, bootstrap  # noqa: E402

ROWS = 5


def told(*command, status=0):
    """What a program prints, if it ends as it should."""
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(binary_dir, folder):
    prefix, source, made = (os.path.join(folder, name) for name in ("prefix", "source", "build"))
    told("cmake", "--install", binary_dir, "--component", "sdk", "--prefix", prefix)
    headers = os.path.join(prefix, "include/qianda/client")
    assert sorted(os.listdir(headers)) == sorted(os.listdir(os.path.join(root, "clients/sdk/include/qianda/client")))
    for name in os.listdir(headers):  # an outside program needs nothing but the standard library
        for line in open(os.path.join(headers, name), encoding="utf-8"):
            if line.startswith("#include"):
                assert line.split()[1].startswith('"qianda/client/') or "/" not in line and ".h" not in line, line
    shutil.copytree(here, source)  # apart from the tree: nothing of it is found by chance
    told("cmake", "-S", source, "-B", made, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_PREFIX_PATH=" + prefix,
         "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror -std=c++20")
    told("cmake", "--build", made, "--parallel", "2")
    return os.path.join(made, "main_story"), os.path.join(made, "checks")


def check_document():
    page = open(os.path.join(root, "docs/sdk.md"), encoding="utf-8").read()
    example = open(os.path.join(here, "main_story.cpp"), encoding="utf-8").read()
    assert "```cpp\n" + example + "```" in page, "docs/sdk.md has another example than tests/consumer/main_story.cpp"


def secret_file(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def tell(service, folder, main_story, checks):
    house = bootstrap(service)
    where = [f"https://127.0.0.1:{service.port}", secret_file(folder + "/key", house["client"].bearer + "\n"),
             os.path.join(service.data, "development-tls.crt")]
    ask = lambda what, *more, status=0, at=where: told(checks, what, *at, *more, status=status)
    roster = os.path.join(folder, "roster.csv")
    service.run("sample", "roster", "--template", "labour-general", "--count", str(ROWS), "--out", roster)

    receiver, seen = Receiver(), []
    hook, receiver.secret, count = ask("add-webhook", receiver.url()).split()
    assert count == "1"
    take = receiver.take
    receiver.take = lambda headers, body: (take(headers, body), seen.append((dict(headers), body)))

    said = told(main_story, *where, house["seal"], roster, folder)
    assert f"made {ROWS} of {ROWS}" in said and f"complete {ROWS}/{ROWS}" in said, said
    names = zipfile.ZipFile(folder + "/contracts.zip").namelist()
    assert len(names) == ROWS + 1 and "results.csv" in names, names
    anchor = os.path.join(service.data, "development-pki/root.pem")
    service.run("evidence", "verify", folder + "/evidence.zip", "--trust", anchor)
    batch = house["client"].get("/api/v1/batches")["items"][0]["id"]
    again = told(main_story, *where, house["seal"], roster, folder)  # the same key and roster: the same batch
    assert len(house["client"].get("/api/v1/batches")["items"]) == 1, again

    assert "template labour-general" in ask("templates") and "required fields 1" in ask("templates")
    assert ask("verify", folder + "/contract.pdf").startswith("TOTAL_PASSED , known 1, signatures 1")
    octets = bytearray(open(folder + "/contract.pdf", "rb").read())
    octets[len(octets) // 3] ^= 1
    open(folder + "/tampered.pdf", "wb").write(octets)
    assert ask("verify", folder + "/tampered.pdf").startswith("TOTAL_FAILED HASH_FAILURE, known 0, signatures 1")
    assert ask("envelopes", batch) == f"envelopes {ROWS} on 3 pages\nreminded sent\nlink renewed sent\n" \
        "revoked revoked\nsent again: 409 conflict\n"
    assert ask("audit", folder + "/audit.jsonl") == "octets 1\n"
    service.run("audit", "verify", folder + "/audit.jsonl", "--trust", anchor)
    check_xlsx(house["client"], ask, folder, house["seal"], roster)
    check_refusals(folder, where, ask, main_story, house["seal"], roster)
    check_webhooks(folder, checks, receiver, seen, ask, hook)


def check_xlsx(client, ask, folder, seal, roster):
    from openpyxl import Workbook
    book = Workbook()
    for row in csv.reader(io.StringIO(open(roster, encoding="utf-8-sig").read())):
        book.active.append(row)
    book.save(folder + "/roster.xlsx")
    assert ask("create", seal, folder + "/roster.xlsx") == f"made {ROWS}\n"
    names = fields_of(client, book.active.iter_rows(max_row=1, values_only=True).__next__())
    row = dict(zip(names, next(book.active.iter_rows(min_row=2, max_row=2, values_only=True))))
    inline = lambda row: ask("inline", text_file(folder + "/row", "".join(f"{n}: {v}\n" for n, v in row.items())))
    assert inline(row) == "valid 1, rows 1\n", inline(row)
    assert inline(dict(row, worker_phone="12345")) == "valid 0, rows 1\n1 worker_phone format\n"


def fields_of(client, headers):
    """Field names by the headers of a sample roster."""
    labels = {field["label"]: field["name"] for field in client.get("/api/v1/templates/labour-general")["fields"]}
    return [labels[header.rstrip("*").split("（")[0]] for header in headers]


def text_file(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def check_refusals(folder, where, ask, main_story, seal, roster):
    server, key, authorities = where
    wrong = secret_file(folder + "/wrong", "qk_0123456789\n")
    assert ask("templates", at=[server, wrong, authorities], status=1) == "refused 401 unauthenticated\n"
    assert ask("create", seal, roster, at=[server, wrong, authorities], status=1) == "refused 401 unauthenticated\n"
    told("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=another", "-keyout", folder + "/other-key", "-out", folder + "/other.pem")
    assert ask("templates", at=[server, key, folder + "/other.pem"], status=1) == "refused 0 tls_refused\n"
    assert ask("templates", at=[server, key, ""], status=1) == "refused 0 tls_refused\n"  # the system's store
    another = server.replace("127.0.0.1", "localhost")  # trusted, but for a name it has; 127.0.0.2 it has not
    assert "template labour-general" in ask("templates", at=[another, key, authorities])
    another = server.replace("127.0.0.1", "127.0.0.2")
    assert ask("templates", at=[another, key, authorities], status=1).split()[2] in ("tls_refused", "unreachable")
    assert ask("templates", at=["http://example.com", key, ""], status=1) == "refused 0 argument\n"
    assert ask("templates", at=[server, secret_file(folder + "/open", "k", 0o644), authorities],
               status=1) == "refused 0 key_file\n"
    lines = open(roster, encoding="utf-8-sig").read().splitlines()
    table = list(csv.reader(lines))
    column = table[0].index(next(name for name in table[0] if name.startswith("劳动者联系电话")))
    table[3][column] = "12345"
    faulty = os.path.join(folder, "faulty.csv")
    with open(faulty, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    said = told(main_story, *where, seal, faulty, folder, status=1)
    assert f"row 3, column {column + 1} (worker_phone): format: " in said, said
    said = ask("create", seal, faulty, status=1)
    assert said == f"refused 422 roster_invalid 3/{column + 1}/worker_phone\n", said


def check_webhooks(folder, checks, receiver, seen, ask, hook):
    end = time.monotonic() + 120
    while not seen:
        assert time.monotonic() < end, "no webhook came"
        time.sleep(0.05)
    headers, body = seen[0]

    def judged(headers, body, secret=receiver.secret, status=0):
        with open(folder + "/headers", "w") as file:
            file.writelines(f"{name}: {value}\n" for name, value in headers.items())
        open(folder + "/body", "wb").write(body)
        return told(checks, "webhook", secret, folder + "/headers", folder + "/body", status=status)

    event = json.loads(body)
    assert judged(headers, body) == f"genuine {event['type']} {event['sequence']}\n"
    assert judged(headers, body.replace(b'"sequence":', b'"sequence":1'), status=1) == "refused 0 webhook_signature\n"
    assert judged(headers, body, "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", status=1) == "refused 0 webhook_signature\n"
    name = next(name for name in headers if name.lower() == "webhook-timestamp")
    moved = dict(headers, **{name: str(int(headers[name]) + 1)})
    assert judged(moved, body, status=1) == "refused 0 webhook_signature\n"
    del moved[name]
    assert judged(moved, body, status=1) == "refused 0 webhook_malformed\n"
    assert ask("replay", hook) == "replayed 1\nleft 0\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qianda", required=True)
    parser.add_argument("--binary-dir", required=True)
    arguments = parser.parse_args()
    check_document()
    with tempfile.TemporaryDirectory(prefix="qianda-consumer-") as folder:
        main_story, checks = build(arguments.binary_dir, folder)
        service = Service(arguments.qianda, folder)
        try:
            tell(service, folder, main_story, checks)
            assert service.stop() == 0
        except BaseException:
            if os.path.exists(service.log_path):
                print(open(service.log_path).read()[-4000:])
            raise
        finally:
            if service.process and service.process.poll() is None:
                service.kill()


if __name__ == "__main__":
    main()
