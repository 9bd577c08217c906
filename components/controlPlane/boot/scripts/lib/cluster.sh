# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read in other libraries
# Who initialises, and how it cannot happen twice. docs/boot.md has the reasoning; in short: the mark is written once, if-none-match, by
# the holder of the lock and after `kubeadm init` succeeded. A cluster counts only when the mark names it. Nobody joins before the mark, and
# whoever finds itself in a cluster that the mark does not name takes itself apart.

readonly ADDONS=addon/coredns,addon/kube-proxy
MARK_CLUSTER='' MARK_ATTEMPT=''

# read_mark: 0 when the cluster was once initialised, 1 when Azure says that there is no mark. No answer ends the script.
read_mark() {
    local folder status
    folder=$(private_folder)
    status=$(BLOB_BODY=$folder/mark blob_request GET "$STATE_URL/initialised" 200 404 --) || exit $?
    if [ "$status" = 200 ]; then
        MARK_CLUSTER=$(sed -n 's/^cluster=//p' "$folder/mark")
        MARK_ATTEMPT=$(sed -n 's/^attempt=//p' "$folder/mark")
    fi
    rm -rf "$folder"
    [ "$status" = 200 ]
}

# write_mark CLUSTER ATTEMPT: 3 when another one is there.
write_mark() {
    local folder code=0
    folder=$(private_folder)
    printf 'cluster=%s\nmachine=%s\nattempt=%s\n' "$1" "$MACHINE" "$2" >"$folder/mark"
    blob_put "$STATE_URL/initialised" "$folder/mark" --if-none-match || code=$?
    rm -rf "$folder"
    [ $code -ne 3 ] || ! read_mark || [ "$MARK_ATTEMPT" != "$2" ] || code=0
    return $code
}

# What tells the cluster of this machine's API server from any other.
cluster_id() {
    local id attempt
    for ((attempt = 1; attempt <= 24; attempt++)); do
        id=$(kubectl --kubeconfig "$ADMIN" --server "https://$NODE_ADDRESS:$API_PORT" --request-timeout=10s \
            get namespace kube-system --output 'jsonpath={.metadata.uid}' 2>/dev/null) || id=''
        if [ -n "$id" ]; then
            printf '%s' "$id"
            return
        fi
        sleep 5
    done
    return 1
}

# An API server that answers is a cluster that exists, whatever is missing in blob storage.
refuse_second_cluster() {
    local address
    for address in $(other_addresses); do
        if api_ready "$address"; then
            fail initialise "the mark $STATE_URL/initialised is missing, but the API server on $address answers; write the mark again (docs/boot.md), never initialise"
        fi
    done
    if [ -e "$ETCD_DATA/member" ] && [ ! -e "$STATE/attempt" ]; then
        fail initialise "the mark $STATE_URL/initialised is missing, but etcd's disk holds a cluster's data; restore it, or empty $ETCD_DATA if nobody needs it"
    fi
}

# initialise: 0 when this machine made the cluster, 3 when another one is at it or has done it.
initialise() {
    local attempt cluster
    step initialise
    take_lease initialise || return 3
    if read_mark; then
        drop_lease
        return 3
    fi
    refuse_second_cluster
    # The mark is absent and the lock is ours: whatever is here never became a cluster.
    take_apart
    attempt=$(cat /proc/sys/kernel/random/uuid)
    printf '%s' "$attempt" >"$STATE/attempt"
    fetch_secrets
    place_kubernetes_files
    # The API's name leads to the balancer, which sends nothing back to the machine that asks: this one has to be its own answer.
    add_api_address
    lease_is_ours || fail initialise 'the lock was lost before kubeadm init; another machine goes on'
    if ! run_kubeadm - init --config "$INIT_CONFIG" --skip-phases="$ADDONS" --skip-token-print; then
        if lease_lost; then give_up 'the lock was lost during kubeadm init'; fi
        fail initialise "kubeadm init: $KUBEADM_ERROR; see $KUBEADM_LOG"
    fi
    cluster=$(cluster_id) || fail initialise 'kubeadm init ended well, but its API server does not answer; look at the kubelet'
    lease_is_ours || give_up 'the lock was lost after kubeadm init'
    write_mark "$cluster" "$attempt" || give_up 'another machine has initialised the cluster'
    become_first_member
    drop_lease
    log "$MACHINE initialised the cluster"
}

# What this machine began is no cluster: nobody may find it.
give_up() {
    remove_api_address
    take_apart
    rm -f "$STATE/attempt"
    fail initialise "$1, so this machine's attempt is undone; it joins on the next run"
}

# The mark is this machine's own: it was stopped between the mark and the note of it.
own_mark() { [ -n "$MARK_ATTEMPT" ] && [ "$MARK_ATTEMPT" = "$(cat "$STATE/attempt" 2>/dev/null)" ]; }

# The cluster has its configuration from this machine.
become_first_member() {
    remember_applied
    become_member
    note_configuration || log 'what the configuration was made from is not noted: machines that join apply theirs once more'
}

become_member() {
    # kubeadm init leaves a file of system:masters, which nothing can revoke.
    rm -f "$KUBERNETES/super-admin.conf"
    : >"$STATE/member"
}

# Waits for its turn to be somebody's peer: ten minutes of other machines' initialising.
initialise_or_join() {
    local attempt
    for ((attempt = 1; attempt <= 60; attempt++)); do
        step mark
        if read_mark; then
            if own_mark; then
                become_first_member
                return
            fi
            join_control_plane
            return
        fi
        if initialise; then return; fi
        [ "$attempt" -ne 1 ] || log 'another machine initialises the cluster; waiting for its mark'
        sleep 10
    done
    fail initialise "another machine holds the lock and wrote no mark at $STATE_URL/initialised; look at the other machines' boot"
}
