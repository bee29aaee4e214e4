#!/usr/bin/env bash
# cliff 4.9.1 with stevedore 5.4.1, as python3-openstackclient 7.4.0 uses them (Debian 13): one command imports the modules of
# all commands of the APIs' versions in use before it knows which it is. cliff keeps of each command its entry point, to load
# when the command is looked for, and takes these from stevedore's ExtensionManager; that loads every one at once, also where
# it is not to be invoked (invoke_on_load is about calling what was loaded). Half of the processor time of a command is that.
# Entry points by themselves, as Python's importlib.metadata has them, are enough for all that cliff does with them.
#
# Seen, of `openstack token issue` at a port where nobody answers: modules of openstackclient that have commands, imported
#   as it is: 120 of 120
#   with entry points alone: 1 of 120
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 500 MB of temporary disk. Nothing but loopback is asked. Exits
# with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-openstackclient trixie "$root/trixie"
for package in python3-cliff=4.9.1 python3-stevedore=5.4.1 python3-openstackclient=7.4.0; do
  version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "${package%=*}")
  echo "${package%=*} $version"
  [[ $version == "${package#*=}"* ]] || { echo "not the version that this was seen with (${package#*=})"; exit 1; }
done

cat > "$root/trixie/tmp/commands.py" <<'PYTHON'
import importlib.metadata
import os
import sys

from cliff import commandmanager
from openstackclient import shell

WORDS = ['--os-auth-url', 'http://127.0.0.1:9/v3', '--os-username', 'somebody', '--os-password', 'none', '--os-project-name',
         'none', '--os-user-domain-name', 'Default', '--os-project-domain-name', 'Default', 'token', 'issue']


def load_entry_points(self, namespace):
    self.group_list.append(namespace)
    for point in importlib.metadata.entry_points(group=namespace):
        self.commands[point.name.replace('_', ' ')] = point


def imported():
    """Of the groups that were asked for, how many modules have commands and how many of these are imported."""
    asked = []
    load = commandmanager.CommandManager.load_commands
    commandmanager.CommandManager.load_commands = lambda self, group: (asked.append(group), load(self, group))
    sys.stdout, sys.stderr = open(os.devnull, 'w'), open(os.devnull, 'w')
    shell.main(WORDS)
    sys.stdout = sys.__stdout__
    modules = {
        point.module for group in asked for point in importlib.metadata.entry_points(group=group)
        if point.module.startswith('openstackclient.')
    }
    return f'{len(modules & set(sys.modules))} of {len(modules)}'


if sys.argv[1] == 'alone':
    commandmanager.CommandManager.load_commands = load_entry_points
print(imported())
PYTHON
run() { chroot "$root/trixie" env -i PATH=/usr/bin:/bin HOME=/tmp python3 -W ignore /tmp/commands.py "$1"; }
seen="as it is: $(run all)
with entry points alone: $(run alone)"
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; exit 1; }
as it is: 120 of 120
with entry points alone: 1 of 120
SEEN
