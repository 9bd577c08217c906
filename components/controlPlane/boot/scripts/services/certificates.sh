#!/usr/bin/env bash
# Renews the leaf certificates that kubeadm made, one machine at a time and only while etcd is whole; says how long they last.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=service.sh
source "$(dirname "${BASH_SOURCE[0]}")/service.sh" certificates kubeadm etcd lease static-pods

# Seconds that the one with the fewest has left.
left() {
    local file end least=''
    for file in "$KUBERNETES/pki"/*.crt "$KUBERNETES/pki"/etcd/*.crt "$KUBERNETES"/{admin,super-admin,controller-manager,scheduler}.conf; do
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
    echo "${least:?no certificates below $KUBERNETES}"
}
report() {
    metrics certificates <<METRICS
# TYPE mainstay_certificates_expiry_days gauge
mainstay_certificates_expiry_days $(($(left) / 86400))
METRICS
}

report
# What an interrupted run left half done is ended, however new the certificates are.
[[ -e $STATE/away-kube-apiserver.yaml ]] || (($(left) < ${CERTIFICATE_RENEWAL_DAYS:-120} * 86400)) || exit 0
# The lock under which members of etcd change: one machine at a time.
wait_for_lease change
others_healthy || fail "$STEP" "another etcd member is not healthy; mend that one first, certificates last $(($(left) / 86400)) days"

log "renews those of $MACHINE"
kubeadm certs renew all >/dev/null
# stop NAME: kubelet starts a stopped container of a static pod again, with the new files.
stop() {
    local before
    before=$(container_of "$1")
    [[ -z $before ]] || crictl stop --timeout 30 "$before" >/dev/null
}
send_away kube-apiserver
stop etcd
wait_until_well etcd
bring_back kube-apiserver
wait_until_well kube-apiserver
for component in kube-controller-manager kube-scheduler; do
    stop "$component"
    wait_until_well "$component"
done
report
log "they last $(($(left) / 86400)) days"
