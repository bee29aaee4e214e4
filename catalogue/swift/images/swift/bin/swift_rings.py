#!/usr/bin/python3
"""Brings the rings of a cluster to what is wanted, in its database.

    build-rings FILE [--dry-run]

FILE is JSON:
    database       SQLAlchemy's URL of it
    rings          by name: {"replicas": number}; object rings are object, object-1, ...
    partPower      base-2 logarithm of the number of partitions
    minPartHours   hours in which a partition moves once at most
    devices        list of {"id": name that stays its own, "host": name, "ports": {"account": port, ...},
                   "device": its directory there, "region": number, "zone": number, "weight": number}

A ring that is there is changed and balanced again, never made from nothing: what it says of where objects are is the
only thing that knows. A device that is wanted no more has its weight taken away and stays in the ring until no
partition is on it. Prints one line of JSON for each ring: its name, what changed, and how many per cent of its
partitions are elsewhere now.
"""

import io
import json
import os
import sys
import tempfile

from swift.common.exceptions import RingBuilderError
from swift.common.ring import RingBuilder

# The same devices give the same ring.
SEED = 42


def main(arguments):
    dry_run = '--dry-run' in arguments
    path = next(one for one in arguments if not one.startswith('--'))
    with open(path) as file:
        wanted = json.load(file)
    with connect(wanted['database']) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                'CREATE TABLE IF NOT EXISTS rings (name VARCHAR(64) PRIMARY KEY, version INT NOT NULL, '
                'builder LONGBLOB NOT NULL, ring LONGBLOB NOT NULL) ENGINE=InnoDB')
            for name, ring in wanted['rings'].items():
                cursor.execute('SELECT version, builder FROM rings WHERE name = %s FOR UPDATE', [name])
                version, kept = cursor.fetchone() or (0, None)
                builder = load(kept) if kept else new(wanted, ring)
                before = places(builder)
                changes = change(builder, name, wanted, ring)
                if changes and not dry_run:
                    cursor.execute(
                        'REPLACE INTO rings (name, version, builder, ring) VALUES (%s, %s, %s, %s)',
                        [name, version + 1, saved(builder.save), saved(builder.get_ring().save)])
                print(json.dumps({'ring': name, 'changes': changes, 'moved': moved(before, places(builder))}))
        connection.commit()
    return 0


def connect(url):
    import urllib.parse
    import pymysql
    parts = urllib.parse.urlsplit(url)
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password,
        database=parts.path.lstrip('/'), charset='utf8mb4', connect_timeout=10)


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
    there = {device['meta']: device for device in builder.devs if device}
    kind = name.partition('-')[0]
    for device in wanted['devices']:
        changes += take(builder, there.pop(device['id'], None), device, kind)
    for gone in there.values():
        if gone['weight'] > 0:
            builder.set_dev_weight(gone['id'], 0)
            changes.append(f'{gone["meta"]} is to be empty')
        elif gone['parts'] == 0:
            builder.remove_dev(gone['id'])
            changes.append(f'{gone["meta"]} is gone')
    draining = any(gone['parts'] > 0 for gone in there.values())
    if changes or draining:
        parts, _, removed = builder.rebalance(seed=SEED)
        if parts or removed:
            changes.append(f'{parts} partitions have new places')
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


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except RingBuilderError as problem:
        sys.exit(str(problem))
