"""Any sequence of changes of the devices, by the program that builds rings, keeps what is stored within reach.

    swift-rings.py SEQUENCES

Ends with 1 and the sequence at the first change after which a partition has no copy where it had one before, has fewer
copies than are wanted, two on one device, or more than one that moved within the hours in which one may; where each may
move at any time, also if two are in one zone of enough, or partitions move without end.
"""

import itertools
import random
import sys

sys.path.insert(0, '/usr/local/bin')

import swift_rings as rings

STEPS = 12
# Times that a ring is balanced again at most, where all of it may move, until it stays.
MOVES = 8


def main(sequences):
    for seed in range(sequences):
        walk(random.Random(seed), seed)
    print(f'{sequences} sequences of {STEPS} changes')


def device(number, zone=1, weight=100):
    name = f'storage-{number}'
    ports = {'object': 6200, 'container': 6201, 'account': 6202}
    return {'id': name, 'host': name, 'device': 'disk', 'ports': ports, 'region': 1, 'zone': zone, 'weight': weight}


def walk(choice, seed):
    count = choice.randint(1, 5)
    zones = choice.randint(1, 3)
    wanted = {'partPower': 6, 'minPartHours': choice.choice([0, 1]), 'overload': 100 if zones > 1 else 0,
              'devices': [device(one, choice.randint(1, zones)) for one in range(count)]}
    ring = {'replicas': min(3, count)}
    builder = rings.new(wanted, ring)
    rings.change(builder, 'object', wanted, ring)
    done = []
    for _ in range(STEPS):
        before = rings.places(builder)
        done.append(change(choice, zones, wanted, ring, builder))
        when = f'in sequence {seed} after {done}'
        refuse_loss(builder, wanted)
        rings.change(builder, 'object', wanted, ring)
        builder.validate()
        changed = rings.places(builder)
        at_any_time = wanted['minPartHours'] == 0
        may_move = at_any_time or done[-1] == 'time passes'
        refuse_harm(before, changed, ring, may_move, when)
        builder = rings.load(rings.saved(builder.save))
        rings.balance_again(builder)
        refuse_harm(changed if at_any_time else before, rings.places(builder), ring, may_move, when)
        if at_any_time:
            refuse_unrest(builder, wanted, ring, when)


def refuse_harm(before, after, ring, hours_passed, when):
    for then, now in zip(before, after):
        wrong = (
            'is nowhere that it was' if len(then) > 1 and not then & now
            else 'has too few copies' if len(now) != ring['replicas']
            else 'moved more than once' if len(now - then) > 1 and not hours_passed
            else None)
        if wrong:
            sys.exit(f'a partition {wrong}: {then} became {now}, {when}')


def refuse_unrest(builder, wanted, ring, when):
    """All that may move comes to rest, with copies in different zones where there are enough."""
    moves = sum(1 for _ in itertools.takewhile(lambda _: rings.balance_again(builder), range(MOVES)))
    if moves == MOVES:
        sys.exit(f'partitions are moved without end, {when}')
    zone = {one['id']: one['zone'] for one in wanted['devices']}
    if len({one['zone'] for one in wanted['devices'] if one['weight'] > 0}) < ring['replicas']:
        return
    for where in rings.places(builder):
        if len({zone[one] for one in where}) < ring['replicas']:
            sys.exit(f'copies share a zone: {where} of {zone}, {when}')


def refuse_loss(builder, wanted):
    """Of what is wanted, nothing is refused; without a device that has partitions, it is."""
    rings.refuse_loss({'object': builder}, {one['id'] for one in wanted['devices']}, {})
    for one in builder.devs:
        if one and one['parts'] > 0:
            others = {device['id'] for device in wanted['devices']} - {one['meta']}
            try:
                rings.refuse_loss({'object': builder}, others, {})
            except SystemExit:
                continue
            sys.exit(f'{one["meta"]} could be taken away with its {one["parts"]} partitions')


def change(choice, zones, wanted, ring, builder):
    """Changes what is wanted, or the time; says how."""
    devices = wanted['devices']
    in_use = [one for one in devices if one['weight'] > 0]
    what = choice.choice([
        'a device more', 'a device to be emptied', 'a device less', 'another weight', 'another zone', 'the same again',
        'time passes'])
    if what == 'a device more':
        names = {one['id'] for one in devices}
        devices.append(device(next(one for one in range(99) if f'storage-{one}' not in names), choice.randint(1, zones)))
    elif what == 'a device to be emptied' and len(in_use) > ring['replicas']:
        choice.choice(in_use)['weight'] = 0
    elif what == 'a device less':
        empty = {one['meta'] for one in builder.devs if one and one['parts'] == 0 and one['weight'] == 0}
        devices[:] = [one for one in devices if one['id'] not in empty]
    elif what == 'another weight':
        choice.choice(in_use)['weight'] = choice.choice([50, 100, 200])
    elif what == 'another zone':
        choice.choice(devices)['zone'] = choice.randint(1, zones)
    elif what == 'time passes':
        builder.pretend_min_part_hours_passed()
    return what


if __name__ == '__main__':
    main(int(sys.argv[1]))
