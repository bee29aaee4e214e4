#!/usr/bin/env bash
# Cinder 26.0.0 (Debian 13), driver of RBD, QoS by Ceph (`consumer` of the QoS `back-end`): how many operations a second a burst
# may have, `total_iops_sec_max`, is written where Ceph has the bytes of a burst (rbd_qos_bps_burst). The volume has no burst of
# operations; one that has `total_bytes_sec_max` as well has whichever was written last. The same for reads and writes alone is
# written where it belongs. QEMU (`front-end`) takes all of them as they are called.
#
# Seen:
#   total_iops_sec -> rbd_qos_iops_limit
#   total_iops_sec_max -> rbd_qos_bps_burst
#   read_iops_sec_max -> rbd_qos_read_iops_burst
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 600 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-cinder,python3-rbd trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-cinder)
echo "python3-cinder $version"
[[ $version == 2:26.0.0* ]] || { echo 'not the version that this was seen with (26.0.0)'; exit 1; }

cat > "$root/trixie/tmp/limit.py" <<'PYTHON'
from unittest import mock

from cinder.volume.drivers import rbd

# What would be written to the image of a volume.
kept = {}
image = mock.MagicMock()
image.__enter__.return_value.config_set.side_effect = kept.__setitem__
with mock.patch.object(rbd, 'RBDVolumeProxy', return_value=image):
    for limit in ('total_iops_sec', 'total_iops_sec_max', 'read_iops_sec_max'):
        kept.clear()
        rbd.RBDDriver.update_rbd_image_qos(mock.Mock(), mock.Mock(), {limit: 500})
        print(limit, '->', ' '.join(kept))
PYTHON
seen=$(chroot "$root/trixie" python3 /tmp/limit.py)
echo "$seen"
[[ $seen == *'total_iops_sec_max -> rbd_qos_bps_burst'* ]] || { echo 'the behaviour is another one'; exit 1; }
