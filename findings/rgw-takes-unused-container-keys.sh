#!/usr/bin/env bash
# RGW 18.2.7 (radosgw in Debian 13) takes a key of temporary URLs for a container as Swift does: the POST with
# `X-Container-Meta-Temp-URL-Key` is answered with 204, the key is shown among the container's metadata, and `/info` offers
# `tempurl`. URLs that are signed by it are refused with 403 all the same, as only keys of the account are looked at. Its
# documentation says that keys of containers are not supported, but a client that is made for Swift, which knows both, has
# nothing to see it by before its first URL fails.
#
# Seen:
#   info: tempurl with GET HEAD PUT POST DELETE
#   key of the container: set 204, shown of-container, URL 403
#   key of the account: set 204, shown of-account, URL 200
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 1 GB of temporary disk, some ports of loopback. Exits with 1
# where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
started=()
leave() {
  # Nothing of what they have is kept.
  [ ${#started[@]} -eq 0 ] || kill -KILL "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null
  rm -rf --one-file-system "$root"
}
trap leave EXIT
mmdebstrap --quiet --variant=minbase --include=ceph-mon,ceph-osd,radosgw,python3 trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' radosgw)
echo "radosgw $version"
[[ $version == 18.2.7* ]] || { echo 'not the version that this was seen with (18.2.7)'; exit 1; }

fsid=00000000-0000-4000-8000-000000000001
osd=00000000-0000-4000-8000-000000000002
# One monitor, one OSD that keeps all in memory, and no manager.
cat > "$root/trixie/etc/ceph/ceph.conf" <<CONFIG
[global]
fsid = $fsid
mon_host = 127.0.0.1:13300
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = /tmp/keyring
mon_data = /tmp/mon
osd_data = /tmp/osd
osd_objectstore = memstore
memstore_device_bytes = 268435456
mon_allow_pool_size_one = true
osd_pool_default_size = 1
osd_pool_default_pg_num = 1
osd_crush_chooseleaf_type = 0
log_to_file = false
mon_cluster_log_to_file = false
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:13380
rgw_enable_apis = swift, swift_auth
rgw_swift_account_in_url = true
CONFIG
inside() {
  timeout 60 chroot "$root/trixie" "$@"
}
start() {
  chroot "$root/trixie" "$@" -f > "$root/$1.log" 2>&1 &
  started+=($!)
}
key() {
  inside ceph-authtool /tmp/keyring --gen-key --name "$@"
}
{
  inside ceph-authtool --create-keyring /tmp/keyring
  key mon. --cap mon 'allow *'
  key client.admin --cap mon 'allow *'
  key client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
  key osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  inside monmaptool --create --fsid "$fsid" --addv a '[v2:127.0.0.1:13300]' /tmp/map
  inside ceph-mon --mkfs -i a --monmap /tmp/map
  start ceph-mon -i a
  inside ceph osd new "$osd"
  mkdir "$root/trixie/tmp/osd"
  inside ceph-osd --mkfs -i 0 --osd-uuid "$osd"
  start ceph-osd -i 0
  inside radosgw-admin --name client.rgw user create --uid somebody --display-name Somebody \
    --subuser somebody:swift --key-type swift --secret password --access full
  start radosgw --name client.rgw
} > "$root/made" 2>&1

cat > "$root/trixie/tmp/keys.py" <<'PYTHON'
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request

SERVER = 'http://127.0.0.1:13380'


def ask(method, url, data=None, **headers):
    words = {name.replace('_', '-'): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, words, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, b''


def wait_for_server():
    for _ in range(100):
        try:
            return json.loads(ask('GET', f'{SERVER}/swift/info')[2])
        except OSError:
            time.sleep(0.3)
    raise SystemExit('RGW does not answer')


def signed(url, key):
    expires = int(time.time()) + 300
    path = url.removeprefix(SERVER)
    signature = hmac.new(key.encode(), f'GET\n{expires}\n{path}'.encode(), hashlib.sha256).hexdigest()
    return f'{url}?temp_url_sig={signature}&temp_url_expires={expires}'


print('info: tempurl with', *wait_for_server()['tempurl']['methods'])
_, login, _ = ask('GET', f'{SERVER}/auth/v1.0', X_Auth_User='somebody:swift', X_Auth_Key='password')
account, token = login['X-Storage-Url'], login['X-Auth-Token']
container = f'{account}/container'
for url, data in ((container, None), (f'{container}/object', b'content')):
    status = ask('PUT', url, data, X_Auth_Token=token)[0]
    if status != 201:
        raise SystemExit(f'PUT {url}: {status}')

for what, url in (('Container', container), ('Account', account)):
    header, value = f'X-{what}-Meta-Temp-URL-Key', f'of-{what.lower()}'
    taken = ask('POST', url, X_Auth_Token=token, **{header: value})[0]
    shown = ask('HEAD', url, X_Auth_Token=token)[1][header]
    given = ask('GET', signed(f'{container}/object', value))[0]
    print(f'key of the {what.lower()}: set {taken}, shown {shown}, URL {given}')
PYTHON
seen=$(inside python3 /tmp/keys.py)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'RGW answers otherwise now'; exit 1; }
info: tempurl with GET HEAD PUT POST DELETE
key of the container: set 204, shown of-container, URL 403
key of the account: set 204, shown of-account, URL 200
SEEN
