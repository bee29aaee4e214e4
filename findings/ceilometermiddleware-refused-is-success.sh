#!/usr/bin/env bash
# python3-ceilometermiddleware 3.6.1 (Debian 13), which tells of requests for objects in Swift as CADF events: a request that
# Swift refuses (403), finds nothing for (404) or cannot serve (503) is told of with `outcome: success`, as one that was
# done. `failure` is told only where the application raises, which Swift's pipeline, with catch_errors in front of it, does
# not show to clients but as 500. The event has no status and no reason either, so whoever counts or audits by it cannot tell
# an upload from one that was not let in. keystonemiddleware's audit, which makes the same kind of event for other
# services, goes by the status.
#
# Seen:
#   201 Created: success, no status
#   403 Forbidden: success, no status
#   404 Not Found: success, no status
#   503 Service Unavailable: success, no status
#   an exception: failure, no status
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 400 MB of temporary disk. Swift is stood in for by a WSGI
# application of three lines that answers with each status. Exits with 1 where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3-ceilometermiddleware trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-ceilometermiddleware)
echo "python3-ceilometermiddleware $version"
[[ $version == 3.6.1* ]] || { echo 'not the version that this was seen with (3.6.1)'; exit 1; }

cat > "$root/trixie/tmp/told.py" <<'PYTHON'
import io
import uuid

from ceilometermiddleware import swift


def answering(status):
    def application(environ, start_response):
        start_response(status, [('Content-Length', '0')])
        return [b'']

    return application


def broken(environ, start_response):
    raise RuntimeError('no storage')


told = []
swift.Swift.send_notification = staticmethod(lambda notifier, event: told.append(event.as_dict()))
for what, application in (
    *((status, answering(status)) for status in ('201 Created', '403 Forbidden', '404 Not Found', '503 Service Unavailable')),
    ('an exception', broken),
):
    told.clear()
    middleware = swift.filter_factory({}, driver='noop', url='fake://')(application)
    environ = {
        'REQUEST_METHOD': 'PUT',
        'PATH_INFO': f'/v1/AUTH_{uuid.UUID(int=1).hex}/photos/cat',
        'HTTP_X_USER_ID': uuid.UUID(int=2).hex,
        'wsgi.input': io.BytesIO(b''),
    }
    try:
        list(middleware(environ, lambda *_: None))
    except RuntimeError:
        pass
    (event,) = told
    print(f'{what}: {event["outcome"]}, {"a reason" if "reason" in event else "no status"}')
PYTHON
seen=$(chroot "$root/trixie" env -i PATH=/usr/bin:/bin HOME=/tmp python3 /tmp/told.py)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; exit 1; }
201 Created: success, no status
403 Forbidden: success, no status
404 Not Found: success, no status
503 Service Unavailable: success, no status
an exception: failure, no status
SEEN
