# shellcheck shell=bash
# What people read: progress and, when it ends badly, exactly one line that says what failed and what to do.

# A command substitution ends its own shell only. This code says that the line has been written already.
readonly TOLD=64
STEP=start

# To stderr, which the journal and the VM extension keep, and to the console, which boot diagnostics keep.
tell() {
    local line console="${MAINSTAY_ROOT:-}/dev/console"
    line="mainstay: $(tr '\n' ' ' <<<"$*")"
    line=${line% }
    printf '%s\n' "$line" >&2
    # A console that is there may still refuse to be opened (containers).
    if [ -w "$console" ]; then { printf '%s\n' "$line" >"$console"; } 2>/dev/null || true; fi
}

log() { tell "$STEP: $*"; }

step() {
    STEP=$1
    tell "$STEP"
}

# fail STEP TEXT: TEXT says what is wrong; what to do about it.
fail() {
    tell "FAILED $1: $2"
    exit "$TOLD"
}

# For a trap on EXIT: a command that nobody expected to fail gets its line, too.
tell_unexpected() {
    local code=$1 line=$2 command=$3
    if [ "$code" -ne 0 ] && [ "$code" -ne "$TOLD" ]; then
        tell "FAILED $STEP: line $line of ${BASH_SOURCE[1]##*/} ended with $code (${command%% *}); read the lines above, the boot is tried again"
    fi
}
