#!/usr/bin/env bash
# Barbican 20.0.0 (Debian 13), `barbican-manage simple_crypto rewrap_pkek`: where the key of a project cannot be encrypted
# anew, as none of the configured KEKs reads it, the command prints a traceback, goes on, and ends with 0. Whoever goes by
# that, and drops the old KEK, as the release notes of 2025.1 say to, may lose the secrets of a project for good. All ways of
# rewrapping have it in common (barbican/cmd/kek_rewrap.py), those of PKCS#11 too.
#
# Seen:
#   ended with 0
#   one read
#   two not read
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 700 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=barbican-common trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' barbican-common)
echo "barbican-common $version"
[[ $version == 1:20.0.0* ]] || { echo 'not the version that this was seen with (20.0.0)'; exit 1; }

in_debian() { chroot "$root/trixie" "$@"; }
make_key() { in_debian python3 -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'; }
old=$(make_key)
new=$(make_key)
# configure KEK...: the first is what keys of projects are encrypted with.
configure() {
  printf '[database]\nconnection = sqlite:////tmp/barbican.sqlite\n[simple_crypto_plugin]\n'
  printf 'kek = %s\n' "$@"
}

# Keys of two projects: one that the old KEK reads, and one that nothing reads.
configure "$old" > "$root/trixie/etc/barbican/barbican.conf"
in_debian python3 - "$old" <<'PYTHON'
import sys

import sqlalchemy
from barbican.model import models
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

engine = sqlalchemy.create_engine('sqlite:////tmp/barbican.sqlite')
models.BASE.metadata.create_all(engine)
with Session(engine) as session:
    for name, master in ('one', sys.argv[1]), ('two', Fernet.generate_key()):
        project = models.Project()
        project.external_id = name
        project.status = 'ACTIVE'
        session.add(project)
        session.flush()
        kek = models.KEKDatum()
        kek.project_id = project.id
        kek.kek_label = name
        kek.plugin_name = 'barbican.plugin.crypto.simple_crypto.SimpleCryptoPlugin'
        kek.status = 'ACTIVE'
        kek.plugin_meta = Fernet(master).encrypt(Fernet.generate_key()).decode()
        session.add(kek)
    session.commit()
PYTHON

configure "$new" "$old" > "$root/trixie/etc/barbican/barbican.conf"
seen=$(
  code=0
  in_debian barbican-manage simple_crypto rewrap_pkek > "$root/said" 2>&1 || code=$?
  echo "ended with $code"
  in_debian python3 - "$new" <<'PYTHON'
import sqlite3
import sys

from cryptography.fernet import Fernet, InvalidToken

keys = sqlite3.connect('/tmp/barbican.sqlite').execute('SELECT kek_label, plugin_meta FROM kek_data ORDER BY kek_label')
for label, wrapped in keys:
    try:
        Fernet(sys.argv[1]).decrypt(wrapped)
        print(f'{label} read')
    except InvalidToken:
        print(f'{label} not read')
PYTHON
)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Barbican does otherwise now'; cat "$root/said"; exit 1; }
ended with 0
one read
two not read
SEEN
