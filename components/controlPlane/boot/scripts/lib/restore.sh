# shellcheck shell=bash
# After services/etcd-restore.sh: etcd's folder holds a snapshot's data as a cluster of this machine alone, and the mark says so.

start_restored() {
    local cluster folder
    step restore
    take_lease initialise || fail restore "another machine holds the lock $STATE_URL/initialise; wait a minute and run boot.sh again"
    folder=$(private_folder)
    blob_get "$STATE_URL/initialised" "$folder/mark"
    # The second: stopped between the new mark and the end.
    cmp -s "$folder/mark" "$STATE/restored" || cmp -s "$folder/mark" "$STATE/restored-mark" ||
        fail restore "the mark $STATE_URL/initialised is not this restore's; another machine was restored since: remove $STATE/restored to join it"
    rm -rf "$folder" "$STATE/member"
    systemctl stop kubelet
    rm -f "$KUBERNETES"/manifests/*.yaml
    place_kubernetes_files
    add_api_address
    run_kubeadm "see $KUBEADM_LOG" init --config "$INIT_CONFIG" --skip-phases="$ADDONS" --skip-token-print \
        --ignore-preflight-errors=DirAvailable--var-lib-etcd
    cluster=$(cluster_id) || fail restore 'the restored API server does not answer; look at its log in /var/log/pods'
    printf 'cluster=%s\nmachine=%s\nattempt=restored\n' "$cluster" "$MACHINE" >"$STATE/restored-mark"
    blob_put "$STATE_URL/initialised" "$STATE/restored-mark"
    become_first_member
    rm -f "$STATE/restored" "$STATE/restored-mark"
    drop_lease
    log "$MACHINE runs the restored cluster; the other machines join it when they are replaced"
}
