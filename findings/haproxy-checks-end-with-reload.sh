#!/usr/bin/env bash
# HAProxy 3.0.11 (Debian 13), master-worker mode, `option idle-close-on-response`: after a reload, the worker from before serves
# one more request of each connection that a client keeps. It does so by what it knew at the time of the reload: its
# checks have ended with it (and its resolvers, which is not shown here). Where another server took over since, such a
# request is tried at the one that has gone until all retries are spent, and answered with 503, while each new connection is
# served. Without the reload the same connection is served too. `use-server ... if { stopping }` can hand it to the new
# worker.
#
# Seen:
#   kept, reloaded: 503
#   new, reloaded: 200
#   kept, not reloaded: 200
#
# Needs root, mmdebstrap and Debian's package archive; 1 minute, 400 MB of temporary disk, three ports of loopback. Exits
# with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
started=()
leave() {
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait
  rm -rf --one-file-system "$root"
}
trap leave EXIT
mmdebstrap --quiet --variant=minbase --include=haproxy,python3-minimal,libpython3-stdlib trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' haproxy)
echo "haproxy $version"
[[ $version == 3.0.11* ]] || { echo 'not the version that this was seen with (3.0.11)'; exit 1; }

cat > "$root/trixie/tmp/haproxy.cfg" <<'CONFIG'
global
  maxconn 100
defaults
  mode http
  option redispatch 1
  retries 3
  timeout connect 1s
  timeout client 1m
  timeout server 1m
frontend door
  bind 127.0.0.1:18080
  option idle-close-on-response
  default_backend api
backend api
  option httpchk GET /
  default-server check inter 200ms fall 1 rise 1
  server first 127.0.0.1:18081
  server second 127.0.0.1:18082
CONFIG

cat > "$root/trixie/tmp/try.py" <<'PYTHON'
import http.client
import http.server
import signal
import subprocess
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


def serve(port):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def ask(connection):
    connection.request('GET', '/')
    answer = connection.getresponse()
    answer.read()
    return answer.status


def asked_until(status):
    for _ in range(50):
        try:
            if ask(http.client.HTTPConnection('127.0.0.1', 18080, timeout=10)) == status:
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f'no {status} within 10 seconds')


def round(reloads):
    """What a kept and a new connection are answered once the second server has taken over from the first."""
    first = serve(18081)
    haproxy = subprocess.Popen(['haproxy', '-W', '-db', '-f', '/tmp/haproxy.cfg'], stderr=subprocess.DEVNULL)
    try:
        asked_until(200)
        time.sleep(1)
        kept = http.client.HTTPConnection('127.0.0.1', 18080, timeout=30)
        ask(kept)
        if reloads:
            haproxy.send_signal(signal.SIGUSR2)
            time.sleep(2)
        second = serve(18082)
        time.sleep(2)
        first.shutdown()
        first.server_close()
        time.sleep(2)
        answers = ask(kept), ask(http.client.HTTPConnection('127.0.0.1', 18080, timeout=30))
        second.shutdown()
        second.server_close()
        return answers
    finally:
        haproxy.terminate()
        haproxy.wait(30)


kept, new = round(True)
print(f'kept, reloaded: {kept}')
print(f'new, reloaded: {new}')
kept_without, _ = round(False)
print(f'kept, not reloaded: {kept_without}')
sys.exit(0 if (kept, new, kept_without) == (503, 200, 200) else 'the behaviour is another one')
PYTHON
chroot "$root/trixie" python3 /tmp/try.py
