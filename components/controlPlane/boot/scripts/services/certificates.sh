#!/usr/bin/env bash
# Renews the leaf certificates that kubeadm made, one machine at a time and only while etcd is whole; says how long they last.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source-path=SCRIPTDIR source=service.sh
source "$here/service.sh" certificates
# shellcheck source-path=SCRIPTDIR source=etcd.sh
source "$here/etcd.sh"
kubernetes=$root/etc/kubernetes

# Seconds that the one with the fewest has left.
left() {
    local file end least=''
    for file in "$pki"/*.crt "$pki"/etcd/*.crt "$kubernetes"/{admin,super-admin,controller-manager,scheduler}.conf; do
        case $file in */ca.crt | */front-proxy-ca.crt) continue ;; esac
        [[ -e $file ]] || continue
        if [[ $file == *.conf ]]; then
            end=$(sed -n 's/^ *client-certificate-data: //p' "$file" | base64 -d | openssl x509 -noout -enddate)
        else
            end=$(openssl x509 -noout -enddate -in "$file")
        fi
        end=$(($(date -d "${end#*=}" +%s) - $(date +%s)))
        [[ -n $least ]] && ((least <= end)) || least=$end
    done
    echo "${least:?no certificates below $kubernetes}"
}
report() {
    metrics certificates <<METRICS
# TYPE mainstay_certificates_expiry_days gauge
mainstay_certificates_expiry_days $(($(left) / 86400))
METRICS
}
whole() { [[ $(etcdctl endpoint health --cluster 2>&1 | grep -c 'is healthy') == "$(wc -w <<<"$PEERS")" ]]; }
wait_for() {
    local i
    for ((i = 0; i < 60; i++)); do
        if "${@:2}" >/dev/null 2>&1; then return; fi
        sleep 2
    done
    fail "$STEP" "$1 is not well after the renewal; see crictl logs on $MACHINE, the other machines wait"
}

report
(($(left) < ${CERTIFICATE_RENEWAL_DAYS:-120} * 86400)) || exit 0
whole || fail "$STEP" "not every etcd member is healthy; mend etcd first, certificates last $(($(left) / 86400)) days"
# The lock of initialisation is the cluster's one lock: nobody joins or begins while a machine has its etcd stopped.
lock=$STATE_URL/initialise
blob_put "$lock" /dev/null --if-none-match || [ $? -eq 3 ]
lease=$(lease_acquire "$lock" 60) || {
    code=$?
    [ $code -eq 3 ] || exit $code
    log "another machine holds $lock, the next timer tries again"
    exit 0
}
while sleep 20; do lease_renew "$lock" "$lease" || true; done </dev/null >/dev/null 2>&1 &
keeper=$!
leave() {
    kill "$keeper" 2>/dev/null || true
    (lease_release "$lock" "$lease") || true
}

log "renews those of $MACHINE"
kubeadm certs renew all >/dev/null
# kubelet starts a stopped container of a static pod again, with the new files.
for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    crictl ps --name "^$component\$" -q | xargs -r crictl stop >/dev/null
    case $component in
    etcd) wait_for etcd whole ;;
    kube-apiserver) wait_for "the API server" kubectl --kubeconfig "$kubernetes/admin.conf" --server "https://$NODE_ADDRESS:6443" get --raw /readyz ;;
    esac
done
report
log "they last $(($(left) / 86400)) days"
