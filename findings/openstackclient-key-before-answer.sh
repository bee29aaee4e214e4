#!/usr/bin/env bash
# python-openstackclient 7.4.0 (Debian 13's 7.4.0-3, with openstacksdk 4.4.0): `keypair create --private-key FILE NAME` makes
# the key itself and writes FILE before it asks Nova. Where Nova then refuses, as it does with 409 for a name that is taken,
# the command exits with 1, and FILE holds a key that no cloud knows. What FILE held before is gone, the key of the very
# pair that is in the way for example.
#
# Seen:
#   ConflictException: 409: Client Error for url: .../v2.1/os-keypairs, Key pair 'mine' already exists.
#   exit code 1; the file, "the only copy of this key" before, begins with "-----BEGIN OPENSSH PRIVATE KEY-----"
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 400 MB of temporary disk. Nova and Keystone are stood in
# for by 40 lines on loopback, since all that matters is the order. Exits with 1 where the behaviour is another one.
set -euo pipefail
wanted=7.4.0-3
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-openstackclient trixie "$root/trixie"
inside() { chroot "$root/trixie" "$@"; }
version=$(inside dpkg-query -W -f '${Version}' python3-openstackclient)
echo "python3-openstackclient $version"
[ "$version" = "$wanted" ] || { echo "not the version that this was seen with ($wanted)"; exit 1; }

cat > "$root/trixie/root/apis.py" <<'PYTHON'
"""As much of Keystone and Nova as a client asks before it makes a key pair, whose name is taken. Runs a command then."""
import http.server, json, os, subprocess, sys, threading


class Apis(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(data)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        keystone = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": url + "/v3/"}]}
        nova = {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1", "links": []}
        self.answer(200, {"version": keystone if self.path.startswith("/v3") else nova})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/v2.1/os-keypairs":
            return self.answer(409, {"conflictingRequest": {"code": 409, "message": "Key pair 'mine' already exists."}})
        endpoint = {"id": "e", "interface": "public", "region": "R", "region_id": "R", "url": url + "/v2.1"}
        domain = {"id": "default", "name": "Default"}
        token = {
            "expires_at": "2100-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "methods": ["password"],
            "user": {"id": "u", "name": "user", "domain": domain},
            "project": {"id": "p", "name": "project", "domain": domain},
            "catalog": [{"id": "c", "type": "compute", "name": "nova", "endpoints": [endpoint]}],
        }
        self.answer(201, {"token": token}, [("X-Subject-Token", "token")])

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Apis)
url = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "OS_AUTH_URL": url + "/v3"}, timeout=60).returncode)
PYTHON

echo 'the only copy of this key' > "$root/trixie/root/key"
code=0
inside env -i PATH=/usr/bin:/bin HOME=/root OS_IDENTITY_API_VERSION=3 OS_USERNAME=user OS_PASSWORD=password \
  OS_PROJECT_NAME=project OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default \
  python3 /root/apis.py openstack keypair create --private-key /root/key mine || code=$?
first=$(head -n 1 "$root/trixie/root/key")
echo "exit code $code; the file begins with \"$first\""
[ "$code" -eq 1 ] && [ "$first" = '-----BEGIN OPENSSH PRIVATE KEY-----' ]
