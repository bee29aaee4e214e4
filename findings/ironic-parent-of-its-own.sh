#!/usr/bin/env bash
# Ironic 29.0.5 (Debian 13): a node that is changed over the API becomes its own parent, whatever is changed. A child is on no
# list unless children are asked for, so the node is gone from `baremetal node list`; and a node is not turned off while a child
# of it is locked, which it is itself by then. To take the parent away is a change as well. What looks for the parent in a change
# (`authorize_node_link_patch`) gives the node itself where the change names none, and that is written.
#
# Seen:
#   made: parent None, listed 1
#   changed: parent the node itself, listed 0
#   parent taken away: parent the node itself, listed 0
#
# Needs root, mmdebstrap and Debian's package archive; 5 minutes, 1 GB of temporary disk. Exits with 1 where the behaviour is
# another one.
set -euo pipefail
root=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; wait; rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=ironic-common,python3-openstackclient trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-ironic)
echo "python3-ironic $version"
[[ $version == *29.0.5* ]] || { echo 'not the version that this was seen with (29.0.5)'; exit 1; }

cat > "$root/trixie/tmp/ironic.conf" <<'CONF'
[DEFAULT]
auth_strategy = noauth
rpc_transport = none
host = here
my_ip = 127.0.0.1
enabled_hardware_types = ipmi
enabled_boot_interfaces = ipxe
enabled_network_interfaces = noop
enabled_storage_interfaces = noop
[api]
host_ip = 127.0.0.1
port = 26385
[database]
connection = sqlite:////tmp/ironic.sqlite
[deploy]
http_root = /tmp
[pxe]
tftp_root = /tmp
tftp_master_path = /tmp/masters
images_path = /tmp/images
instance_master_path = /tmp/instances
CONF
chroot "$root/trixie" ironic-dbsync --config-file /tmp/ironic.conf create_schema > "$root/said" 2>&1 || { cat "$root/said"; exit 1; }
chroot "$root/trixie" ironic --config-file /tmp/ironic.conf >> "$root/said" 2>&1 &
server=$!
seen=$(chroot "$root/trixie" python3 - <<'PYTHON'
import json, time, urllib.error, urllib.request

def ask(method, path, body=None):
    request = urllib.request.Request('http://127.0.0.1:26385' + path, method=method)
    request.add_header('Content-Type', 'application/json')
    request.add_header('X-OpenStack-Ironic-API-Version', '1.95')
    with urllib.request.urlopen(request, None if body is None else json.dumps(body).encode()) as answer:
        return json.load(answer)

for _ in range(240):
    try:
        if ask('GET', '/v1/drivers')['drivers']:
            break
    except (urllib.error.URLError, OSError):
        pass
    time.sleep(0.5)
node = ask('POST', '/v1/nodes', {'driver': 'ipmi', 'name': 'one'})['uuid']

def tell(what):
    parent = ask('GET', '/v1/nodes/one')['parent_node']
    listed = len(ask('GET', '/v1/nodes')['nodes'])
    print(f'{what}: parent {"the node itself" if parent == node else parent}, listed {listed}')

tell('made')
ask('PATCH', '/v1/nodes/one', [{'op': 'add', 'path': '/extra/a', 'value': 'b'}])
tell('changed')
ask('PATCH', '/v1/nodes/one', [{'op': 'remove', 'path': '/parent_node'}])
tell('parent taken away')
PYTHON
) || { cat "$root/said"; exit 1; }
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Ironic does otherwise now'; cat "$root/said"; exit 1; }
made: parent None, listed 1
changed: parent the node itself, listed 0
parent taken away: parent the node itself, listed 0
SEEN
