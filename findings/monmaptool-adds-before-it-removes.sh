#!/usr/bin/env bash
# monmaptool 18.2.7 (Ceph in Debian 13) takes several changes of a map of monitors in one call, but not in the order in which
# they are written: all of `--add` comes before all of `--rm`. A monitor cannot be given its new address by
# `--rm a --add a ADDRESS`, nor its address to a monitor of another name: the map `already contains` what the first word of the
# line removes. The call ends with 1, and the map stays as it was. Two calls do it.
#
# Seen:
#   --rm a --add a 127.0.0.2:6789: monmaptool: map already contains mon.a
#   --rm a --add b 127.0.0.1:6789: monmaptool: map already contains v1:127.0.0.1:6789/0
#   in two calls: 0: v1:127.0.0.2:6789/0 mon.a
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 500 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=ceph-base trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' ceph-base)
echo "ceph-base $version"
[[ $version == 18.2.7* ]] || { echo 'not the version that this was seen with (18.2.7)'; exit 1; }

change() {
  chroot "$root/trixie" monmaptool "$@" /tmp/map 2>&1
}
first_monitor() {
  change --print | grep '^0: '
}

change --create --add a 127.0.0.1:6789 > "$root/created"
before=$(first_monitor)
status=0
for new in 'a 127.0.0.2:6789' 'b 127.0.0.1:6789'; do
  # The words of the new monitor are two.
  # shellcheck disable=SC2086
  said=$(change --rm a --add $new) && status=1
  echo "--rm a --add $new: $(grep 'already contains' <<< "$said" || echo 'nothing of the kind')"
  grep -q 'already contains' <<< "$said" || status=1
  [ "$(first_monitor)" = "$before" ] || status=1
done
change --rm a > "$root/removed"
change --add a 127.0.0.2:6789 > "$root/added"
echo "in two calls: $(first_monitor)"
[[ $(first_monitor) == *127.0.0.2:6789* ]] || status=1
exit "$status"
