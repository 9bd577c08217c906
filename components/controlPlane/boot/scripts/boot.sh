#!/usr/bin/env bash
# Makes this machine a node of its cluster, or brings a node to what its bundle says. Run again it does what is left to do, or nothing.
set -Eeuo pipefail
ROOT=${MAINSTAY_ROOT:-}
BUNDLE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
STATE=$ROOT/var/lib/mainstay
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:$ROOT/usr/local/bin
export HOME=${HOME:-/root} PATH
umask 022

use() {
    local lib
    for lib in "$@"; do
        # shellcheck source=/dev/null
        source "$BUNDLE/lib/$lib.sh"
    done
}

finish() {
    local code=$?
    trap - EXIT ERR
    if [ "$(type -t bring_own_back)" = function ]; then bring_own_back; fi
    if [ "$(type -t drop_lease)" = function ]; then drop_lease; fi
    tell_unexpected "$code" "${FAILED_LINE:-0}" "${FAILED_COMMAND:-exit}"
    exit "$code"
}

is_member() { [ -f "$STATE/member" ]; }

install_machine() {
    step install
    install_programs
    prepare_kernel
    prepare_services
}

boot_control_plane() {
    # First of all: nothing that may fail or take long keeps a sound API server away.
    bring_all_back
    install_machine
    step 'etcd disk'
    prepare_etcd_disk
    # The operating system remembers a membership whose data is gone: another disk is attached. Then it is a replaced machine.
    if is_member && [ ! -e "$ETCD_DATA/member" ]; then
        log 'etcd has no data here any more: this machine joins anew'
        rm -f "$STATE/member"
    fi
    step secrets
    fetch_secrets
    if [ -e "$STATE/restored" ]; then
        start_restored
    else
        is_member || initialise_or_join
        converge
    fi
}

boot_worker() {
    install_machine
    join_worker
}

use log facts
trap finish EXIT
trap 'FAILED_LINE=$LINENO FAILED_COMMAND=$BASH_COMMAND' ERR
mkdir -p "$STATE"
step facts
load_facts "$BUNDLE/facts.env"
use azure install kubeadm join services
if [ "$ROLE" = control-plane ]; then
    use disk secrets lease etcd cluster static-pods converge api-address restore
    boot_control_plane
else
    boot_worker
fi
start_kubelet
install_services
tell "ready: ${MACHINE:-$(hostname)} runs Kubernetes $KUBERNETES_VERSION"
