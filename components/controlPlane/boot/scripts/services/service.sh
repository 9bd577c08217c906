# shellcheck shell=bash
# What every service begins with: source service.sh NAME. Gives the libraries, the facts, a private folder `work` and, at the end, one line
# about whatever was not expected.

libraries=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib
# shellcheck source-path=SCRIPTDIR source=../lib/log.sh
source "$libraries/log.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/facts.sh
source "$libraries/facts.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/azure.sh
source "$libraries/azure.sh"

STEP=$1
umask 077
root=${MAINSTAY_ROOT:-}
load_facts "$root/etc/mainstay/facts.env"
# Not in memory: a snapshot may be larger than that.
work=$root/var/lib/mainstay/$STEP
rm -rf "$work"
mkdir -p "$work"

# A service that has more to leave in order defines its own.
leave() { :; }
ended() {
    leave
    rm -rf "$work"
    if [ "$1" -ne 0 ] && [ "$1" -ne "$TOLD" ]; then
        tell "FAILED $STEP: ${2%% *} ended with $1; see journalctl -u mainstay-$STEP, it is tried again"
    fi
}
trap 'ended $? "$BASH_COMMAND"' EXIT

# metrics NAME < lines: for node-exporter's textfile collector, never half written.
metrics() {
    local folder=$root/var/lib/node_exporter/textfile
    mkdir -p "$folder"
    cat >"$folder/.$1"
    chmod 644 "$folder/.$1"
    mv "$folder/.$1" "$folder/mainstay_$1.prom"
}
