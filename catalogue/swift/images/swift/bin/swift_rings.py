"""The rings of a cluster, as rows of its database: what they are to be, what they are, and what is moved.

A ring that is there is changed and balanced again, never made from nothing: what it says of where objects are is the
only thing that knows. A device whose weight is 0 gives its partitions to others, and is let go of once it has none.
"""

import json
import os
import sys
import tempfile

from swift.common.ring import RingBuilder

import swift_store

# The same devices give the same ring.
SEED = 42
# Per cent that a device may have too much or too little.
BALANCED = 5
# Seconds after which a device that said nothing is taken for lost.
LOST = 600


def build(cursor, wanted):
    """Brings them to what is wanted (see build-rings), and prints for each what changed."""
    builders = {name: kept(cursor, name) for name in wanted['rings']}
    said = swift_store.reports(cursor)
    refuse_loss({name: builder for name, (_, builder) in builders.items() if builder},
                {device['id'] for device in wanted['devices']}, said)
    forms = known_forms(cursor)
    refuse_other_forms(forms, wanted['rings'])
    for name in sorted(set(forms) - set(wanted['rings'])):
        refuse_loss_of_policy(name, said)
        cursor.execute('DELETE FROM rings WHERE name = %s', [name])
        print(json.dumps({'ring': name, 'changes': [f'the policy of the ring {name} is gone'], 'moved': 0}))
    for name, ring in wanted['rings'].items():
        version, builder = builders[name]
        builder = builder or new(wanted, ring)
        before = places(builder)
        changes = change(builder, name, wanted, ring)
        if changes:
            keep(cursor, name, version + 1, builder, ring['form'])
        print(json.dumps({'ring': name, 'changes': changes, 'moved': moved(before, places(builder))}))


def go_on(wanted, _):
    """Moves of all rings what could not be moved before."""
    with swift_store.connect(wanted['database']) as connection:
        with connection.cursor() as cursor:
            for name in wanted['rings']:
                version, builder = kept(cursor, name)
                before = places(builder)
                if balance_again(builder):
                    keep(cursor, name, version + 1, builder)
                    print(json.dumps({'ring': name, 'moved': moved(before, places(builder))}), flush=True)
        connection.commit()


def kept(cursor, name):
    """Version and builder of a ring, which nobody else changes until the transaction ends; 0 and None where it is not there."""
    cursor.execute('SELECT version, builder FROM rings WHERE name = %s FOR UPDATE', [name])
    found = cursor.fetchone()
    return (found[0], load(found[1])) if found else (0, None)


def keep(cursor, name, version, builder, form=None):
    """Keeps a ring, which stays of the form it has where none is given."""
    row = {'version': version, 'builder': saved(builder.save), 'ring': saved(builder.get_ring().save)}
    if form is not None:
        row['form'] = form
    cursor.execute(
        f'INSERT INTO rings (name, {", ".join(row)}) VALUES (%s{", %s" * len(row)}) '
        f'ON DUPLICATE KEY UPDATE {", ".join(f"{key} = VALUES({key})" for key in row)}',
        [name, *row.values()])


def known_forms(cursor):
    """By name of the rings that are kept, how objects are in their places."""
    cursor.execute('SELECT name, form FROM rings')
    return dict(cursor.fetchall())


def refuse_other_forms(forms, rings):
    """Ends where what is stored in one form would be looked for in another."""
    for name, ring in rings.items():
        form = forms.get(name, ring['form'])
        if form != ring['form']:
            sys.exit(
                f'the ring {name} is for {form}, not for {ring["form"]}: what is stored would not be found. Nothing was '
                'changed. Give the policy in storage.swift.policies of cloud.yaml an index that no other ever had')


def refuse_loss_of_policy(name, said):
    """
    Ends where a ring that is wanted no more is of a policy in use, by what devices said of it last, however long ago. What
    objects of removed containers leave is no use.
    """
    policy = name.partition('-')[2]
    for id, report in said.items():
        containers = report.get('containers', {}).get(policy, 0)
        if containers:
            sys.exit(
                f'the policy with index {policy} is in use: {id} knows of {containers} containers that have it. Nothing was '
                'changed. Want it again in storage.swift.policies of cloud.yaml, and take it away half a minute after its '
                'containers were removed')


def refuse_loss(builders, wanted, said):
    """Ends where a device that is wanted no more still has what others may not have."""
    for name, builder in builders.items():
        for device in builder.devs:
            if not device or device['meta'] in wanted:
                continue
            id, report = device['meta'], said.get(device['meta'])
            held = report['present'][name]['count'] if report and report['age'] < LOST and name in report['present'] else 0
            if device['parts'] > 0 or held > 0:
                sys.exit(
                    f'{id} still has partitions of the ring {name}: {device["parts"]} belong there, and {held} are on it. '
                    'Nothing was changed. Want it again, with its number in storage.swift.drain of cloud.yaml, and take '
                    'it away when "gantry status" says that it is empty')


def balance_again(builder):
    """Moves what may be moved now and was not before; gives whether that is of use, else the builder is not to be kept."""
    if settled(builder) or builder.min_part_seconds_left > 0:
        return False
    before = distance(builder)
    _, _, removed = builder.rebalance(seed=SEED)
    return removed > 0 or distance(builder) < before


def settled(builder):
    return drained_parts(builder) == 0 and builder.get_balance() <= BALANCED and not builder.dispersion


def distance(builder):
    """
    How far it is from where all is in its place, what counts most first. Some weights cannot be kept by any ring, and the
    builder moves partitions to and fro for them hundreds of times (Swift 2.35): less than a per cent of balance is no use.
    """
    return drained_parts(builder), builder.dispersion, round(builder.get_balance())


def drained_parts(builder):
    return sum(device['parts'] for device in builder.devs if device and device['weight'] == 0)


def status(cursor):
    """Rings and devices, as they are in cloud.yaml's words: numbers of partitions, bytes and seconds."""
    cursor.execute('SELECT name, version, builder FROM rings ORDER BY name')
    builders = {name: (version, load(builder)) for name, version, builder in cursor.fetchall()}
    said = swift_store.reports(cursor)
    devices = {}
    rings = []
    for name, (version, builder) in builders.items():
        owners = places(builder)
        present = {id: partitions(report['present'].get(name)) for id, report in said.items()}
        anywhere = set().union(*present.values())
        missing = {part for part in anywhere if any(part not in present.get(id, ()) for id in owners[part])}
        rings.append({
            'name': name, 'version': version, 'replicas': builder.replicas, 'partitions': builder.parts,
            'used': len(anywhere), 'incomplete': len(missing), 'balance': round(builder.get_balance(), 1),
            'movableIn': builder.min_part_seconds_left})
        for device in filter(None, builder.devs):
            id = device['meta']
            own = {part for part, where in enumerate(owners) if id in where}
            entry = devices.setdefault(id, {'id': id, 'weight': device['weight'], 'belong': 0, 'held': 0, 'strays': 0, 'missing': 0})
            entry['belong'] += device['parts']
            entry['held'] += len(present.get(id, ()))
            entry['strays'] += len(present.get(id, set()) - own)
            entry['missing'] += len((own & anywhere) - present.get(id, set()))
    for id, entry in devices.items():
        report = said.get(id, {})
        entry.update({key: report.get(key) for key in ['age', 'size', 'free', 'quarantined', 'readOnly', 'failures', 'unreplicated']})
    return {'rings': rings, 'devices': list(devices.values())}


def partitions(present):
    """The numbers in a set of partitions, which is kept as the hexadecimal digits of a number with a bit for each."""
    bits = int(present['bits'], 16) if present else 0
    return {part for part in range(bits.bit_length()) if bits >> part & 1}


def new(wanted, ring):
    return RingBuilder(wanted['partPower'], ring['replicas'], wanted['minPartHours'])


def load(content):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'ring.builder')
        with open(path, 'wb') as file:
            file.write(content)
        return RingBuilder.load(path)


def saved(save):
    """What a function writes to the path that it is given."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'ring')
        save(path)
        with open(path, 'rb') as file:
            return file.read()


def change(builder, name, wanted, ring):
    """Changes the builder; gives what changed, in words, nothing where it is as wanted."""
    if builder.part_power != wanted['partPower']:
        sys.exit(f'the ring {name} has a part power of {builder.part_power}: no other is possible while it holds data')
    changes = []
    if builder.replicas != ring['replicas']:
        changes.append(f'{builder.replicas:g} replicas become {ring["replicas"]}')
        builder.set_replicas(ring['replicas'])
    if builder.min_part_hours != wanted['minPartHours']:
        builder.change_min_part_hours(wanted['minPartHours'])
        changes.append(f'partitions move every {wanted["minPartHours"]} hours at most')
    if builder.overload != wanted['overload']:
        changes.append('copies come into different zones' if wanted['overload'] else 'zones are asked for no more')
        builder.set_overload(wanted['overload'])
    there = {device['meta']: device for device in builder.devs if device}
    kind = name.partition('-')[0]
    for device in wanted['devices']:
        changes += take(builder, there.pop(device['id'], None), device, kind)
    for gone in there.values():
        builder.remove_dev(gone['id'])
        changes.append(f'{gone["meta"]} is gone')
    if changes:
        parts, _, removed = builder.rebalance(seed=SEED)
        if parts or removed:
            changes.append(f'{parts} partitions have new places')
    elif balance_again(builder):
        changes.append('what could not move before has new places')
    return changes


def take(builder, found, device, kind):
    """Has a device in the ring as it is wanted."""
    place = {'region': device['region'], 'zone': device['zone'], 'weight': device['weight']}
    address = {'ip': device['host'], 'port': device['ports'][kind]}
    if found is None:
        both = {**place, **address, 'replication_ip': address['ip'], 'replication_port': address['port']}
        builder.add_dev({**both, 'device': device['device'], 'meta': device['id']})
        return [f'{device["id"]} is new']
    changes = []
    if found['weight'] != place['weight']:
        builder.set_dev_weight(found['id'], place['weight'])
        changes.append(f'{device["id"]} has another weight')
    if found['region'] != place['region']:
        builder.set_dev_region(found['id'], place['region'])
        changes.append(f'{device["id"]} is in another region')
    if found['zone'] != place['zone']:
        builder.set_dev_zone(found['id'], place['zone'])
        changes.append(f'{device["id"]} is in another zone')
    if (found['ip'], found['port']) != (address['ip'], address['port']):
        found.update(address, replication_ip=address['ip'], replication_port=address['port'])
        builder.devs_changed = True
        changes.append(f'{device["id"]} has another address')
    return changes


def places(builder):
    """The devices of each partition; nothing of a ring that was never balanced."""
    table = builder._replica2part2dev or []
    names = {device['id']: device['meta'] for device in builder.devs if device}
    return [{names.get(row[part]) for row in table if part < len(row)} for part in range(builder.parts if table else 0)]


def moved(before, after):
    """Per cent of the places of partitions that were elsewhere before."""
    if not before:
        return 0
    total = sum(len(where) for where in after)
    return round(100 * sum(len(now - then) for then, now in zip(before, after)) / total, 1) if total else 0
