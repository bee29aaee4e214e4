#!/usr/bin/env bash
# python3-openstackclient 7.4.0 (Debian 13): Glance's API of version 2 has several stores, and `openstack image import --store`
# chooses one. `openstack image create --store` ends before it asks anything, with the words that `--store` is an option of
# version 1 that version 2 no longer supports: there it named the only store of a whole cloud. An image that is uploaded
# goes to the default store, or is made and imported in two commands.
#
# Seen:
#   create: ERROR: --store was given, which is an Image v1 option that is no longer supported in Image v2
#   import: --store [<STORE> ...]
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 400 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-openstackclient trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-openstackclient)
echo "python3-openstackclient $version"
[[ $version == 7.4.0* ]] || { echo 'not the version that this was seen with (7.4.0)'; exit 1; }

openstack() {
  chroot "$root/trixie" env HOME=/tmp openstack --os-auth-type none --os-endpoint http://127.0.0.1:9 "$@" 2>&1
}

said=$(openstack image create --store files --file /etc/hostname picture) && status=0 || status=$?
echo "create: $said"
option=$(openstack image import --help | grep -oE -m 1 -e '--store \[<STORE> \.\.\.\]')
echo "import: $option"
[ "$status" -ne 0 ] && [[ $said == *'--store was given'*'no longer supported'* ]] && [ -n "$option" ] || exit 1
