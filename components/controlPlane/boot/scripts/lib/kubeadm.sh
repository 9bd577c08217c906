# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read in other libraries
# Running kubeadm, and asking API servers.

readonly KUBERNETES="$ROOT/etc/kubernetes"
readonly ADMIN="$KUBERNETES/admin.conf"
readonly INIT_CONFIG="$BUNDLE/kubernetes/kubeadm-init.yaml" JOIN_CONFIG="$BUNDLE/kubernetes/kubeadm-join.yaml"
readonly KUBEADM_LOG="$ROOT/var/log/mainstay/kubeadm.log"
readonly DISCOVERY="$ROOT/run/mainstay/discovery.conf"

# run_kubeadm MEND ARGUMENTS…: its talk goes to a log that root alone reads; of a failure the end is told.
run_kubeadm() {
    local mend=$1
    shift
    (umask 077 && mkdir -p "${KUBEADM_LOG%/*}" && printf '\n%s kubeadm %s\n' "$(date -u +%FT%TZ)" "$*" >>"$KUBEADM_LOG")
    # In the background, so that whoever must stop it can: KUBEADM_PID says whom.
    kubeadm "$@" >>"$KUBEADM_LOG" 2>&1 &
    printf '%s' $! >"$STATE/kubeadm.pid"
    if ! wait $!; then
        rm -f "$STATE/kubeadm.pid"
        KUBEADM_ERROR=$(kubeadm_error)
        [ "$mend" = - ] || fail "$STEP" "kubeadm ${*:1:2}: $KUBEADM_ERROR; $mend"
        return 1
    fi
    rm -f "$STATE/kubeadm.pid"
}

# The lines in which kubeadm says what was wrong, else the last one.
kubeadm_error() {
    { tail -n 40 "$KUBEADM_LOG" | grep -iE '^(error|failed|\s*\[ERROR)' || tail -n 1 "$KUBEADM_LOG"; } | tail -n 4 | tr -s '\n\t ' ' ' | sed 's/ $//' | cut -c 1-600
}

# api_ready HOST [curl's arguments]: whether the API server there says so itself.
api_ready() {
    local host=$1
    shift
    curl --fail --silent --noproxy '*' --max-time 5 --cacert "$KUBERNETES/pki/ca.crt" --output /dev/null "$@" "https://$host:$API_PORT/readyz"
}

# wait_for WHAT TEXT COMMAND…: three minutes of patience, or as many tries as PATIENCE says, five seconds apart.
wait_for() {
    local mend=$1 attempt
    shift
    for ((attempt = 1; attempt <= ${PATIENCE:-36}; attempt++)); do
        if "$@"; then return; fi
        sleep 5
    done
    fail "$STEP" "$mend"
}

# What is left of a join or an initialisation that did not end, and of nothing else: callers make sure of that. Keys go with it.
take_apart() {
    if [ ! -e "$KUBERNETES/kubelet.conf" ] && [ ! -e "$KUBERNETES/bootstrap-kubelet.conf" ] && [ ! -e "$ROOT/var/lib/etcd/member" ] &&
        ! compgen -G "$KUBERNETES/manifests/*.yaml" >/dev/null; then
        return
    fi
    log 'taking apart what an attempt left behind'
    rm -f "$STATE/member"
    systemctl stop kubelet
    run_kubeadm 'look at containerd' reset --force --skip-phases=remove-etcd-member --cri-socket=unix:///run/containerd/containerd.sock
    if [ -d "$ROOT/var/lib/etcd" ]; then find "$ROOT/var/lib/etcd" -mindepth 1 -delete; fi
    rm -rf "$KUBERNETES"/*.conf "$KUBERNETES/manifests" "$KUBERNETES/pki" "$ROOT/var/lib/kubelet/pki"
}

# discovery_file CA_FILE, the bootstrap token on stdin: a kubeconfig that a machine joins with, since anonymous discovery is closed.
discovery_file() {
    local token
    token=$(cat)
    cat <<EOF
apiVersion: v1
kind: Config
clusters:
    - name: $CLUSTER
      cluster:
          server: https://$API_NAME:$API_PORT
          certificate-authority-data: $(base64 -w 0 <"$1")
users:
    - name: joining
      user:
          token: $token
contexts:
    - name: joining
      context: { cluster: $CLUSTER, user: joining }
current-context: joining
EOF
}
