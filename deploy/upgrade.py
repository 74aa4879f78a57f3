"""Upgrades a shop that is open: the old version works, the new one's migrations run, the new services work beside the old ones and then
alone, while customers write and people read and add things. No request may fail, and no message may be missing, stand there twice or be
left unsent. Runs over TEST_DATABASE_URL: `chatdesk with-postgres -- python3 deploy/upgrade.py OLD NEW`, where both are binaries; with the
same for both it is what a rolling restart does. A third argument is the seconds that each of the four stages lasts."""

import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

# Seconds between two messages, and between two requests of each kind.
EVERY = 0.05
CUSTOMERS = 40
QUESTION = "Áo thun giá bao nhiêu?"
SERVICES = ["catalog", "tenants", "ai", "inbox", "gateway"]


def call(url, body=None, token=None, headers=None):
    headers = {"content-type": "application/json", **(headers or {})}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return json.loads(text) if text[:1] in (b"{", b"[") else None


def until(what, seconds, why):
    for _ in range(seconds * 10):
        found = what()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(why)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_old(binary, environment, home):
    log = open(f"{home}/old.log", "w", encoding="utf-8")
    process = subprocess.Popen([binary, "run", "--sandbox"], env=environment, stdout=log, stderr=log, cwd=home)
    until(lambda: process.poll() is not None or os.path.exists(f"{home}/run.json"), 120, "the old version did not start")
    with open(f"{home}/run.json", encoding="utf-8") as file:
        return process, json.load(file)


def start_new(binary, environment, home, run, sandbox):
    ports = {name: free_port() for name in SERVICES}
    own = {f"{name.upper()}_ADDR": f"127.0.0.1:{port}" for name, port in ports.items()}
    own |= {f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    own |= {"GRAPH_BASE_URL": f"{sandbox}/graph", "INSTAGRAM_BASE_URL": f"{sandbox}/instagram", "FB_APP_SECRET": run["app_secret"],
            "IG_APP_SECRET": run["app_secret"], "FB_VERIFY_TOKEN": run["verify_token"], "PUBLIC_URL": run["api_url"].rstrip("/")}
    processes = []
    for name in SERVICES:
        log = open(f"{home}/{name}.log", "w", encoding="utf-8")
        processes.append(subprocess.Popen([binary, "serve", name], env=environment | own, stdout=log, stderr=log, cwd=home))
    api = f"http://127.0.0.1:{ports['gateway']}"

    def is_ready():
        try:
            call(f"{api}/readyz")
            return True
        except (urllib.error.URLError, OSError):
            return False
    until(is_ready, 60, "the new version did not become ready")
    return processes, api


def customer(number):
    return f"88{number % CUSTOMERS:011}"


class Load:
    """Customers who write and people who work, each at the gateways that are open."""

    def __init__(self, run, token):
        self.run, self.token = run, token
        self.gateways, self.errors, self.calls, self.sent = [run["api_url"].rstrip("/")], [], 0, []
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.repeat, args=(what,)) for what in (self.write, self.read, self.add)]

    def repeat(self, what):
        number = 0
        while not self.ends.wait(EVERY):
            number += 1
            gateway = self.gateways[number % len(self.gateways)]
            try:
                what(gateway, number)
                self.calls += 1
            except urllib.error.HTTPError as error:
                self.errors.append(f"{what.__name__}: {error.code} {error.read()[:300]!r}")
            except OSError as error:
                self.errors.append(f"{what.__name__}: {error}")

    def write(self, gateway, number):
        page = self.run["pages"][0]
        mid = f"m_upgrade_{number}"
        message = {"sender": {"id": customer(number)}, "recipient": {"id": page["page_id"]}, "timestamp": int(time.time() * 1000),
                   "message": {"mid": mid, "text": f"{QUESTION} {number}"}}
        entry = {"id": page["page_id"], "time": int(time.time() * 1000), "messaging": [message]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        signature = hmac.new(self.run["app_secret"].encode(), body, hashlib.sha256).hexdigest()
        call(f"{gateway}/api/webhooks/facebook", body, headers={"x-hub-signature-256": f"sha256={signature}"})
        self.sent.append(number)

    def read(self, gateway, number):
        if number % 3 == 0:
            return call(f"{gateway}/api/products?limit=20", token=self.token)
        page = call(f"{gateway}/api/conversations?limit=20", token=self.token)
        return call(f"{gateway}/api/conversations/{page['items'][0]['id']}/messages", token=self.token)

    def add(self, gateway, number):
        call(f"{gateway}/api/products", {"name": f"Áo thử {number}", "price": str(150000 + number)}, self.token)


def main():
    old, new = map(os.path.abspath, sys.argv[1:3])
    stage = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    home = tempfile.mkdtemp(prefix="chatdesk-upgrade-")
    addresses = {name: "127.0.0.1:0" for name in ["GATEWAY_ADDR", "GRPC_ADDR", "METRICS_ADDR", "SANDBOX_ADDR"]}
    environment = {**os.environ, **addresses, "DATABASE_URL": os.environ["TEST_DATABASE_URL"], "CHATDESK_HOME": home,
                   "SECRET_KEY": secrets.token_hex(32), "RUST_LOG": "warn"}
    running, run = start_old(old, environment, home)
    others = []
    try:
        [owner] = [login for login in run["logins"] if login["member_role"] == "owner"]
        token = call(f"{run['api_url'].rstrip('/')}/api/auth/login", {name: owner[name] for name in ["email", "password"]})["access_token"]
        sandbox = run["sandbox_url"].rstrip("/")
        # Who never wrote by way of Meta's stand-in cannot be answered there.
        for number in range(CUSTOMERS):
            call(f"{sandbox}/sandbox/customers/{customer(number)}/messages", {"page_id": run["pages"][0]["page_id"], "text": "Shop ơi"})
        load = Load(run, token)
        for thread in load.threads:
            thread.start()
        time.sleep(stage)
        migrated = subprocess.run([new, "migrate"], env=environment, cwd=home, check=False, capture_output=True, text=True)
        if migrated.returncode:
            load.ends.set()
            sys.exit(f"the new version's migrations failed: {migrated.stderr}")
        time.sleep(stage)
        others, api = start_new(new, environment, home, run, sandbox)
        load.gateways.append(api)
        time.sleep(stage)
        load.gateways.remove(run["api_url"].rstrip("/"))
        time.sleep(stage)
        load.ends.set()
        for thread in load.threads:
            thread.join()
        print(f"{load.calls} requests, {len(load.errors)} failed, {len(load.sent)} messages taken")
        return load.errors + unsettled(api, load)
    finally:
        for process in others + [running]:
            process.terminate()
        for process in others + [running]:
            process.wait(60)


def every(api, path, token):
    cursor = ""
    while cursor is not None:
        page = call(f"{api}{path}?limit=100{cursor and '&cursor=' + cursor}", token=token)
        yield from page["items"]
        cursor = page.get("next_cursor")


def unsettled(api, load):
    """What is missing of the messages, stands there twice or is unsent a minute later."""
    def look():
        texts, waiting = [], 0
        for conversation in every(api, "/api/conversations", load.token):
            told = list(every(api, f"/api/conversations/{conversation['id']}/messages", load.token))
            texts += [message["content"] for message in told if message["sender_type"] == "contact"]
            waiting += any(message["status"] in ("queued", "sending", "failed") for message in told)
        found = {int(text.rsplit(" ", 1)[1]) for text in texts if text.startswith(QUESTION)}
        missing = [f"message {number} is missing" for number in load.sent if number not in found]
        twice = [f"{text} stands there twice" for text in set(texts) if text.startswith(QUESTION) and texts.count(text) > 1]
        return missing + twice + [f"{waiting} conversations have something unsent"] * bool(waiting)

    for _ in range(30):
        left = look()
        if not left:
            break
        time.sleep(2)
    return left


sys.exit("\n".join(main()[:20]) or 0)
