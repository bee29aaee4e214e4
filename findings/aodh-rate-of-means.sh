#!/usr/bin/env bash
# Aodh 20.0.0 with Gnocchi 4.6.5 (Debian 13): an alarm of the type gnocchi_aggregation_by_resources_threshold with the
# aggregation method `rate:mean`, as groups of servers that follow their load have it on the counter `cpu`, is not about the
# mean of the servers' rates, which Gnocchi keeps for each as `rate:mean` and an alarm on one server reads. Aodh asks for the
# rate of the mean of the counters. As long as the same servers are there both are the same. A new server, whose counter is
# near 0, takes the mean down by most of what the others have counted since their start: for that minute a group that is busy
# throughout has a large negative load, and the alarm that is to remove an idle server goes off, since one was added. So it
# does as one of the older servers goes; as the youngest goes, the load is fifty times what servers can have. The same for
# gnocchi_aggregation_by_metrics_threshold (aodh/evaluator/gnocchi.py).
#
# Seen, of servers that take all of one processor, in seconds a minute, with an alarm that goes off below 6:
#   asked: ["aggregate", "rate:mean", ["metric", "cpu", "mean"]]
#   two servers: 60, ok
#   a third comes: -1920, alarm
#   a minute later: 60, ok
#   one of the first goes: -930, alarm
#   the third goes: 3030, ok
#   the mean of rates as the third comes: 60
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 800 MB of temporary disk. Gnocchi's API is left out: what
# Aodh asks of it is handed to the code that the API computes it with. Exits with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-aodh,python3-gnocchi trixie "$root/trixie"
for package in python3-aodh=20.0.0 python3-gnocchi=4.6.5; do
  version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "${package%=*}")
  echo "${package%=*} $version"
  [[ $version == "${package#*=}"* ]] || { echo "not the version that this was seen with (${package#*=})"; exit 1; }
done

cat > "$root/trixie/tmp/rate.py" <<'PYTHON'
import datetime
import json
import types
from unittest import mock

import numpy
from aodh import service
from aodh.evaluator import gnocchi
from gnocchi import carbonara
from gnocchi.rest.aggregates import processor
from oslo_utils import timeutils

MINUTE = numpy.timedelta64(60, 's')
NOON = datetime.datetime(2025, 1, 1, 12)
# Minutes from noon at which a server was measured: seconds of processor time since its start, a minute of it each minute.
SERVERS = {
    'first': {minute: 6000 + 60 * minute for minute in range(-5, 9)},
    'second': {minute: 6000 + 60 * minute for minute in range(-5, 4)},
    'third': {minute: 60 * (minute + 1) for minute in range(0, 7)},
}
asked = []


def fetch(operations, start, stop, granularity, needed_overlap, **kwargs):
    """Answers as Gnocchi does, of what its servers have measured until then."""
    asked.append(json.dumps(operations))
    stop = numpy.datetime64(stop)
    series = []
    for server, counted in SERVERS.items():
        times = numpy.array([numpy.datetime64(NOON) + minute * MINUTE for minute in counted], dtype='datetime64[ns]')
        values = numpy.array(list(counted.values()), dtype=float)
        kept = carbonara.AggregatedTimeSerie.from_grouped_serie(
            carbonara.TimeSerie.from_data(times[times < stop], values[times < stop]).group_serie(MINUTE),
            carbonara.Aggregation(operations[2][2], MINUTE, None))
        metric = types.SimpleNamespace(name='cpu')
        resource = types.SimpleNamespace(id=server)
        series.append((processor.MetricReference(metric, operations[2][2], resource, 'cpu'), kept))
    answer = processor.aggregated(series, operations, numpy.datetime64(start), stop, needed_overlap)
    return {'measures': {'aggregated': [
        [str(time), width / numpy.timedelta64(1, 's'), float(value)] for time, width, value in answer['aggregated']]}}


with mock.patch.object(gnocchi, 'client') as client, mock.patch.object(gnocchi, 'keystone_client'):
    client.Client.return_value.aggregates.fetch = fetch
    evaluator = gnocchi.GnocchiAggregationResourcesThresholdEvaluator(service.prepare_service([], config_files=[]))
rule = {
    'metric': 'cpu', 'resource_type': 'instance', 'query': '{"=": {"server_group": "web"}}', 'aggregation_method': 'rate:mean',
    'granularity': 60, 'evaluation_periods': 1, 'comparison_operator': 'lt', 'threshold': 6}
lines = []
for minute, what in (
    (-1, 'two servers'), (0, 'a third comes'), (1, 'a minute later'), (4, 'one of the first goes'), (7, 'the third goes'),
):
    timeutils.set_time_override(NOON + datetime.timedelta(minutes=minute, seconds=30))
    state, _, statistics, _, _ = evaluator.evaluate_rule(rule)
    lines.append(f'{what}: {statistics[-1]:.0f}, {state}')
assert len(set(asked)) == 1
print('asked:', asked[0])
print(*lines, sep='\n')
answer = fetch(
    ['aggregate', 'mean', ['metric', 'cpu', 'rate:mean']], (NOON - datetime.timedelta(minutes=2)).isoformat(),
    (NOON + datetime.timedelta(seconds=30)).isoformat(), 60, 0)
print(f'the mean of rates as the third comes: {answer["measures"]["aggregated"][-1][2]:.0f}')
PYTHON
seen=$(chroot "$root/trixie" python3 /tmp/rate.py 2> "$root/said") || { cat "$root/said"; exit 1; }
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; cat "$root/said"; exit 1; }
asked: ["aggregate", "rate:mean", ["metric", "cpu", "mean"]]
two servers: 60, ok
a third comes: -1920, alarm
a minute later: 60, ok
one of the first goes: -930, alarm
the third goes: 3030, ok
the mean of rates as the third comes: 60
SEEN
