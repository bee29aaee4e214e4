#!/usr/bin/env bash
# Cinder 26.0.0 with os-brick 6.11.0 (Debian 13): a volume of a group that was made from a snapshot of a group says of itself
# that its backend may share connections (`shared_targets` true) and which service has it: none (`service_uuid` null). That is
# the database's default: the service sets both for a volume that it creates, and for none of a group's copy, though its driver
# says that it shares nothing. Who attaches such a volume, Nova for example, has os-brick guard it by a lock that is named by
# the service, unless `iscsiadm` is there and scans by hand, whatever kind of storage it is. On a machine of Ceph alone,
# without open-iscsi, oslo.concurrency fails on a name of None: the volume is `available` again, the server never has it.
# A volume that was given to Cinder to manage is left the same way. A service that starts mends `service_uuid` of its host's
# volumes where it is another one, which null never is in SQL.
#
# Seen, without iscsiadm:
#   created: shared_targets False, service_uuid that of cinder-volume, attached
#   managed: shared_targets True, service_uuid None, AttributeError
#   of a group's copy: shared_targets True, service_uuid None, AttributeError
#   after the service has started again: shared_targets True, service_uuid None, AttributeError
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 900 MB of temporary disk. cinder-volume's manager runs with
# SQLite and a driver that keeps no bytes. Exits with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=cinder-common,python3-cinder,python3-os-brick trixie "$root/trixie"
for package in python3-cinder=2:26.0.0 python3-os-brick=6.11.0; do
  version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "${package%=*}")
  echo "${package%=*} $version"
  [[ $version == "${package#*=}"* ]] || { echo "not the version that this was seen with (${package#*=})"; exit 1; }
done

find "$root/trixie" -name iscsiadm -delete
mkdir "$root/trixie/tmp/locks"
cat > "$root/trixie/tmp/cinder.conf" <<'CONF'
[DEFAULT]
transport_url = fake:/
enabled_backends = small
[database]
connection = sqlite:////tmp/cinder.sqlite
[oslo_concurrency]
lock_path = /tmp/locks
[coordination]
backend_url = file:///tmp/locks
[small]
volume_driver = small_driver.Driver
volume_backend_name = small
CONF
cat > "$root/trixie/tmp/small_driver.py" <<'PYTHON'
from cinder import interface
from cinder.volume import driver


@interface.volumedriver
class Driver(driver.VolumeDriver):
    """Keeps no bytes, and shares no connections."""

    VERSION = '1'

    def check_for_setup_error(self):
        pass

    def get_volume_stats(self, refresh=False):
        return {'volume_backend_name': 'small', 'vendor_name': 'none', 'driver_version': '1', 'storage_protocol': 'none',
                'total_capacity_gb': 9, 'free_capacity_gb': 9, 'shared_targets': False}

    def create_volume(self, volume):
        pass

    def create_volume_from_snapshot(self, volume, snapshot):
        pass

    def create_export(self, context, volume, connector):
        pass

    ensure_export = remove_export = create_export

    def manage_existing_get_size(self, volume, ref):
        return 1

    def manage_existing(self, volume, ref):
        pass
PYTHON
cat > "$root/trixie/tmp/copies.py" <<'PYTHON'
import sys

import eventlet

eventlet.monkey_patch()
sys.path.insert(0, '/tmp')
from cinder import objects

objects.register_all()
from cinder import context, db, rpc
from cinder.db import migration
from cinder.volume import manager
from os_brick.initiator import utils
from oslo_concurrency import lockutils
from oslo_config import cfg
from oslo_log import log

log.register_options(cfg.CONF)
cfg.CONF(['--config-file', '/tmp/cinder.conf'], project='cinder')
rpc.init(cfg.CONF)
migration.db_sync()
admin = context.RequestContext('1' * 32, '2' * 32, is_admin=True)
host = 'here@small'
own = objects.Service(
    context=admin, host=host, binary='cinder-volume', topic='cinder-volume', report_count=0, availability_zone='nova')
own.create()
kind = db.volume_type_get_by_name(admin, '__DEFAULT__')['id']
volumes = manager.VolumeManager(host=host, service_name='small')
volumes.driver.set_initialized()
volumes.stats = {'pools': {'small': {'allocated_capacity_gb': 0}}}


def of(**more):
    volume = objects.Volume(
        context=admin, size=1, host=f'{host}#small', user_id='1' * 32, project_id='2' * 32, status='creating',
        attach_status='detached', volume_type_id=kind, availability_zone='nova', **more)
    volume.create()
    return volume


def tell(what, volume):
    volume = objects.Volume.get_by_id(admin, volume.id)
    device = {'shared_targets': volume.shared_targets, 'service_uuid': volume.service_uuid}
    try:
        with utils.guard_connection(device):
            ended = 'attached'
    except Exception as thrown:
        ended = type(thrown).__name__
    service = 'that of cinder-volume' if volume.service_uuid == own.uuid else volume.service_uuid
    print(f'{what}: shared_targets {volume.shared_targets}, service_uuid {service}, {ended}')


created = of()
volumes.create_volume(admin, created, request_spec={}, filter_properties={}, allow_reschedule=False)
tell('created', created)

managed = of()
volumes.manage_existing(admin, managed, {'source-name': 'there-before'})
tell('managed', managed)

groups = {'user_id': '1' * 32, 'project_id': '2' * 32, 'host': f'{host}#small', 'volume_type_ids': [kind]}
of_groups = db.group_type_create(admin, {'name': 'together', 'group_specs': {}})['id']
first = objects.Group(context=admin, status='available', group_type_id=of_groups, **groups)
first.create()
created.group_id = first.id
created.save()
moment = objects.GroupSnapshot(
    context=admin, group_id=first.id, status='available', group_type_id=of_groups, user_id='1' * 32, project_id='2' * 32)
moment.create()
snapshot = objects.Snapshot(
    context=admin, volume_id=created.id, volume_size=1, status='available', group_snapshot_id=moment.id, user_id='1' * 32,
    project_id='2' * 32, volume_type_id=kind)
snapshot.create()
second = objects.Group(
    context=admin, status='creating', group_type_id=of_groups, group_snapshot_id=moment.id, **groups)
second.create()
copy = of(group_id=second.id, snapshot_id=snapshot.id)
volumes.create_group_from_src(admin, second, group_snapshot=moment)
tell("of a group's copy", copy)

db.volume_update_all_by_service(admin)
tell('after the service has started again', copy)
PYTHON
seen=$(chroot "$root/trixie" env -i PATH=/usr/bin:/bin HOME=/tmp python3 -W ignore /tmp/copies.py 2> "$root/said") \
  || { tail -n 20 "$root/said"; exit 1; }
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; exit 1; }
created: shared_targets False, service_uuid that of cinder-volume, attached
managed: shared_targets True, service_uuid None, AttributeError
of a group's copy: shared_targets True, service_uuid None, AttributeError
after the service has started again: shared_targets True, service_uuid None, AttributeError
SEEN
