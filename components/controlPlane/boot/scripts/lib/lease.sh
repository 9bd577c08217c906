# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read in other libraries
# One machine at a time: a lease of 60 seconds on a blob, kept alive in the background for as long as the script runs.

readonly LEASE_SECONDS=60
# A renewal takes 20 seconds at most. Unconfirmed for 30, the lease is given up at second 55 at the latest, before Azure gives it to somebody else.
readonly LEASE_DOUBT=30
LEASE_URL='' LEASE_ID='' LEASE_KEEPER=''

# Seconds that go on while the machine sleeps or its clock is set.
uptime_seconds() {
    local seconds
    read -r seconds _ </proc/uptime
    printf '%s' "${seconds%%.*}"
}

# take_lease NAME: 0 when it is ours now, 3 when somebody else has it.
take_lease() {
    local url="$STATE_URL/$1" code=0
    # There must be a blob to hold a lease on. That it exists already is fine, leased or not.
    blob_put "$url" /dev/null --if-none-match || [ $? -eq 3 ] || exit "$TOLD"
    LEASE_ID=$(lease_acquire "$url" "$LEASE_SECONDS") || code=$?
    [ $code -eq 0 ] || {
        [ $code -eq 3 ] || exit $code
        return 3
    }
    LEASE_URL=$url
    rm -f "$STATE/lease-lost"
    # Without the machine's boot lock, if that is held: its `sleep` would keep it for seconds longer.
    keep_lease "$(uptime_seconds)" 9>&- &
    LEASE_KEEPER=$!
}

# wait_for_lease NAME: members of etcd change one at a time.
wait_for_lease() {
    local attempt
    for ((attempt = 1; attempt <= 180; attempt++)); do
        if take_lease "$1"; then return; fi
        [ "$attempt" -ne 1 ] || log "another machine is at it ($1); waiting for its turn to end"
        sleep 10
    done
    fail "$STEP" "$STATE_URL/$1 is leased by another machine for half an hour; look at the other machines' boot"
}

# Renews until it cannot. Then it says so in a file and stops the kubeadm that runs under the lease.
keep_lease() {
    local confirmed=$1 asked code pid
    trap - EXIT ERR
    while sleep 5; do
        asked=$(uptime_seconds)
        code=0
        lease_renew "$LEASE_URL" "$LEASE_ID" || code=$?
        if [ $code -eq 0 ]; then
            confirmed=$asked
        elif [ $code -eq 3 ] || [ $(($(uptime_seconds) - confirmed)) -ge "$LEASE_DOUBT" ]; then
            : >"$STATE/lease-lost"
            pid=$(cat "$STATE/kubeadm.pid" 2>/dev/null) && kill -KILL "$pid" 2>/dev/null
            return
        fi
    done
}

lease_lost() { [ -e "$STATE/lease-lost" ]; }

# Asked of Azure itself, right before what cannot be taken back. A lost answer is asked again; only a yes is a yes.
lease_is_ours() {
    local attempt code
    for ((attempt = 1; attempt <= 5; attempt++)); do
        if lease_lost; then return 1; fi
        code=0
        lease_renew "$LEASE_URL" "$LEASE_ID" || code=$?
        [ $code -eq 1 ] || return $code
        sleep 1
    done
    return 1
}

drop_lease() {
    [ -n "$LEASE_KEEPER" ] || return 0
    kill "$LEASE_KEEPER" 2>/dev/null || true
    wait "$LEASE_KEEPER" 2>/dev/null || true
    LEASE_KEEPER=''
    (lease_release "$LEASE_URL" "$LEASE_ID") || true
}
