#!/usr/bin/env bash
# lsblk of util-linux 2.41 (Debian 13; 2.38.1 does the same): where udev does not run, as in containers and on minimal
# machines, the column FSTYPE is empty for a disk that holds a file system, also for root. lsblk(8) says that it reads the
# device itself then. blkid --probe does, and sees the file system: a tool that asks lsblk whether a disk is free is told
# yes.
#
# Seen, with ext4 on the device:
#   lsblk: {"name":"loop0","fstype":null}    blkid: TYPE="ext4"
#
# Needs root, a free loop device, mmdebstrap and Debian's package archive; 1 minute, 300 MB of temporary disk. Exits with 1
# where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
device=
leave() {
  [ -z "$device" ] || losetup --detach "$device"
  rm -rf --one-file-system "$root"
}
trap leave EXIT
mmdebstrap --quiet --variant=minbase --include=e2fsprogs trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' util-linux)
echo "util-linux $version"
[[ $version == 2.41* ]] || { echo 'not the version that this was seen with (2.41)'; exit 1; }
truncate -s 32M "$root/disk"
device=$(losetup --find --show "$root/disk")

# inside COMMAND...: in the new system, which has the device, /sys and /proc, and no udev.
inside() {
  unshare --mount --propagation private sh -euc '
root=$1 device=$2; shift 2
mount -t sysfs sysfs "$root/sys"
mount -t proc proc "$root/proc"
touch "$root$device"
mount --bind "$device" "$root$device"
exec chroot "$root" "$@"' sh "$root/trixie" "$device" "$@"
}
inside mkfs.ext4 -q -F "$device"
test ! -e "$root/trixie/run/udev"
seen=$(inside lsblk --json --output NAME,FSTYPE "$device" | tr -d ' \n')
read_by_blkid=$(inside blkid --probe "$device")
echo "lsblk: $seen"
echo "blkid: $read_by_blkid"
grep -q 'TYPE="ext4"' <<< "$read_by_blkid"
grep -q '"fstype":null' <<< "$seen" || { echo 'lsblk reads the device now'; exit 1; }
