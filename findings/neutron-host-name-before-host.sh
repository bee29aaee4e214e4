#!/usr/bin/env bash
# Neutron 26 (Debian 13's neutron 2:26.0.0 and its updates) with oslo.config 9.7.1: on a machine whose host name has an
# underscore every process of Neutron ends while it is imported, also where `host` in neutron.conf gives another name. The
# option's type checks its default, which is gethostname(), when the option is made: long before a file is read. Nova, whose
# `host` has a type that takes underscores, starts on the same machine, so its servers wait for an agent that never comes.
#
# Seen, with the host name my_host and a neutron.conf that says `host = node-1`:
#   oslo_config.cfg.DefaultValueError: Error processing default value my_host for Opt type of HostAddress.
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 700 MB of temporary disk. The host name is that of a UTS
# namespace; the machine keeps its own. Exits with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-neutron,python3-nova trixie "$root/trixie"
chroot "$root/trixie" dpkg-query -W python3-neutron python3-nova python3-oslo.config
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-neutron)
[[ $version == 2:26.* ]] || { echo 'not the version that this was seen with (2:26)'; exit 1; }
printf '[DEFAULT]\nhost = node-1\n' > "$root/trixie/etc/of-host.conf"

# starts_on HOST-NAME MODULE-THAT-REGISTERS-OPTIONS MODULE-WITH-THEM: says what `host` is, read from the file.
starts_on() {
  unshare --uts sh -c 'printf %s "$0" > /proc/sys/kernel/hostname && exec "$@"' "$1" chroot "$root/trixie" python3 -c '
import importlib, sys
from oslo_config import cfg
module = importlib.import_module(sys.argv[1])
conf = getattr(module, "CONF", cfg.CONF)
if hasattr(module, "register_core_common_config_opts"): module.register_core_common_config_opts(conf)
conf(["--config-file", "/etc/of-host.conf"], project="finding")
print(sys.argv[1], "starts; host is", conf.host)' "$2"
}
starts_on my-host neutron.conf.common
starts_on my_host nova.conf
if starts_on my_host neutron.conf.common 2> "$root/error"; then
  echo 'Neutron starts under my_host now'
  exit 1
fi
tail -n 1 "$root/error"
grep -q 'Error processing default value my_host for Opt type of HostAddress' "$root/error"
