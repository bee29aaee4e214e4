#!/usr/bin/env bash
# Ceph 18.2.7 (Debian 13): `ceph osd pool create` of a name that begins with a dot, such as RGW's `.rgw.root`, says that
# such names are not allowed, makes nothing, and ends with 0 as if it had. So does `ceph osd pool rename` to one. It is the
# monitor that answers with code 0, so that scripts and clients of librados alike take the refusal for success; other refusals
# that ask for `--yes-i-really-mean-it`, such as that of one copy alone, end with 1. With that word the pool is made, which
# the refusal does not say. By librados' own call it is made without a word: RGW makes its pools by that.
#
# Seen:
#   osd pool create .rgw.root 1: ends with 0, pool names beginning with . are not allowed; there are: plain
#   osd pool rename plain .other: ends with 0, pool names beginning with . are not allowed; there are: plain
#   osd pool create of the monitor: code 0, pool names beginning with . are not allowed; there are: plain
#   osd pool set plain size 1: ends with 1, Error EPERM: WARNING: setting pool size 1 could lead to data loss without recovery; there are: plain
#   osd pool create .rgw.root 1 --yes-i-really-mean-it: ends with 0, pool '.rgw.root' created; there are: plain .rgw.root
#   create_pool of librados: there are: plain .rgw.root .third
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 700 MB of temporary disk, a port of loopback. Exits with 1
# where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
started=()
leave() {
  # Nothing of what they have is kept.
  [ ${#started[@]} -eq 0 ] || kill -KILL "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null
  rm -rf --one-file-system "$root"
}
trap leave EXIT
mmdebstrap --quiet --variant=minbase --include=ceph-base,ceph-mon trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' ceph-mon)
echo "ceph-mon $version"
[[ $version == 18.2.7* ]] || { echo 'not the version that this was seen with (18.2.7)'; exit 1; }

fsid=00000000-0000-4000-8000-000000000001
cat > "$root/trixie/etc/ceph/ceph.conf" <<CONFIG
[global]
fsid = $fsid
mon_host = 127.0.0.1:13300
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
mon_data = /tmp/mon
mon_allow_pool_size_one = true
log_to_file = false
mon_cluster_log_to_file = false
CONFIG
inside() {
  timeout 60 chroot "$root/trixie" "$@"
}
inside monmaptool --create --fsid "$fsid" --addv a '[v2:127.0.0.1:13300]' /tmp/map > "$root/created"
inside ceph-mon --mkfs -i a --monmap /tmp/map > "$root/made" 2>&1
chroot "$root/trixie" ceph-mon -f -i a > "$root/mon.log" 2>&1 &
started+=($!)

pools() {
  echo "there are: $(inside ceph osd pool ls | paste -sd ' ')"
}
# try WORD...: how the call ends, and what it says last, without the advice.
try() {
  local said status=0
  said=$(inside ceph "$@" 2>&1) || status=$?
  said=${said##*$'\n'}
  echo "$*: ends with $status, ${said%%. If you are*}; $(pools)"
}
# by_librados EXPRESSION: what comes of it in Python.
by_librados() {
  inside python3 -c "
import json, rados
with rados.Rados(conffile='/etc/ceph/ceph.conf') as cluster:
    $1"
}
inside ceph osd pool create plain 1 > "$root/plain" 2>&1
seen=$(
  try osd pool create .rgw.root 1
  try osd pool rename plain .other
  command="json.dumps({'prefix': 'osd pool create', 'pool': '.rgw.root', 'pg_num': 1})"
  answer=$(by_librados "code, _, said = cluster.mon_command($command, b''); print(f'code {code}, {said}')")
  echo "osd pool create of the monitor: $answer; $(pools)"
  try osd pool set plain size 1
  try osd pool create .rgw.root 1 --yes-i-really-mean-it
  by_librados "cluster.create_pool('.third')"
  echo "create_pool of librados: $(pools)"
)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Ceph answers otherwise now'; exit 1; }
osd pool create .rgw.root 1: ends with 0, pool names beginning with . are not allowed; there are: plain
osd pool rename plain .other: ends with 0, pool names beginning with . are not allowed; there are: plain
osd pool create of the monitor: code 0, pool names beginning with . are not allowed; there are: plain
osd pool set plain size 1: ends with 1, Error EPERM: WARNING: setting pool size 1 could lead to data loss without recovery; there are: plain
osd pool create .rgw.root 1 --yes-i-really-mean-it: ends with 0, pool '.rgw.root' created; there are: plain .rgw.root
create_pool of librados: there are: plain .rgw.root .third
SEEN
