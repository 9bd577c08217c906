# shellcheck shell=bash
# shellcheck disable=SC2034 # the stand-ins read what is set here
# What the stand-ins of a test machine's commands share: who asks, what the world looks like, and where a test wants them to stop.
# The world is a folder that all machines of a test see: apis/<address> holds the ID of the cluster that answers there, members one line
# a member of etcd, calls one line a command.
root=$MAINSTAY_ROOT
world=$MAINSTAY_WORLD
name=${0##*/}
me=${MAINSTAY_NAME:-worker}
address=${MAINSTAY_ADDRESS:-}

printf '%s: %s %s\n' "$me" "$name" "$*" >>"$world/calls"

# stop_at POINT: the test has asked to be told when a machine is here, and kills it or lets it go on.
stop_at() {
    [ -e "$world/stop-at/$me $1" ] || return 0
    mv "$world/stop-at/$me $1" "$world/stopped"
    local waited
    # Not for ever: a test that was cut off leaves nobody waiting.
    for ((waited = 0; waited < 1200; waited++)); do
        [ -e "$world/stopped" ] || return 0
        /bin/sleep 0.05
    done
    exit 1
}

# fails POINT: the test wants this to go wrong.
fails() { [ -e "$world/fails/$me $1" ]; }

healthy() { [ -e "$world/apis/$1" ]; }

majority() {
    local all=0 up=0 member
    while read -r _ _ member; do
        all=$((all + 1))
        if healthy "$member"; then up=$((up + 1)); fi
    done <"$world/members"
    [ "$up" -gt $((all / 2)) ]
}
