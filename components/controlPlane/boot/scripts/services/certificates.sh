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

# A run that was cut off goes on, however new the certificates are: what runs may have the old ones in memory.
due() { [[ -e $STATE/renewing ]] || (($(left) < ${CERTIFICATE_RENEWAL_DAYS:-120} * 86400)); }

report
# The daily look waits for nobody's boot.
due || anything_away || exit 0
# Nobody boots meanwhile: the lock is that of mainstay-boot.
mkdir -p "$ROOT/run"
exec 9>"$ROOT/run/mainstay-boot.lock"
flock --wait 900 9 || fail "$STEP" "the boot of this machine does not end; see journalctl -u mainstay-boot"
# Before everything that may fail or take long.
bring_all_back
due || exit 0
# The lock under which members of etcd change: one machine at a time.
wait_for_lease change
others_healthy || fail "$STEP" "another etcd member is not healthy; mend that one first, certificates last $(($(left) / 86400)) days"

log "renews those of $MACHINE"
: >"$STATE/renewing"
kubeadm certs renew all >/dev/null
# restart NAME: the kubelet starts a stopped container of a static pod again, with the new files.
restart() {
    local before
    before=$(container_of "$1")
    [[ -z $before ]] || crictl stop --timeout 30 "$before" >/dev/null
    wait_for "$1 does not start again; look at its log in /var/log/pods" is_new "$1" "$before"
}
send_away kube-apiserver
restart etcd
wait_until_well etcd
bring_back kube-apiserver
wait_until_well kube-apiserver
restart kube-controller-manager
restart kube-scheduler
rm "$STATE/renewing"
report
log "they last $(($(left) / 86400)) days"
