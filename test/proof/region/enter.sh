#!/usr/bin/env bash
# enter.sh COMMAND…: runs a command in namespaces of its own (network, mounts, processes), so that whatever a region makes goes with it. What
# the kernel does not take away by itself, the folder $MAINSTAY_REGION and the control groups named after it, is removed at the end.
# After a `kill -9` of this script its command and the namespaces go too; the folder and the (empty) control groups stay: docs/proofs.md.
set -uo pipefail

folder=$(mktemp -d "${TMPDIR:-/tmp}/mainstay-region-XXXXXX") || exit 1
export MAINSTAY_REGION=$folder

# shellcheck disable=SC2317 # called by traps
leave() {
    local group
    for group in /sys/fs/cgroup/*/"${folder##*/}"; do
        # Processes that were killed a moment ago are still in their groups.
        for _ in {1..50}; do
            [ -d "$group" ] || break
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
            [ ! -d "$group" ] || sleep 0.1
        done
    done
    rm -rf "$folder"
}
trap leave EXIT

# shellcheck disable=SC2016
setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
    sh -c 'ip link set lo up && exec "$@"' sh "$@" &
inside=$!
# The command tidies up by itself; whoever asks twice does not wait for it.
stopping=
# shellcheck disable=SC2317
stop() {
    if [ -n "$stopping" ]; then kill -KILL "$inside"; else pkill --signal "$1" --parent "$inside" 2>/dev/null || kill -KILL "$inside"; fi
    stopping=1
}
for signal in INT TERM HUP; do
    # shellcheck disable=SC2064
    trap "stop $signal" "$signal"
done
while kill -0 "$inside" 2>/dev/null; do wait "$inside"; code=$?; done
exit "${code:-1}"
