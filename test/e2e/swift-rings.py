"""Any sequence of changes of the devices, by the program that builds rings, keeps what is stored within reach.

    swift-rings.py SEQUENCES

Ends with 1 and the sequence at the first change after which a partition has no copy where it had one before, has fewer
copies than are wanted, two on one device, or more than one that moved within the hours in which one may.
"""

import importlib.machinery
import importlib.util
import random
import sys

STEPS = 12


def main(sequences):
    rings = load_program('/usr/local/bin/build-rings')
    for seed in range(sequences):
        walk(rings, random.Random(seed), seed)
    print(f'{sequences} sequences of {STEPS} changes')


def load_program(path):
    loader = importlib.machinery.SourceFileLoader('build_rings', path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('build_rings', loader))
    loader.exec_module(module)
    return module


def device(number, weight=100):
    name = f'storage-{number}'
    ports = {'object': 6200, 'container': 6201, 'account': 6202}
    return {'id': name, 'host': name, 'device': 'disk', 'ports': ports, 'region': 1, 'zone': 1, 'weight': weight}


def walk(rings, choice, seed):
    count = choice.randint(1, 5)
    wanted = {'partPower': 6, 'minPartHours': choice.choice([0, 1]), 'devices': [device(one) for one in range(count)]}
    ring = {'replicas': min(3, count)}
    builder = rings.new(wanted, ring)
    rings.change(builder, 'object', wanted, ring)
    done = []
    for _ in range(STEPS):
        before = rings.places(builder)
        done.append(change(choice, wanted, ring, builder))
        rings.change(builder, 'object', wanted, ring)
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


def change(choice, wanted, ring, builder):
    """Changes what is wanted, or the time; says how."""
    devices = wanted['devices']
    what = choice.choice(['a device more', 'a device less', 'another weight', 'the same again', 'time passes'])
    if what == 'a device more':
        names = {one['id'] for one in devices}
        devices.append(device(next(one for one in range(99) if f'storage-{one}' not in names)))
    elif what == 'a device less' and len(devices) > ring['replicas']:
        devices.pop(choice.randrange(len(devices)))
    elif what == 'another weight':
        choice.choice(devices)['weight'] = choice.choice([50, 100, 200])
    elif what == 'time passes':
        builder.pretend_min_part_hours_passed()
    return what


if __name__ == '__main__':
    main(int(sys.argv[1]))
