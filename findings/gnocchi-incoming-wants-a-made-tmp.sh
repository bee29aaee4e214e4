#!/usr/bin/env bash
# Gnocchi 4.6.5 (Debian 13), measures in files: what arrives may be kept apart from what is stored, by `file_basepath` of
# [incoming] beside that of [storage]. `gnocchi-upgrade` then fails, at the first and at each later call: the driver of what
# arrives writes its configuration to the folder `tmp` of its path, and makes that folder afterwards. With one path for both,
# the default, the driver of what is stored has made it before. It takes a `tmp` made by hand.
#
# Seen:
#   apart: ended with 1
#   FileNotFoundError: [Errno 2] No such file or directory: '/srv/arrived/tmp/gnocchi-config'
#   apart, again: ended with 1
#   apart, with tmp: ended with 0
#   together: ended with 0
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 700 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=gnocchi-common trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' gnocchi-common)
echo "gnocchi-common $version"
[[ $version == 4.6.5* ]] || { echo 'not the version that this was seen with (4.6.5)'; exit 1; }

mkdir "$root/trixie/srv/arrived" "$root/trixie/srv/stored" "$root/trixie/srv/both"
# configure ARRIVED STORED
configure() {
  cat > "$root/trixie/tmp/gnocchi.conf" <<CONF
[indexer]
url = mysql+pymysql://127.0.0.1/not-asked
[incoming]
driver = file
file_basepath = $1
[storage]
driver = file
file_basepath = $2
CONF
}
# upgrade CALLED: the index, which is in a database, is left out.
upgrade() {
  local code=0
  chroot "$root/trixie" gnocchi-upgrade --config-file /tmp/gnocchi.conf --skip-index --skip-archive-policies-creation \
    --sacks-number 4 > "$root/said" 2>&1 || code=$?
  echo "$1: ended with $code"
}
seen=$(
  configure /srv/arrived /srv/stored
  upgrade apart
  grep -m 1 '^FileNotFoundError' "$root/said"
  upgrade 'apart, again'
  mkdir "$root/trixie/srv/arrived/tmp"
  upgrade 'apart, with tmp'
  configure /srv/both /srv/both
  upgrade together
)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Gnocchi does otherwise now'; cat "$root/said"; exit 1; }
apart: ended with 1
FileNotFoundError: [Errno 2] No such file or directory: '/srv/arrived/tmp/gnocchi-config'
apart, again: ended with 1
apart, with tmp: ended with 0
together: ended with 0
SEEN
