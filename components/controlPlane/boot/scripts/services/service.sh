# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read in services and libraries
# What every service begins with: source service.sh NAME [LIBRARY…]. Gives the libraries, the facts, a private folder `work` and, at the end,
# one line about whatever was not expected.

ROOT=${MAINSTAY_ROOT:-}
BUNDLE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$ROOT/var/lib/mainstay
export HOME=${HOME:-/root}
umask 077
for library in log facts azure "${@:2}"; do
    # shellcheck source=/dev/null
    source "$BUNDLE/lib/$library.sh"
done
STEP=$1
load_facts "$BUNDLE/facts.env"
# Not in memory: a snapshot may be larger than that.
work=$STATE/$STEP
rm -rf "$work"
mkdir -p "$work"

ended() {
    trap - EXIT
    if [ "$(type -t bring_own_back)" = function ]; then bring_own_back; fi
    if [ "$(type -t drop_lease)" = function ]; then drop_lease; fi
    cd / && rm -rf "$work"
    if [ "$1" -ne 0 ] && [ "$1" -ne "$TOLD" ]; then
        tell "FAILED $STEP: ${2%% *} ended with $1; see journalctl -u mainstay-$STEP, it is tried again"
    fi
    exit "$1"
}
trap 'ended $? "$BASH_COMMAND"' EXIT

# This machine's own member.
local_etcd=https://127.0.0.1:${ETCD_PORT:-2379}

# number KEY < json: the first number of that name.
number() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }

# text KEY < json: the first string of that name.
text() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }

sha256() { sha256sum "$1" | cut -d' ' -f1; }

# metrics NAME < lines: for node-exporter's textfile collector, never half written.
metrics() {
    local folder=$ROOT/var/lib/node_exporter/textfile
    (umask 022 && mkdir -p "$folder" && cat >"$folder/.$1" && mv "$folder/.$1" "$folder/mainstay_$1.prom")
}
