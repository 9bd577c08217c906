#!/usr/bin/env bash
# Keeps in the vault what a machine joins with: the authority, the address and a bootstrap token that lasts a day.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=service.sh
source "$(dirname "${BASH_SOURCE[0]}")/service.sh" join-credentials kubeadm

export KUBECONFIG=$KUBERNETES/admin.conf
authority=$(base64 -w0 "$KUBERNETES/pki/ca.crt")
server=https://$API_NAME:$API_PORT

# Every machine runs this, all at different moments: who finds a token good for 18 hours more leaves it at that.
good() {
    # On the first day there is none: nothing to tell anybody of.
    # shellcheck disable=SC2317
    (tell() { :; } && secret_get "$JOIN_VAULT_URL" "$JOIN_SECRET") >"$work/stored" || return 1
    grep -qF "certificate-authority-data: $authority" "$work/stored" || return 1
    grep -qF "server: $server" "$work/stored" || return 1
    local id expiry
    id=$(sed -n 's/^ *token: \([a-z0-9]\{6\}\)\..*/\1/p' "$work/stored")
    expiry=$(kubectl get secret "bootstrap-token-$id" -n kube-system -o 'go-template={{.data.expiration|base64decode}}' 2>/dev/null) || return 1
    (($(date -d "$expiry" +%s) > $(date +%s) + 18 * 3600))
}
! good || exit 0

token=$(kubeadm token create --kubeconfig "$KUBECONFIG" --ttl 24h --usages signing,authentication \
    --groups system:bootstrappers:kubeadm:default-node-token --description "machines join with it; mainstay") ||
    fail "$STEP" "the API server made no bootstrap token; see kubectl get --raw /readyz on $MACHINE"
discovery_file "$KUBERNETES/pki/ca.crt" <<<"$token" >"$work/discovery"
secret_set "$JOIN_VAULT_URL" "$JOIN_SECRET" "$work/discovery"
log "token ${token%%.*} is in $JOIN_VAULT_URL, good for a day"
