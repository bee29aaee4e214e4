#!/usr/bin/env bash
# Aodh 20.0.0 (Debian 13): `aodh-expirer` removes what is older than `alarm_history_time_to_live` from the history of alarms,
# 100 rows at a time, until none is left: `alarm_histories_delete_batch_size` is 0, which `means all` by its own help. It
# stops after the first 100. It goes on while it is told that rows were removed, and what removes them,
# clear_expired_alarm_history_data of the only driver that there is, tells nothing. The log has `100 alarm histories are
# removed`, and no word of the rest; the command ends with 0. Run each day it falls behind wherever more than 100 rows a day
# are written. A size of the batch that is large enough does it: that many are the most that one run removes, and it does not
# go on by design.
#
# Seen, with 250 rows that have expired:
#   run 1: ended with 0, 150 left
#   run 2: ended with 0, 50 left
#   run 3: ended with 0, 0 left
#   by a batch of 1000: ended with 0, 0 left
#
# Needs root, mmdebstrap and Debian's package archive; 3 minutes, 600 MB of temporary disk. Exits with 1 where the behaviour
# is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=aodh-common trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' aodh-common)
echo "aodh-common $version"
[[ $version == 20.0.0* ]] || { echo 'not the version that this was seen with (20.0.0)'; exit 1; }

cat > "$root/trixie/tmp/aodh.conf" <<'CONF'
[database]
connection = sqlite:////tmp/aodh.sqlite
alarm_history_time_to_live = 86400
CONF
chroot "$root/trixie" aodh-dbsync --config-file /tmp/aodh.conf > "$root/said" 2>&1 || { cat "$root/said"; exit 1; }
fill() {
  chroot "$root/trixie" python3 -c '
import sqlite3
rows = [(f"event-{n}", "alarm", "state transition", "2025-01-01 00:00:00.000000") for n in range(250)]
with sqlite3.connect("/tmp/aodh.sqlite") as database:
    database.executemany("INSERT INTO alarm_history (event_id, alarm_id, type, timestamp) VALUES (?, ?, ?, ?)", rows)'
}
left() {
  chroot "$root/trixie" python3 -c '
import sqlite3
print(*sqlite3.connect("/tmp/aodh.sqlite").execute("SELECT count(*) FROM alarm_history").fetchone())'
}
# expire WHAT: one run of it.
expire() {
  local code=0
  chroot "$root/trixie" aodh-expirer --config-file /tmp/aodh.conf >> "$root/said" 2>&1 || code=$?
  echo "$1: ended with $code, $(left) left"
}
seen=$(
  fill
  for run in 1 2 3; do expire "run $run"; done
  fill
  echo 'alarm_histories_delete_batch_size = 1000' >> "$root/trixie/tmp/aodh.conf"
  expire 'by a batch of 1000'
)
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'Aodh does otherwise now'; cat "$root/said"; exit 1; }
run 1: ended with 0, 150 left
run 2: ended with 0, 50 left
run 3: ended with 0, 0 left
by a batch of 1000: ended with 0, 0 left
SEEN
