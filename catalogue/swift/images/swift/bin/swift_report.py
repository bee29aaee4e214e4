"""What a device says of itself twice a minute, for those that look after the cluster."""

import contextlib
import errno
import glob
import json
import os
import sqlite3
import time
import urllib.parse
import uuid

from swift.common.ring import RingData

import swift_store


def report(wanted, rings):
    """
    Keeps in the database what is on the device: by ring the partitions, as a number with a bit for each; by index of their
    storage policy the containers that its accounts have, where there are several policies; bytes of the file system; what
    auditors took out as damaged; whether it takes writes; what replicators did.

    @param rings directory of the rings' files
    """
    device = wanted['device']
    found = {
        'present': {name: partitions(device, name) for name in wanted['rings']},
        **({'containers': containers(device)} if any('-' in name for name in wanted['rings']) else {}),
        **space(device),
        'quarantined': sum(len(listed(device, 'quarantined', kind)) for kind in listed(device, 'quarantined')),
        'readOnly': not is_writable(device),
        **replication(rings),
    }
    with swift_store.connect(wanted['database']) as connection:
        with connection.cursor() as cursor:
            swift_store.keep_report(cursor, own_name(rings, wanted['rings'][0]), found)
        connection.commit()


def own_name(rings, ring):
    """What the ring calls the device of this host."""
    known = {device['meta'] for device in RingData.load(os.path.join(rings, f'{ring}.ring.gz')).devs if device}
    names = swift_store.own_names()
    return next((name for name in names if name in known), names[0])


def partitions(device, ring):
    kind, _, policy = ring.partition('-')
    bits = 0
    where = os.path.join(device, f'{kind}s-{policy}' if policy else f'{kind}s')
    for name in listed(where):
        # Of one that nothing is left in, or nothing could be written to, its lock and its list of hashes stay.
        if name.isdigit() and any('.' not in inside for inside in listed(where, name)):
            bits |= 1 << int(name)
    return {'count': bits.bit_count(), 'bits': f'{bits:x}'}


def containers(device):
    found = {}
    where = os.path.join(device, 'accounts')
    for path in glob.iglob(os.path.join(glob.escape(where), '[0-9]*', '*', '*', '*.db')):
        try:
            with contextlib.closing(sqlite3.connect(f'file:{urllib.parse.quote(path)}?mode=ro', uri=True)) as account:
                for policy, count in account.execute('SELECT storage_policy_index, container_count FROM policy_stat'):
                    found[str(policy)] = found.get(str(policy), 0) + count
        # Being made, written or removed: the next report has it.
        except sqlite3.Error:
            pass
    return found


def listed(*path):
    try:
        return os.listdir(os.path.join(*path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def space(device):
    found = os.statvfs(device)
    return {'size': found.f_blocks * found.f_frsize, 'free': found.f_bavail * found.f_frsize}


def is_writable(device):
    path = os.path.join(device, f'.written-{uuid.uuid4()}')
    try:
        with open(path, 'x') as file:
            file.write('x')
        os.remove(path)
        return True
    except OSError as problem:
        # What is full says so by its free space.
        return problem.errno in (errno.ENOSPC, errno.EDQUOT)


def replication(rings):
    """What replicators say of their last passes: what they could not bring elsewhere, and for how many seconds one had none."""
    failures = 0
    latest = []
    for kind in ['account', 'container', 'object']:
        try:
            with open(os.path.join(rings, 'recon', f'{kind}.recon')) as file:
                said = json.load(file)
        except (FileNotFoundError, ValueError):
            said = {}
        failures += said.get('replication_stats', {}).get('failure', 0)
        latest.append(said.get('replication_last', 0))
    return {'failures': failures, 'unreplicated': min(time.time() - min(latest), uptime())}


def uptime():
    """Seconds since the container was started."""
    with open('/proc/uptime') as file:
        now = float(file.read().split()[0])
    with open('/proc/1/stat') as file:
        # proc_pid_stat(5): of what comes after the name, which may have spaces, the start is the twentieth.
        started = int(file.read().rpartition(')')[2].split()[19])
    return now - started / os.sysconf('SC_CLK_TCK')
