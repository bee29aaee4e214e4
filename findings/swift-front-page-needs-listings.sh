#!/usr/bin/env bash
# Swift 2.35.1 (Debian 13), staticweb: with `X-Container-Read: .r:*` and an index page named, its documentation says that
# paths with an index page are served without naming it, and asks for `.rlistings` for listings alone. That is so for
# every folder but the first: the front page of the site is 401 Unauthorized until `.rlistings` is in the ACL, because it
# is asked whether the container may be read before the page is looked for. With `.rlistings` everybody may list the
# container by Swift's API too, which who only wanted a site may not have wanted.
#
# Seen:
#   .r:*             /=401 /index.html=200 /sub/=200
#   .r:*,.rlistings  /=200 /index.html=200 /sub/=200
#
# Needs root, mmdebstrap and Debian's package archive; 1 minute, 500 MB of temporary disk. Exits with 1 where the
# behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-swift trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-swift)
echo "python3-swift $version"
[[ $version == 2.35.1* ]] || { echo 'not the version that this was seen with (2.35.1)'; exit 1; }

cat > "$root/trixie/tmp/site.py" <<'PYTHON'
from swift.common.middleware import staticweb, tempauth
from swift.common.swob import Request, Response

# What answers behind the middleware: one container of two pages, asking who may as Swift's proxy does.
pages = {'index.html': b'front', 'sub/index.html': b'below'}
acl = None


class Cache(dict):
    def get(self, key, *_, **__):
        return super().get(key)

    def set(self, key, value, *_, **__):
        self[key] = value


def proxy(env, start_response):
    request = Request(env)
    *_, name = request.split_path(2, 4, True)
    request.acl = acl
    refused = env['swift.authorize'](request) if 'swift.authorize' in env else None
    if refused:
        return refused(env, start_response)
    if not name:
        headers = {'X-Container-Read': acl, 'X-Container-Meta-Web-Index': 'index.html'}
        return Response(status=204, headers=headers)(env, start_response)
    if name not in pages:
        return Response(status=404)(env, start_response)
    return Response(body=pages[name])(env, start_response)


pipeline = tempauth.filter_factory({})(staticweb.filter_factory({})(proxy))


def status(path):
    request = Request.blank(f'/v1/AUTH_a/site/{path}', environ={'swift.cache': Cache()})
    return request.get_response(pipeline).status_int


for acl in ['.r:*', '.r:*,.rlistings']:
    print(acl, *(f'/{path}={status(path)}' for path in ['', 'index.html', 'sub/']))
PYTHON
seen=$(chroot "$root/trixie" python3 /tmp/site.py)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Swift answers otherwise now'; exit 1; }
.r:* /=401 /index.html=200 /sub/=200
.r:*,.rlistings /=200 /index.html=200 /sub/=200
SEEN
