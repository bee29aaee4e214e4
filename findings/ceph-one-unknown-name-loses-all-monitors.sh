#!/usr/bin/env bash
# Ceph 18.2.7 (Debian 13): `mon_host` is a list of monitors, so that the others are asked where one is away. It may have names
# in the place of addresses, and then each name has to resolve before anything is asked: with one that does not, the whole list
# is invalid, and the client ends at once with `invalid argument`. An address of the list at which nobody answers is passed
# over. Where the name of a monitor goes when it is stopped, as with containers, one monitor that is away thus takes
# those that serve from everybody who starts meanwhile.
#
# Seen, with one monitor at 127.0.0.1:13300:
#   127.0.0.1:13300: answers
#   127.0.0.1:13300,127.0.0.2:13300: answers
#   127.0.0.1:13300,localhost:13300: answers
#   127.0.0.1:13300,nowhere.invalid:13300: unable to parse addrs in '127.0.0.1:13300,nowhere.invalid:13300'
#   nowhere.invalid:13300,127.0.0.1:13300: unable to parse addrs in 'nowhere.invalid:13300,127.0.0.1:13300'
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
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' ceph-common)
echo "ceph-common $version"
[[ $version == 18.2.7* ]] || { echo 'not the version that this was seen with (18.2.7)'; exit 1; }

fsid=00000000-0000-4000-8000-000000000001
cat > "$root/trixie/etc/ceph/ceph.conf" <<CONFIG
[global]
fsid = $fsid
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
mon_data = /tmp/mon
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

# ask MONITORS: whether the cluster tells its name, and if not, why.
ask() {
  local said
  if said=$(inside ceph -m "$1" fsid 2>&1) && [ "${said##*$'\n'}" = "$fsid" ]; then
    echo "$1: answers"
  else
    echo "$1: $(grep 'unable to parse' <<< "$said" || echo "$said")"
  fi
}
seen=$(
  ask 127.0.0.1:13300
  ask 127.0.0.1:13300,127.0.0.2:13300
  ask 127.0.0.1:13300,localhost:13300
  ask 127.0.0.1:13300,nowhere.invalid:13300
  ask nowhere.invalid:13300,127.0.0.1:13300
)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Ceph answers otherwise now'; exit 1; }
127.0.0.1:13300: answers
127.0.0.1:13300,127.0.0.2:13300: answers
127.0.0.1:13300,localhost:13300: answers
127.0.0.1:13300,nowhere.invalid:13300: unable to parse addrs in '127.0.0.1:13300,nowhere.invalid:13300'
nowhere.invalid:13300,127.0.0.1:13300: unable to parse addrs in 'nowhere.invalid:13300,127.0.0.1:13300'
SEEN
