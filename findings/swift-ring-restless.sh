#!/usr/bin/env bash
# Swift 2.35.1 (Debian 13), `swift.common.ring.RingBuilder.rebalance`: of five equal devices with three replicas one is given
# twice the weight, which is what it can have at most, as no device has two replicas of a partition. It gets all but one of
# its partitions, and from then on each of 300 calls moves two or three partitions (`parts` in what it returns), while the
# balance and the number of partitions of each device stay as they are. Where `min_part_hours` have passed between the
# calls, data is copied for it each time. `swift-ring-builder FILE rebalance` writes no ring that is not better by a per
# cent; who calls the class has to look for himself. A builder that is given these weights at once rests after the first
# call.
#
# Seen:
#   the weight changed later: 2 parts moved by call 300, balance 0.20, partitions [1023, 513, 512, 512, 512]
#   the weight from the start: 0 parts moved by call 300
#   balance in the second half of the calls: 0.20 to 0.20
#
# Needs root, mmdebstrap and Debian's package archive; 1 minute, 300 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-swift trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-swift)
echo "python3-swift $version"
[[ $version == 2.35.1* ]] || { echo 'not the version that this was seen with (2.35.1)'; exit 1; }

cat > "$root/trixie/tmp/balance.py" <<'PYTHON'
import sys

from swift.common.ring import RingBuilder

CALLS = 300


def make(first_weight):
    builder = RingBuilder(10, 3, 0)
    for number, weight in enumerate([first_weight, 100, 100, 100, 100]):
        builder.add_dev({
            'region': 1, 'zone': 1, 'ip': f'127.0.0.{number + 1}', 'port': 6200, 'device': 'disk', 'weight': weight})
    builder.rebalance(seed=42)
    return builder


def calls(builder):
    return [(*builder.rebalance(seed=42)[:2], [device['parts'] for device in builder.devs]) for _ in range(CALLS)]


changed = make(100)
changed.set_dev_weight(0, 200)
later = calls(changed)
at_once = calls(make(200))
parts, balance, shares = later[-1]
print(f'the weight changed later: {parts} parts moved by call {CALLS}, balance {balance:.2f}, partitions {shares}')
print(f'the weight from the start: {at_once[-1][0]} parts moved by call {CALLS}')
balances = [one[1] for one in later[CALLS // 2:]]
print(f'balance in the second half of the calls: {min(balances):.2f} to {max(balances):.2f}')
restless = all(one[0] > 0 for one in later) and max(balances) - min(balances) < 1
sys.exit(0 if restless and at_once[-1][0] == 0 else 'the behaviour is another one')
PYTHON
chroot "$root/trixie" python3 /tmp/balance.py
