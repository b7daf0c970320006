"""A service with people, a seal with its grant and an API key, for tests in other languages: one line of JSON says where it
is, SIGTERM ends it."""
import argparse
import json
import os
import signal
import sys

from service import Service, bootstrap


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qianda", required=True)
    parser.add_argument("--folder", required=True, help="exists, and is empty")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    service = Service(arguments.qianda, arguments.folder)
    try:
        house = bootstrap(service)
        key = os.path.join(arguments.folder, "api-key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(house["client"].bearer + "\n")
        print(json.dumps({"server": f"https://127.0.0.1:{service.port}", "key_file": key, "seal": house["seal"],
                          "authorities": os.path.join(service.data, "development-tls.crt"),
                          "anchor": os.path.join(service.data, "development-pki/root.pem")}), flush=True)
        signal.pause()
    finally:
        if service.process and service.process.poll() is None:
            service.kill()


if __name__ == "__main__":
    main()
