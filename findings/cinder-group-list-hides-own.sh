#!/usr/bin/env bash
# Cinder 26.0.0 with python3-openstackclient 7.4.0 (Debian 13): a user who is no administrator sees no group of volumes at
# microversions below 3.31, not even the one just made: 3.14 for example, by which groups are made from snapshots of groups.
# `openstack volume group list` is empty, and `No group with a name or ID of 'pair' exists` is said of any name. By ID all is
# well. The list sends `all_tenants=False`, and what looks for a name sends `all_tenants=1`, for administrators. Cinder drops
# the word where it is an administrator's, whatever it says, and lists groups of all projects; from others it takes it for an
# attribute that groups do not have, and answers 200 with an empty list. From 3.31 on it is dropped for users too, and an
# administrator's `False` still lists the groups of all projects.
#
# Seen, with the group `pair` in the project and `foreign` in another, of `openstack volume group`:
#   member, 3.14, list: nothing
#   member, 3.14, set --description one pair: No group with a name or ID of 'pair' exists.
#   member, 3.14, set --description two ID: done
#   member, 3.31, list: pair
#   member, 3.31, set --description three pair: done
#   admin, 3.14, list: foreign pair
#   admin, 3.14, set --description four pair: done
#   admin, 3.31, list: foreign pair
#
# Needs root, mmdebstrap and Debian's package archive; 4 minutes, 900 MB of temporary disk. Cinder's API runs on loopback with
# SQLite, and is told who asks as Keystone's middleware tells it. Exits with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=cinder-common,python3-cinder,python3-openstackclient trixie "$root/trixie"
for package in python3-cinder=2:26.0.0 python3-openstackclient=7.4.0 python3-cinderclient=1:9.7.0; do
  version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "${package%=*}")
  echo "${package%=*} $version"
  [[ $version == "${package#*=}"* ]] || { echo "not the version that this was seen with (${package#*=})"; exit 1; }
done

printf '[DEFAULT]\ntransport_url = fake:/\n[database]\nconnection = sqlite:////tmp/cinder.sqlite\n' \
  > "$root/trixie/tmp/cinder.conf"
cat > "$root/trixie/tmp/groups.py" <<'PYTHON'
import subprocess
import threading
from wsgiref import simple_server

from cinder import objects

objects.register_all()
from cinder import context, rpc
from cinder.api.middleware import auth, fault, request_id
from cinder.api.v3 import router
from cinder.db import migration
from oslo_config import cfg
from oslo_log import log

log.register_options(cfg.CONF)
cfg.CONF(['--config-file', '/tmp/cinder.conf'], project='cinder')
rpc.init(cfg.CONF)
migration.db_sync()
PROJECT, OTHERS, USER, TYPE = '1' * 32, '2' * 32, '3' * 32, '44444444-4444-4444-8444-444444444444'
admin = context.get_admin_context()
for name, project in ('pair', PROJECT), ('foreign', OTHERS):
    group = objects.Group(
        context=admin, name=name, project_id=project, user_id=USER, status='available', group_type_id=TYPE, volume_type_ids=[])
    group.create()
    if project == PROJECT:
        pair = group.id

api = request_id.RequestId(fault.FaultWrapper(auth.CinderKeystoneContext(router.APIRouter())))
roles = ''


def told_who(environ, start):
    environ['SCRIPT_NAME'], environ['PATH_INFO'] = '/v3', environ['PATH_INFO'].removeprefix('/v3')
    environ.update(HTTP_X_USER_ID=USER, HTTP_X_PROJECT_ID=PROJECT, HTTP_X_ROLES=roles)
    return api(environ, start)


server = simple_server.make_server('127.0.0.1', 0, told_who)
threading.Thread(target=server.serve_forever, daemon=True).start()
for role, version, words in (
    ('member', '3.14', ('list',)),
    ('member', '3.14', ('set', '--description', 'one', 'pair')),
    ('member', '3.14', ('set', '--description', 'two', pair)),
    ('member', '3.31', ('list',)),
    ('member', '3.31', ('set', '--description', 'three', 'pair')),
    ('admin', '3.14', ('list',)),
    ('admin', '3.14', ('set', '--description', 'four', 'pair')),
    ('admin', '3.31', ('list',)),
):
    roles = {'member': 'member,reader', 'admin': 'admin,member,reader'}[role]
    shown = ('-f', 'value', '-c', 'Name') if words[0] == 'list' else ()
    ended = subprocess.run(
        ['openstack', '--os-auth-type', 'none', '--os-endpoint', f'http://127.0.0.1:{server.server_port}/v3/{PROJECT}',
         '--os-volume-api-version', version, 'volume', 'group', *words, *shown],
        capture_output=True, text=True, timeout=60)
    said = ended.stderr.strip() if ended.returncode else ' '.join(sorted(ended.stdout.split())) if shown else 'done'
    print(f'{role}, {version}, {" ".join(words).replace(pair, "ID")}: {said or "nothing"}')
PYTHON
seen=$(chroot "$root/trixie" env -i PATH=/usr/bin:/bin HOME=/tmp python3 /tmp/groups.py 2> "$root/said") \
  || { tail -n 20 "$root/said"; exit 1; }
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; exit 1; }
member, 3.14, list: nothing
member, 3.14, set --description one pair: No group with a name or ID of 'pair' exists.
member, 3.14, set --description two ID: done
member, 3.31, list: pair
member, 3.31, set --description three pair: done
admin, 3.14, list: foreign pair
admin, 3.14, set --description four pair: done
admin, 3.31, list: foreign pair
SEEN
