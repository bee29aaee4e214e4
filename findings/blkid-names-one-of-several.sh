#!/usr/bin/env bash
# blkid --probe of util-linux 2.41 (Debian 13; 2.38.1 does the same): of a disk that holds an ext4 file system and a label of
# LVM it names the label, and exits with 0. blkid(8) says that a low-level probe which finds several exits with 8. Once it
# holds something for a member of a RAID, as it does LVM's label, it looks no further. A tool that asks blkid whether there is a file system to be kept is told of none; wipefs, of the same library, lists both.
#
# Seen:
#   blkid: TYPE=LVM2_member, exit code 0    wipefs: LVM2_member and ext4
#
# Needs root, mmdebstrap and Debian's package archive; 1 minute, 300 MB of temporary disk. Exits with 1 where the behaviour is
# another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=e2fsprogs,mount trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' util-linux)
echo "util-linux $version"
[[ $version == 2.41* ]] || { echo 'not the version that this was seen with (2.41)'; exit 1; }

truncate -s 16M "$root/trixie/disk"
chroot "$root/trixie" mkfs.ext4 -q -F /disk
# A label in the second sector, with its sum (lvm2, lib/label/label.h): ext4 leaves the first two sectors alone.
label='LABELONE\1\0\0\0\0\0\0\0\035\044\333\167\40\0\0\0LVM2 001abcdefghijklmnopqrstuvwxyz012345\0\0\200\0\0\0\0\0'
# shellcheck disable=SC2059 # the label is written as escapes
printf "$label" | dd of="$root/trixie/disk" bs=1 seek=512 conv=notrunc status=none

code=0
chroot "$root/trixie" blkid --probe --output export /disk > "$root/said" || code=$?
type=$(sed -n 's/^TYPE=//p' "$root/said")
both=$(chroot "$root/trixie" wipefs --noheadings --output TYPE /disk | sort | xargs)
echo "blkid: TYPE=$type, exit code $code"
echo "wipefs: $both"
[[ $both == 'LVM2_member ext4' ]]
# The file system is there, and whole.
chroot "$root/trixie" e2fsck -fn /disk > /dev/null 2>&1
[[ $code == 0 && $type == LVM2_member ]] || { echo 'blkid tells of both now'; exit 1; }
