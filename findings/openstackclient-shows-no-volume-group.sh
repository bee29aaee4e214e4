#!/usr/bin/env bash
# python3-openstackclient 7.4.0 with python3-cinderclient 9.7.0 (Debian 13): `openstack volume group show` shows no group of
# volumes, by name and by ID alike. It asks Cinder for the group, is given it, and ends with an AttributeError: it calls
# `show` of cinderclient's groups, which have `get`. That goes for all microversions that have groups. The list of groups
# works, and so does `cinder group-show` of the very same cinderclient.
#
# Seen:
#   openstack volume group list: pair
#   openstack volume group show pair: 'GroupManager' object has no attribute 'show'
#   openstack volume group show 11111111-1111-4111-8111-111111111111: 'GroupManager' object has no attribute 'show'
#   cinder group-show 11111111-1111-4111-8111-111111111111: pair
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 400 MB of temporary disk. Cinder is stood in for by 20 lines
# on loopback, which answer as its API does. Exits with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-openstackclient,python3-cinderclient trixie "$root/trixie"
for package in python3-openstackclient=7.4.0 python3-cinderclient=1:9.7.0; do
  version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "${package%=*}")
  echo "${package%=*} $version"
  [[ $version == "${package#*=}"* ]] || { echo "not the version that this was seen with (${package#*=})"; exit 1; }
done

cat > "$root/trixie/tmp/show.py" <<'PYTHON'
import http.server
import json
import subprocess
import threading

ID = '11111111-1111-4111-8111-111111111111'
GROUP = {
    'id': ID, 'name': 'pair', 'description': None, 'status': 'available', 'availability_zone': 'nova',
    'created_at': '2026-01-01T00:00:00.000000', 'group_type': '22222222-2222-4222-8222-222222222222',
    'volume_types': ['33333333-3333-4333-8333-333333333333'], 'group_snapshot_id': None, 'source_group_id': None}


class Cinder(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition('?')[0].rstrip('/')
        version = {'id': 'v3.0', 'status': 'CURRENT', 'version': '3.71', 'min_version': '3.0', 'links': []}
        answers = {
            '': {'versions': [version]}, '/v3/groups/detail': {'groups': [GROUP]}, f'/v3/groups/{ID}': {'group': GROUP}}
        missing = {'itemNotFound': {'code': 404, 'message': 'Group could not be found.'}}
        data = json.dumps(answers.get(path, missing)).encode()
        self.send_response(200 if path in answers else 404)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(('127.0.0.1', 0), Cinder)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = ['--os-endpoint', f'http://127.0.0.1:{server.server_port}/v3', '--os-volume-api-version', '3.71']
openstack = ['openstack', '--os-auth-type', 'none', *endpoint]
cinder = ['cinder', '--os-auth-type', 'noauth', '--os-user-id', 'user', '--os-project-id', 'project', *endpoint]
for command, words in (
    (openstack, ('volume', 'group', 'list')),
    (openstack, ('volume', 'group', 'show', 'pair')),
    (openstack, ('volume', 'group', 'show', ID)),
    (cinder, ('group-show', ID)),
):
    ended = subprocess.run([*command, *words], capture_output=True, text=True, timeout=60)
    said = ended.stderr.strip() if ended.returncode else 'pair' if ' pair ' in ended.stdout else ended.stdout
    print(f'{command[0]} {" ".join(words)}: {said}')
PYTHON
seen=$(chroot "$root/trixie" env -i PATH=/usr/bin:/bin HOME=/tmp python3 /tmp/show.py)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; exit 1; }
openstack volume group list: pair
openstack volume group show pair: 'GroupManager' object has no attribute 'show'
openstack volume group show 11111111-1111-4111-8111-111111111111: 'GroupManager' object has no attribute 'show'
cinder group-show 11111111-1111-4111-8111-111111111111: pair
SEEN
