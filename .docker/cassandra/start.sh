#!/bin/bash
# Starts a node with the settings that the log needs, in place of those that the image has; why is in docs/operations.md.
set -euo pipefail
conf=${CASSANDRA_CONF:-/etc/cassandra}/cassandra.yaml
settings='commitlog_sync: batch
disk_failure_policy: die
commit_failure_policy: die
paxos_variant: v2
paxos_state_purging: repaired
auto_snapshot: true'

# A setting goes with the lines that are indented below it. Once is enough: a container that starts again has its file already.
names=$(cut -d : -f 1 <<<"$settings" | paste -s -d '|')
kept=$(awk -v names="^($names|commitlog_sync_period|commitlog_sync_group_window):" '
  $0 ~ names { gone = 1; next }
  gone && /^[ \t]+[^ \t#]/ { next }
  { gone = 0; print }
' "$conf")
printf '%s\n%s\n' "$kept" "$settings" >"$conf"
exec docker-entrypoint.sh cassandra -f
