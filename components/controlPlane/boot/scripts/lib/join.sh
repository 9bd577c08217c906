# shellcheck shell=bash
# Becoming a node of a cluster that exists.

# Until everybody's balancer has noticed a new machine, some tries go nowhere.
wait_for_api() {
    PATIENCE=60 wait_for "the cluster was initialised, but https://$API_NAME:$API_PORT does not answer; bring its machines back, or restore a snapshot: it is not initialised again" \
        api_ready "$API_NAME"
}

join_control_plane() {
    step join
    # The balancer answers, or nobody: this machine is none of its backends yet.
    remove_api_address
    wait_for_api
    wait_for_lease change
    remove_stale_member
    take_apart
    fetch_secrets
    place_kubernetes_files
    run_kubeadm 'look at the authority in the vault' init phase kubeconfig admin --config "$INIT_CONFIG"
    # The node of this machine's former life, and its pods.
    kubectl --kubeconfig "$ADMIN" delete node "$MACHINE" --ignore-not-found --timeout=60s >/dev/null
    (umask 077 && mkdir -p "${DISCOVERY%/*}" &&
        kubeadm token create --kubeconfig "$ADMIN" --ttl 30m --description "joins $MACHINE" |
        discovery_file "$KUBERNETES/pki/ca.crt" >"$DISCOVERY")
    local note version
    note=$(noted_configuration)
    version=$(cluster_version)
    run_kubeadm "see $KUBEADM_LOG" join --config "$JOIN_CONFIG"
    rm -f "$DISCOVERY"
    wait_for 'the API server of this machine does not get ready after kubeadm join; look at its log in /var/log/pods' api_ready "$NODE_ADDRESS"
    refuse_unmarked_cluster
    add_api_address
    remember_joined "$note" "$version"
    become_member
    drop_lease
    log "$MACHINE joined the cluster"
}

# Two machines cannot both have initialised, short of a machine that slept through its own lease. Should it have, this one must not be with it.
refuse_unmarked_cluster() {
    local cluster
    [ -n "$MARK_CLUSTER" ] || return 0
    cluster=$(cluster_id) || fail join 'the API server of this machine answers, but not to its administrator; look at its log'
    if [ "$cluster" != "$MARK_CLUSTER" ]; then
        take_apart
        fail join "joined cluster $cluster, but the mark names $MARK_CLUSTER; undone, and tried again"
    fi
}

join_worker() {
    step join
    if is_member; then return; fi
    take_apart
    rm -f "$KUBERNETES/pki/ca.crt"
    (umask 077 && mkdir -p "${DISCOVERY%/*}" && secret_get "$JOIN_VAULT_URL" "$JOIN_SECRET" >"$DISCOVERY")
    run_kubeadm "see $KUBEADM_LOG; the join credentials in $JOIN_VAULT_URL are renewed by the control plane" join --config "$JOIN_CONFIG"
    rm -f "$DISCOVERY"
    : >"$STATE/member"
    log 'joined the cluster'
}
