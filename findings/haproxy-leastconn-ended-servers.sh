#!/usr/bin/env bash
# HAProxy 3.0.11 (Debian 13), `balance leastconn` with `option redispatch 1` and `retries 10`: where two of three servers have
# ended, and their checks have not noticed yet, a request is answered with 503 within milliseconds while the third one
# serves others. Retries leave out the server that refused last, and no other: those that have ended have the fewest
# connections, so the request goes back and forth between the two until all retries are spent. A busy server is never
# asked. With `balance roundrobin` the same request is served; so it is by leastconn where one server alone has ended, or
# with `observe layer4 error-limit 1 on-error mark-down`.
#
# Seen:
#   leastconn 503
#   leastconn observed 200
#   roundrobin 200
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
mmdebstrap --quiet --variant=minbase --include=haproxy,python3-minimal,curl trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' haproxy)
echo "haproxy $version"
[[ $version == 3.0.11* ]] || { echo 'not the version that this was seen with (3.0.11)'; exit 1; }

# Answers any number of requests at the same time, each after two seconds.
cat > "$root/trixie/tmp/serve.py" <<'PYTHON'
import socket
import threading
import time


def answer(connection):
    connection.recv(65536)
    time.sleep(2)
    connection.sendall(b'HTTP/1.0 200 OK\r\n\r\nserved')
    connection.close()


listening = socket.create_server(('127.0.0.1', 18080))
while True:
    threading.Thread(target=answer, args=[listening.accept()[0]], daemon=True).start()
PYTHON
chroot "$root/trixie" python3 /tmp/serve.py &
started+=($!)

# ask NAME BALANCE [OPTIONS]: what a request is answered while another one is under way at the only server that is left.
ask() {
  cat > "$root/trixie/tmp/haproxy.cfg" <<CONFIG
global
  maxconn 100
defaults
  mode http
  option redispatch 1
  retries 10
  timeout connect 1s
  timeout client 10s
  timeout server 10s
listen all
  bind 127.0.0.1:18081
  balance $2
  default-server check inter 1h ${3:-}
  server lives 127.0.0.1:18080
  server ended-1 127.0.0.1:18082
  server ended-2 127.0.0.1:18083
CONFIG
  chroot "$root/trixie" haproxy -db -f /tmp/haproxy.cfg > "$root/haproxy.log" 2>&1 &
  local haproxy=$!
  started+=("$haproxy")
  for _ in {1..50}; do
    (exec 3<> /dev/tcp/127.0.0.1/18081) 2>/dev/null && break
    sleep 0.1
  done
  get() { chroot "$root/trixie" curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:18081/; }
  get > "$root/first" &
  local first=$!
  # It is at the server that is left by then, for another second and a half.
  sleep 0.5
  echo "$1 $(get)"
  wait "$first"
  kill "$haproxy"
  wait "$haproxy" || true
}

seen=$(
  ask 'leastconn' leastconn
  ask 'leastconn observed' leastconn 'observe layer4 error-limit 1 on-error mark-down'
  ask 'roundrobin' roundrobin
)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'HAProxy answers otherwise now'; exit 1; }
leastconn 503
leastconn observed 200
roundrobin 200
SEEN
