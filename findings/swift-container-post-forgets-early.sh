#!/usr/bin/env bash
# Swift 2.35.1 (Debian 13), proxy server: a POST to a container takes what is remembered of it out of the cache before the
# container servers are told, not after. Whoever asks for something in the container meanwhile has the proxy read the old
# metadata and remember it for `recheck_container_existence` (60 s): keys of temporary URLs that were just set are refused for
# a minute on a container that is in use. A PUT, which sets the same metadata of a container that is there, forgets after
# the servers have answered.
#
# Seen, with a request of somebody else while the servers are told:
#   POST: remembered afterwards: the old key
#   PUT: remembered afterwards: nothing
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

cat > "$root/trixie/tmp/post.py" <<'PYTHON'
from types import SimpleNamespace

from swift.common.swob import Request, Response
from swift.proxy.controllers.base import get_cache_key
from swift.proxy.controllers.container import ContainerController

KEY = get_cache_key('a', 'c')


class Cache(dict):
    """As Memcached."""

    def get(self, key, *_, **__):
        return super().get(key)

    def set(self, key, value, *_, **__):
        self[key] = value

    def delete(self, key, *_, **__):
        self.pop(key, None)


class Controller(ContainerController):
    """What the proxy does, with servers that are told nothing until somebody else has asked."""

    def __init__(self):
        ring = SimpleNamespace(get_nodes=lambda *_: (0, [{}]))
        self.app = SimpleNamespace(
            container_ring=ring, swift_owner_headers=[], account_autocreate=False, max_containers_per_account=0)
        self.account_name, self.container_name = 'a', 'c'

    def clean_acls(self, req):
        return None

    def get_name_length_limit(self):
        return 256

    def account_info(self, *_):
        return 0, [{}], 1

    def generate_request_headers(self, *_, **__):
        return {}

    def _backend_requests(self, *_, **__):
        return [{}]

    def make_requests(self, *_, **__):
        if KEY not in cache:
            cache[KEY] = 'the old key'
        return Response(status=204)


for method in ['POST', 'PUT']:
    cache = Cache({KEY: 'the old key'})
    controller = Controller()
    controller._convert_policy_to_index = lambda req: None
    request = Request.blank('/v1/a/c', method=method, environ={'swift.cache': cache, 'swift_owner': True})
    getattr(controller, method)(request)
    print(f'{method}: remembered afterwards: {cache.get(KEY) or "nothing"}')
PYTHON
seen=$(chroot "$root/trixie" python3 /tmp/post.py)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Swift answers otherwise now'; exit 1; }
POST: remembered afterwards: the old key
PUT: remembered afterwards: nothing
SEEN
