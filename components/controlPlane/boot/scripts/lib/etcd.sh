# shellcheck shell=bash
# etcd's members, seen through those that are healthy.

# etcd ENDPOINT ARGUMENTS…
etcd() {
    local endpoint=$1 pki="$KUBERNETES/pki/etcd"
    shift
    etcdctl --endpoints="$endpoint" --cacert="$pki/ca.crt" --cert="$pki/healthcheck-client.crt" --key="$pki/healthcheck-client.key" \
        --dial-timeout=5s --command-timeout=10s "$@"
}

# A certificate to ask with; kubeadm makes it from the authority.
ensure_etcd_client() {
    [ -e "$KUBERNETES/pki/etcd/healthcheck-client.crt" ] ||
        run_kubeadm 'look at the etcd authority in the vault' init phase certs etcd-healthcheck-client --config "$INIT_CONFIG"
}

# Healthy means that the member answered a read that a majority confirmed.
etcd_healthy() { etcd "$1" endpoint health >/dev/null 2>&1; }

# The first of the other machines whose etcd is healthy; nothing when there is none.
healthy_peer() {
    local address
    for address in $(other_addresses); do
        if etcd_healthy "https://$address:2379"; then
            printf 'https://%s:2379' "$address"
            return
        fi
    done
}

# count_others MEMBERS: of the voting members on other machines, "how many, how many of them healthy".
count_others() {
    local peers clients learner all=0 healthy=0
    while IFS=, read -r _ _ _ peers clients learner; do
        if [ -z "$peers" ] || [ "${learner// /}" = true ] || is_own_peer "$peers"; then continue; fi
        all=$((all + 1))
        if [ -n "${clients// /}" ] && etcd_healthy "${clients// /}"; then healthy=$((healthy + 1)); fi
    done <<<"$1"
    printf '%s %s' $all $healthy
}

is_own_peer() { [[ ${1// /} == *"https://$NODE_ADDRESS:2380"* ]]; }

# The member that this machine was before. Removed only when the others are a majority without it, so that a removal never ends the cluster.
remove_stale_member() {
    local peer members id='' started others healthy line peers
    ensure_etcd_client
    peer=$(healthy_peer)
    [ -n "$peer" ] ||
        fail "$STEP" "no etcd member on the other machines ($(other_addresses | tr '\n' ' ')) is healthy, so there is no majority to join; bring one back, or restore a snapshot. This machine's data is untouched"
    members=$(etcd "$peer" member list)
    while IFS= read -r line; do
        IFS=, read -r id started _ peers _ <<<"$line"
        if is_own_peer "${peers:-}"; then break; fi
        id=''
    done <<<"$members"
    if [ -z "$id" ]; then return; fi
    read -r others healthy <<<"$(count_others "$members")"
    [ "$healthy" -ge $((others / 2 + 1)) ] ||
        fail "$STEP" "of the $others other etcd members $healthy are healthy and $((others / 2 + 1)) are needed before this machine's old member may go; bring them back first. Its data is untouched"
    log "removing this machine's old etcd member $id ($started )"
    etcd "$peer" member remove "$id" >/dev/null
}

# Every member healthy, except perhaps this one: only then may this one be taken down.
others_healthy() {
    local members others healthy peer
    peer=$(healthy_peer)
    # The only member so far has nobody to wait for: it is asked itself.
    members=$(etcd "${peer:-https://$NODE_ADDRESS:2379}" member list 2>/dev/null) || return 1
    read -r others healthy <<<"$(count_others "$members")"
    [ "$healthy" -eq "$others" ]
}
