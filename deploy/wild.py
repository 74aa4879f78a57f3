"""Sends what Schemathesis makes of the API's description to a running installation, as an owner and as a platform admin: none of it may be
answered with a 5xx. Starts `chatdesk run --sandbox` over TEST_DATABASE_URL for it. Arguments: the binary, Schemathesis' folder."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

# Seconds for each of the two.
BUDGET = {"owner": 150, "admin": 45}
# With more than one worker Python 3.11 fails now and then in its own parser.
WORKERS = "1"
# What would end the session of whoever is trying, or does nothing but wait for something that never comes.
LEFT_OUT = ["logout_everywhere", "open_socket", "livez", "readyz"]


def call(url, body=None, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def code(secret):
    """Of an admin's one-time codes (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def tokens(run):
    api = run["api_url"].rstrip("/")
    shop = {"email": f"{secrets.token_hex(8)}@shop.example", "password": "mat khau rat dai 123", "business_name": "Tiệm Thử"}
    owner = call(f"{api}/api/auth/register", shop)["access_token"]
    for name in ["Áo thun đỏ", "Quần jean xanh"]:
        call(f"{api}/api/products", {"name": name, "price": "150000"}, owner)
    page = run["connectable"][0]
    channel = {"page_id": page["page_id"], "access_token": page["access_token"]}
    call(f"{api}/api/channels/{page['platform']}", channel, owner)
    customer = {"page_id": page["page_id"], "text": "Áo thun đỏ giá bao nhiêu?"}
    call(f"{run['sandbox_url'].rstrip('/')}/sandbox/customers/6612345678901/messages", customer)
    [login] = [login for login in run["logins"] if login["role"] == "admin"]
    wish = {"email": login["email"], "password": login["password"]}
    if login.get("totp_secret"):
        wish["code"] = code(login["totp_secret"])
    admin = call(f"{api}/api/auth/login", wish)["access_token"]
    return api, {"owner": owner, "admin": admin}


def wild(folder, api, who, token):
    command = [sys.executable, f"{folder}/bin/schemathesis", "run", f"{api}/api/openapi.json", "--checks", "not_a_server_error",
               "--phases", "examples,coverage,fuzzing", "--mode", "all", "--max-examples", "25", "--max-time", str(BUDGET[who]),
               "--request-timeout", "40", "--continue-on-failure", "--no-shrink", "--warnings", "off", "--no-color", "--workers", WORKERS,
               "--generation-database", "none", "--seed", "6", "--header", f"Authorization: Bearer {token}"]
    for left_out in LEFT_OUT:
        command += ["--exclude-operation-id", left_out]
    if who == "admin":
        command += ["--include-path-regex", "^/api/admin/"]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": folder}, check=False).returncode


def start(binary, database):
    home = tempfile.mkdtemp(prefix="chatdesk-wild-")
    free = {name: "127.0.0.1:0" for name in ["GATEWAY_ADDR", "GRPC_ADDR", "METRICS_ADDR", "SANDBOX_ADDR"]}
    environment = {**os.environ, **free, "DATABASE_URL": database, "CHATDESK_HOME": home, "SECRET_KEY": secrets.token_hex(32),
                   "AUTH_PER_MINUTE": "1000000", "RUST_LOG": "error"}
    process = subprocess.Popen([binary, "run", "--sandbox"], env=environment, stdout=subprocess.DEVNULL, cwd=home)
    for _ in range(1200):
        if os.path.exists(f"{home}/run.json"):
            with open(f"{home}/run.json", encoding="utf-8") as file:
                return process, json.load(file)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    sys.exit("chatdesk did not start")


def main():
    binary, folder = sys.argv[1:]
    process, run = start(os.path.abspath(binary), os.environ["TEST_DATABASE_URL"])
    try:
        api, held = tokens(run)
        failed = [who for who, token in held.items() if wild(folder, api, who, token)]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    if failed:
        sys.exit(f"answered with a 5xx as {' and as '.join(failed)}: see above")


main()
