# shellcheck shell=bash
# The kubelet's static pods on this machine: the control plane.

container_of() { crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps --quiet --name "^$1\$"; }
# Who cannot be asked is not gone.
is_gone() {
    local now
    now=$(container_of "$1") && [ -z "$now" ]
}
is_new() {
    local now
    now=$(container_of "$1")
    [ -n "$now" ] && [ "$now" != "$2" ]
}

wait_until_gone() { wait_for "$1 does not stop; look at the kubelet" is_gone "$1"; }

# wait_until_well POD: after a change of it.
wait_until_well() {
    if [ "$1" = etcd ]; then
        wait_for "etcd on this machine does not get healthy after it changed; look at its log in /var/log/pods" \
            etcd_healthy "https://$NODE_ADDRESS:2379"
    else
        wait_for "the API server of this machine does not get ready after $1 changed; look at its log in /var/log/pods" api_ready "$NODE_ADDRESS"
    fi
}

# Whether this run sent a pod away: then it brings it back, however it ends.
SENT_AWAY=''

# send_away POD: it leaves in order, and stays away until bring_back or a new manifest. So does an API server before its etcd restarts: otherwise
# it keeps its clients' connections and answers nothing on them.
send_away() {
    local manifest="$KUBERNETES/manifests/$1.yaml"
    SENT_AWAY=1
    [ ! -e "$manifest" ] || mv "$manifest" "$STATE/away-$1.yaml"
    wait_until_gone "$1"
}

# bring_back POD: unless it has a new manifest. Whoever needs it waits until it is well.
bring_back() {
    local manifest="$KUBERNETES/manifests/$1.yaml" away="$STATE/away-$1.yaml"
    [ -e "$away" ] || return 0
    if [ -e "$manifest" ]; then rm "$away"; else mv "$away" "$manifest"; fi
}

anything_away() { compgen -G "$STATE/away-*.yaml" >/dev/null; }

# What a killed run left away, too: only under the machine's boot lock, since what another run sent away is its own to bring back.
bring_all_back() {
    local pod
    for pod in "$STATE"/away-*.yaml; do
        [ -e "$pod" ] || continue
        pod=${pod##*/away-}
        bring_back "${pod%.yaml}"
    done
}

# For a trap on EXIT.
bring_own_back() { [ -z "$SENT_AWAY" ] || bring_all_back || true; }
