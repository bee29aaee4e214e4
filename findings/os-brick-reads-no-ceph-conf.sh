#!/usr/bin/env bash
# os-brick 6.11.0 (Debian 13), RBD: what opens a volume of Ceph in user space, as cinder-volume does for an image and
# cinder-backup for a backup, does not read the configuration of Ceph's clients. The connector writes a temporary one of
# its own with nothing but the monitors' addresses and the key, and takes the key from /etc/ceph/CLUSTER.client.USER.keyring.
# Where /etc/ceph/ceph.conf names another `keyring`, every other program on the machine finds the key, Cinder itself
# included, whose driver reads the file: volumes are made and deleted, and only what attaches one fails. It fails with `An
# unknown exception occurred.`: the reason, with the path, is given to the exception under a name that its text has no use
# for, and is in none of Cinder's messages and logs.
#
# Seen:
#   ceph-conf: the key of client.volumes is in /srv/keys/volumes
#   os-brick: An unknown exception occurred.
#   which was: Keyring path /etc/ceph/ceph.client.volumes.keyring is not readable.
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 600 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=ceph-common,python3-os-brick trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-os-brick)
echo "python3-os-brick $version"
[[ $version == 6.11.0* ]] || { echo 'not the version that this was seen with (6.11.0)'; exit 1; }

mkdir -p "$root/trixie/etc/ceph" "$root/trixie/srv/keys"
chroot "$root/trixie" ceph-authtool --create-keyring --gen-key --name client.volumes /srv/keys/volumes > "$root/made"
cat > "$root/trixie/etc/ceph/ceph.conf" <<'CONF'
[global]
mon_host = 127.0.0.1
[client.volumes]
keyring = /srv/keys/volumes
CONF
echo "ceph-conf: the key of client.volumes is in $(chroot "$root/trixie" ceph-conf --name client.volumes keyring)"

cat > "$root/trixie/tmp/connect.py" <<'PYTHON'
import sys

from os_brick import exception
from os_brick.initiator.connectors.rbd import RBDConnector

volume = {
    'name': 'volumes/volume-1', 'hosts': ['127.0.0.1'], 'ports': ['6789'], 'cluster_name': 'ceph',
    'auth_enabled': True, 'auth_username': 'volumes'}
try:
    RBDConnector(None).connect_volume(volume)
except exception.BrickException as thrown:
    reason = str(thrown.kwargs.get('msg'))
    print(f'os-brick: {thrown}')
    print(f'which was: {reason}')
    silent = 'keyring' not in str(thrown) and '/etc/ceph/ceph.client.volumes.keyring is not readable' in reason
    sys.exit(0 if silent else 'the behaviour is another one')
sys.exit('the behaviour is another one: the key was found')
PYTHON
chroot "$root/trixie" python3 /tmp/connect.py
