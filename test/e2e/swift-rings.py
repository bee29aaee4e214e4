"""Any sequence of changes of the devices, by the program that builds rings, keeps what is stored within reach.

    swift-rings.py SEQUENCES

Ends with 1 and the sequence at the first change after which a partition has no copy where it had one before, has fewer
copies than are wanted, two on one device, or more than one that moved within the hours in which one may.
"""

import random
import sys

sys.path.insert(0, '/usr/local/bin')

import swift_rings as rings

STEPS = 12


def main(sequences):
    for seed in range(sequences):
        walk(random.Random(seed), seed)
    print(f'{sequences} sequences of {STEPS} changes')


def device(number, weight=100):
    name = f'storage-{number}'
    ports = {'object': 6200, 'container': 6201, 'account': 6202}
    return {'id': name, 'host': name, 'device': 'disk', 'ports': ports, 'region': 1, 'zone': 1, 'weight': weight}


def walk(choice, seed):
    count = choice.randint(1, 5)
    wanted = {'partPower': 6, 'minPartHours': choice.choice([0, 1]), 'devices': [device(one) for one in range(count)]}
    ring = {'replicas': min(3, count)}
    builder = rings.new(wanted, ring)
    rings.change(builder, 'object', wanted, ring)
    done = []
    for _ in range(STEPS):
        before = rings.places(builder)
        done.append(change(choice, wanted, ring, builder))
        refuse_loss(builder, wanted)
        rings.change(builder, 'object', wanted, ring)
        rings.balance_again(builder)
        builder.validate()
        builder = rings.load(rings.saved(builder.save))
        hours_passed = wanted['minPartHours'] == 0 or done[-1] == 'time passes'
        for then, now in zip(before, rings.places(builder)):
            wrong = (
                'is nowhere that it was' if len(then) > 1 and not then & now
                else 'has too few copies' if len(now) != ring['replicas']
                else 'moved more than once' if len(now - then) > 1 and not hours_passed
                else None)
            if wrong:
                sys.exit(f'a partition {wrong}: {then} became {now}, in sequence {seed} after {done}')


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


def change(choice, wanted, ring, builder):
    """Changes what is wanted, or the time; says how."""
    devices = wanted['devices']
    in_use = [one for one in devices if one['weight'] > 0]
    what = choice.choice([
        'a device more', 'a device to be emptied', 'a device less', 'another weight', 'the same again', 'time passes'])
    if what == 'a device more':
        names = {one['id'] for one in devices}
        devices.append(device(next(one for one in range(99) if f'storage-{one}' not in names)))
    elif what == 'a device to be emptied' and len(in_use) > ring['replicas']:
        choice.choice(in_use)['weight'] = 0
    elif what == 'a device less':
        empty = {one['meta'] for one in builder.devs if one and one['parts'] == 0 and one['weight'] == 0}
        devices[:] = [one for one in devices if one['id'] not in empty]
    elif what == 'another weight':
        choice.choice(in_use)['weight'] = choice.choice([50, 100, 200])
    elif what == 'time passes':
        builder.pretend_min_part_hours_passed()
    return what


if __name__ == '__main__':
    main(int(sys.argv[1]))
