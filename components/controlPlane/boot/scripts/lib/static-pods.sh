# shellcheck shell=bash
# The kubelet's static pods on this machine: the control plane.

container_of() { crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps --quiet --name "^$1\$"; }
is_gone() { [ -z "$(container_of "$1")" ]; }
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

# send_away POD: it leaves in order, and stays away until bring_back or a new manifest. So does an API server before its etcd restarts: otherwise
# it keeps its clients' connections and answers nothing on them.
send_away() {
    local manifest="$KUBERNETES/manifests/$1.yaml"
    [ ! -e "$manifest" ] || mv "$manifest" "$STATE/away-$1.yaml"
    wait_until_gone "$1"
}

# bring_back POD: also what an interrupted run sent away. Whoever needs it waits until it is well.
bring_back() {
    local manifest="$KUBERNETES/manifests/$1.yaml" away="$STATE/away-$1.yaml"
    [ -e "$away" ] || return 0
    if [ -e "$manifest" ]; then rm "$away"; else mv "$away" "$manifest"; fi
}
