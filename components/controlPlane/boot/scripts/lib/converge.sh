# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read in other libraries
# A member whose bundle or keys changed: brought to what they say, one static pod after another, and only while the other machines are well.

stamp() { sha256sum | cut -d ' ' -f 1; }

# What the static pods are made from.
manifests_stamp() { stamp <"$INIT_CONFIG"; }

# Of it, what all machines share.
shared_stamp() { awk 'BEGIN { RS = "---\n" } !/kind: InitConfiguration/' "$INIT_CONFIG" | stamp; }

# What etcd is started with: its part of the configuration.
etcd_stamp() { awk '/^etcd:/ { own = 1; print; next } own && /^[^ ]/ { exit } own' "$INIT_CONFIG" | stamp; }

# What the API server reads when it starts, without its manifest saying so: policies, and the keys that encrypt.
served_stamp() {
    local pair
    {
        cat "$BUNDLE"/kubernetes/files/* 2>/dev/null || true
        for pair in $SECRET_FILES; do
            case $pair in *=/etc/kubernetes/mainstay/*) cat "$ROOT${pair#*=}" ;; esac
        done
    } | stamp
}

# What certificates are made from: authorities and keys, and the names that the API server answers to.
certificates_stamp() {
    local pair
    {
        for pair in $SECRET_FILES; do
            case $pair in
                *=/etc/kubernetes/pki/etcd-snapshot*) ;;
                *=/etc/kubernetes/pki/*) cat "$ROOT${pair#*=}" ;;
            esac
        done
        awk '/SANs:/ { names = 1; next } names && /^ *- / { print; next } { names = 0 }' "$INIT_CONFIG"
    } | stamp
}

# The cluster's own copy of what machines share, with a note of what it was made from: a kubeadm that joins takes everything from there.
readonly NOTE=mainstay.io/made-from
note_configuration() {
    kubectl --kubeconfig "$ADMIN" --server "https://$NODE_ADDRESS:$API_PORT" --request-timeout=10s --namespace kube-system \
        annotate configmap kubeadm-config --overwrite "$NOTE=$(shared_stamp)" >/dev/null
}
noted_configuration() {
    kubectl --kubeconfig "$ADMIN" --request-timeout=10s --namespace kube-system get configmap kubeadm-config \
        --output "jsonpath={.metadata.annotations.${NOTE//./\\.}}"
}

remember_applied() {
    manifests_stamp >"$STATE/applied-manifests"
    etcd_stamp >"$STATE/applied-etcd"
    served_stamp >"$STATE/applied-served"
    certificates_stamp >"$STATE/applied-certificates"
    printf '%s\n' "$KUBERNETES_VERSION" >"$STATE/applied-version"
    rm -f "$STATE/changing"
}

# remember_joined NOTE VERSION: made from the cluster's configuration of that moment. Where it was another than this machine's, that is still to be applied.
remember_joined() {
    remember_applied
    if [ "$1" = "$(shared_stamp)" ]; then return; fi
    rm -f "$STATE/applied-manifests" "$STATE/applied-etcd"
    printf '%s\n' "$2" >"$STATE/applied-version"
}

applied() { cat "$STATE/applied-$1" 2>/dev/null || true; }

minor_of() {
    local rest=${1#v*.}
    printf '%s' "${rest%%.*}"
}

# A machine that stands with a broken change half made may be mended; any other must be well before it is touched.
own_api_ready() { [ -e "$STATE/changing" ] || api_ready "$NODE_ADDRESS"; }

health_gate() {
    ensure_etcd_client
    wait_for 'another etcd member is not healthy, so this machine changes nothing; mend that one first' others_healthy
    wait_for "this machine's API server is not ready, so nothing is changed; look at its log in /var/log/pods" own_api_ready
}

# Nobody waits for another's health with the lock in hand: the machine that is not well may be the one that joins, and needs the lock for it.
wait_for_turn() {
    health_gate
    wait_for_lease change
    until others_healthy && own_api_ready; do
        drop_lease
        health_gate
        wait_for_lease change
    done
}

converge() {
    local manifests=1 served=1 certificates=1 version=1
    step converge
    [ "$(applied manifests)" = "$(manifests_stamp)" ] || manifests=0
    [ "$(applied served)" = "$(served_stamp)" ] || served=0
    [ "$(applied certificates)" = "$(certificates_stamp)" ] || certificates=0
    [ "$(applied version)" = "$KUBERNETES_VERSION" ] || version=0
    if [ $((manifests * served * certificates * version)) -eq 1 ]; then
        log 'nothing changed'
        return
    fi
    wait_for_turn
    if [ $version -eq 0 ]; then refuse_leap; fi
    : >"$STATE/changing"
    place_kubernetes_files
    if [ $version -eq 0 ]; then upgrade_member; fi
    if [ $certificates -eq 0 ]; then renew_certificates; fi
    rewrite_static_pods $certificates $served
    run_kubeadm "see $KUBEADM_LOG" init phase upload-config all --config "$INIT_CONFIG"
    note_configuration
    run_kubeadm "see $KUBEADM_LOG" upgrade node phase kubelet-config
    systemctl restart kubelet
    wait_for "the API server of this machine does not get ready after the change; look at its log in /var/log/pods" api_ready "$NODE_ADDRESS"
    remember_applied
    drop_lease
    log 'changed and ready'
}

cluster_version() {
    kubectl --kubeconfig "$ADMIN" --request-timeout=10s --namespace kube-system get configmap kubeadm-config \
        --output 'jsonpath={.data.ClusterConfiguration}' | sed -n 's/^kubernetesVersion: *//p'
}

# kubeadm goes from one minor version to the next, never back.
refuse_leap() {
    local from
    from=$(cluster_version)
    [ -n "$from" ] || fail upgrade 'kubeadm-config in kube-system names no version; look at it with kubectl'
    case $(($(minor_of "$KUBERNETES_VERSION") - $(minor_of "$from"))) in
        0 | 1) ;;
        *) fail upgrade "the cluster is at $from and the settings say $KUBERNETES_VERSION; go up one minor version at a time and never down: set the next one first" ;;
    esac
}

# The first machine moves the cluster, every other one follows. Pods of the control plane need no drain.
upgrade_member() {
    step upgrade
    if [ "$(cluster_version)" = "$KUBERNETES_VERSION" ]; then
        run_kubeadm "see $KUBEADM_LOG" upgrade node --skip-phases=addon
    else
        run_kubeadm "see $KUBEADM_LOG" upgrade apply "$KUBERNETES_VERSION" --yes --skip-phases=addon
    fi
    CHANGED_PROGRAMS=''
    use_new_kubelet
    systemctl daemon-reload
    systemctl restart kubelet
    wait_for 'the API server of this machine does not get ready after the upgrade; look at its log in /var/log/pods' api_ready "$NODE_ADDRESS"
}

# Everything that an authority signed or that carries its certificate. Authorities and the service accounts' key are the vault's.
renew_certificates() {
    local name pki="$KUBERNETES/pki"
    for name in apiserver apiserver-kubelet-client apiserver-etcd-client front-proxy-client etcd/server etcd/peer etcd/healthcheck-client; do
        rm -f "$pki/$name.crt" "$pki/$name.key"
    done
    rm -f "$ADMIN" "$KUBERNETES"/{super-admin,controller-manager,scheduler,kubelet}.conf
    run_kubeadm "see $KUBEADM_LOG" init phase certs all --config "$INIT_CONFIG"
    run_kubeadm "see $KUBEADM_LOG" init phase kubeconfig all --config "$INIT_CONFIG"
    trust_every_authority
    # Only the very first machine of a cluster needs it, and nobody after its first minutes.
    rm -f "$KUBERNETES/super-admin.conf"
}

# kubeadm writes the first authority of the bundle into a kubeconfig. While one takes over from another, its reader meets API servers of both.
trust_every_authority() {
    local authorities file
    authorities=$(base64 -w 0 <"$KUBERNETES/pki/ca.crt")
    for file in "$KUBERNETES"/*.conf; do
        sed -i "s|^\( *certificate-authority-data:\).*|\1 $authorities|" "$file"
    done
}

# Empty where there is no such file: it was sent away.
sum_of() { sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1 || true; }

# rewrite_static_pods CERTIFICATES_CHANGED SERVED_CHANGED, 0 for yes.
rewrite_static_pods() {
    if [ "$1" -eq 0 ] || [ "$(applied etcd)" != "$(etcd_stamp)" ]; then
        send_away kube-apiserver
        rewrite_static_pod "$1" etcd etcd local
    fi
    rewrite_static_pod $(($1 * $2)) kube-apiserver control-plane apiserver
    rewrite_static_pod "$1" kube-controller-manager control-plane controller-manager
    rewrite_static_pod "$1" kube-scheduler control-plane scheduler
}

# rewrite_static_pod FORCE POD PHASE…: the kubelet starts it anew when its manifest differs. With the same manifest and other files (FORCE
# is 0) it has to be taken away for a moment.
rewrite_static_pod() {
    local force=$1 pod=$2 manifest="$KUBERNETES/manifests/$2.yaml" before sum
    shift 2
    before=$(container_of "$pod")
    sum=$(sum_of "$manifest")
    if [ "$force" -eq 0 ]; then send_away "$pod"; fi
    run_kubeadm "see $KUBEADM_LOG" init phase "$@" --config "$INIT_CONFIG"
    bring_back "$pod"
    if [ "$force" -ne 0 ] && [ "$sum" = "$(sum_of "$manifest")" ]; then return; fi
    log "$pod starts anew"
    wait_for "$pod does not start again; look at its log in /var/log/pods, mend the settings and run pulumi up" is_new "$pod" "$before"
    wait_until_well "$pod"
}
