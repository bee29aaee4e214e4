#!/usr/bin/env bash
# python3-rbd 18.2.7 (Ceph in Debian 13): the package with Ceph's Python module for block devices does not depend on the one
# of `rados`, which the module imports before all else. Where nothing else brings python3-rados, `import rbd` fails. The
# services of OpenStack ask for both modules in one `try`, and say nothing of the reason: to them, RBD is not installed.
#
# Seen:
#   python3-rbd: ModuleNotFoundError: No module named 'rados'
#   python3-rbd,python3-rados: imported
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 400 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT

# try_import PACKAGES: what comes of the module where these are installed, in the last line of the answer.
try_import() {
  rm -rf --one-file-system "$root/trixie"
  mmdebstrap --quiet --variant=minbase --include="python3,$1" trixie "$root/trixie"
  chroot "$root/trixie" dpkg-query -W -f '${Version}\n' python3-rbd
  chroot "$root/trixie" python3 -c 'import rbd; print("imported")' 2>&1 || true
}

without=$(try_import python3-rbd)
version=${without%%$'\n'*}
echo "python3-rbd $version"
[[ $version == 18.2.7* ]] || { echo 'not the version that this was seen with (18.2.7)'; exit 1; }
echo "python3-rbd: ${without##*$'\n'}"
with=$(try_import python3-rbd,python3-rados)
echo "python3-rbd,python3-rados: ${with##*$'\n'}"
[[ $without == *"No module named 'rados'" && $with == *imported ]] || exit 1
