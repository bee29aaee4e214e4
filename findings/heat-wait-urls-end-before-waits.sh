#!/usr/bin/env bash
# Heat 24.0.0 with Keystone 27.0.0 (Debian 13): the URL by which a server tells a wait condition that it is ready
# (AWS::CloudFormation::WaitConditionHandle, or signal_transport CFN_SIGNAL) has the time in it at which it was signed, is signed
# once, and is refused by Keystone 15 minutes later ([credential] auth_ttl), though the condition may wait for 12 hours: it then
# ends as if the server had said nothing. URLs of scaling policies, signed by the same function, have no time and do not end.
#
# Seen:
#   waits at most 43200 s
#   asked again: the same URL
#   the URL has a Timestamp
#   signed 14 minutes ago: taken
#   signed 16 minutes ago: refused
#   signed without a time: taken
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 800 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-heat,python3-keystone,python3-pymysql trixie "$root/trixie"
for package in python3-heat=1:24.0.0 python3-keystone=2:27.0.0; do
  version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "${package%=*}")
  echo "${package%=*} $version"
  [[ $version == "${package#*=}"* ]] || { echo "not the version that this was seen with (${package#*=})"; exit 1; }
done

cat > "$root/trixie/tmp/seen.py" <<'PYTHON'
import datetime
import time
from urllib import parse

from heat.common import config, identifier
from heat.engine.resources.aws.cfn import wait_condition
from heat.engine.resources.aws.cfn import wait_condition_handle
from keystone.api._shared.EC2_S3_Resource import ResourceBase
import keystone.conf
from keystone import exception
from oslo_config import cfg

cfg.CONF([], project='heat', default_config_files=[])
cfg.CONF.set_override('heat_waitcondition_server_url', 'http://192.0.2.1:8000/v1/waitcondition')
keystone.conf.configure()
keystone.conf.CONF([], project='keystone', default_config_files=[])


class Handle(wait_condition_handle.WaitConditionHandle):
    """What Heat has of a handle that is made: its keys and its place."""

    def __new__(cls):
        return object.__new__(cls)

    def __init__(self):
        self.id = 1
        self.resource_id = 'made'
        self.kept = {'access_key': 'a' * 32, 'secret_key': 'b' * 32}

    def data(self):
        return self.kept

    def data_set(self, key, value, redact=False):
        self.kept[key] = value

    def identifier(self):
        return identifier.ResourceIdentifier('project', 'stack', 'id', '', 'handle')


timeout = wait_condition.WaitCondition.properties_schema['Timeout']
print('waits at most %d s' % timeout.constraints[0].max)
handle = Handle()
first = handle.get_reference_id()
time.sleep(1.1)
print('asked again: %s URL' % ('the same' if handle.get_reference_id() == first else 'another'))
print('the URL has %s Timestamp' % ('a' if 'Timestamp' in parse.parse_qs(parse.urlparse(first).query) else 'no'))


def ask(what, params):
    try:
        ResourceBase._check_timestamp({'params': params})
        print('%s: taken' % what)
    except exception.Unauthorized:
        print('%s: refused' % what)


for minutes in (14, 16):
    signed = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    ask('signed %d minutes ago' % minutes, {'Timestamp': signed.strftime('%Y-%m-%dT%H:%M:%SZ')})
ask('signed without a time', {})
PYTHON
seen=$(chroot "$root/trixie" python3 -W ignore /tmp/seen.py 2> "$root/said") || { cat "$root/said"; exit 1; }
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Heat or Keystone does otherwise now'; cat "$root/said"; exit 1; }
waits at most 43200 s
asked again: the same URL
the URL has a Timestamp
signed 14 minutes ago: taken
signed 16 minutes ago: refused
signed without a time: taken
SEEN
