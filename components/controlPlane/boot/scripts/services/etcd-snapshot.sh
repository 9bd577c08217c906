#!/usr/bin/env bash
# Takes a snapshot of etcd, encrypts it, stores it, reads it back, and publishes it by its marker last.
# `etcd-snapshot.sh expired NOW DAYS NEWEST` prints which of the complete sets on its input retention deletes.
set -euo pipefail

# The last day is kept whole, then the last set of each day; the NEWEST sets stay whatever their age.
expired() {
    local form=%Y%m%dT%H%M%SZ day oldest
    day=$(date -u -d "@$(($1 - 86400))" "+$form")
    oldest=$(date -u -d "@$(($1 - $2 * 86400))" "+$form")
    LC_ALL=C sort -r | awk -v newest="$3" -v day="$day" -v oldest="$oldest" '
        !/^[0-9]+T[0-9]+Z-/ { next }
        { time = substr($0, 1, 16); last = !seen[substr($0, 1, 8)]++ }
        ++sets > newest && time < day && !(last && time >= oldest)'
}
if [[ ${1-} == expired ]]; then
    expired "${@:2}"
    exit
fi

# shellcheck source-path=SCRIPTDIR source=service.sh
source "$(dirname "${BASH_SOURCE[0]}")/service.sh" etcd-snapshot kubeadm etcd
began=$(date +%s)

# Only the leader takes one: Raft itself says who that is, so it is one machine at a time, and never one that lags.
status=$(etcd "$local_etcd" endpoint status -w json) ||
    fail "$STEP" "the local etcd member does not answer; see crictl logs of etcd on $MACHINE"
[[ $(number leader <<<"$status") == "$(number member_id <<<"$status")" ]] || exit 0

key=$KUBERNETES/pki/etcd-snapshot.key
[[ -s $key ]] || fail "$STEP" "$key is missing; put the secret etcd-snapshot-key into the vault and run boot.sh again"
cd "$work"

etcd "$local_etcd" --command-timeout=10m snapshot save db >/dev/null
checked=$(etcdutl snapshot status db -w json)

# A data key of its own for each snapshot, wrapped for the vault's key; the signed manifest vouches for all bytes.
openssl rand -base64 32 >data.key
openssl enc -aes-256-ctr -pbkdf2 -iter 10000 -md sha256 -salt -pass file:data.key -in db -out db.enc
wrapped=$(openssl pkeyutl -encrypt -inkey "$key" -in data.key \
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 | base64 -w0)
export AZURE_SECONDS=600
name=$(date -u -d "@$began" +%Y%m%dT%H%M%SZ)-$MACHINE
bytes=$(stat -c %s db)
printf '{"format":1,"name":"%s","cluster":"%s","member":"%s","time":%s,"version":"%s","revision":%s,"bytes":%s,"sha256":"%s","encryptedBytes":%s,"encryptedSha256":"%s","dataKey":"%s"}\n' \
    "$name" "$CLUSTER" "$MACHINE" "$began" "$(text version <<<"$status")" "$(number revision <<<"$checked")" \
    "$bytes" "$(sha256 db)" "$(stat -c %s db.enc)" "$(sha256 db.enc)" "$wrapped" >complete
openssl dgst -sha256 -sign "$key" -sigopt rsa_padding_mode:pss -out sig complete
rm db data.key

blob_put "$SNAPSHOT_URL/$name.db.enc" db.enc
blob_put "$SNAPSHOT_URL/$name.sig" sig
for part in db.enc sig; do
    blob_get "$SNAPSHOT_URL/$name.$part" stored
    cmp -s "$part" stored || fail "$STEP" "the store gave back $name.$part altered; look into the storage account, the set stays unpublished"
done
blob_put "$SNAPSHOT_URL/$name.complete" complete --if-none-match

metrics etcd_snapshot <<METRICS
# TYPE mainstay_etcd_snapshot_last_success_timestamp_seconds gauge
mainstay_etcd_snapshot_last_success_timestamp_seconds $began
# TYPE mainstay_etcd_snapshot_bytes gauge
mainstay_etcd_snapshot_bytes $bytes
# TYPE mainstay_etcd_snapshot_duration_seconds gauge
mainstay_etcd_snapshot_duration_seconds $(($(date +%s) - began))
METRICS
log "$name is complete, $bytes bytes"

# The marker goes last: what an interruption leaves half deleted is found again.
blob_list "$SNAPSHOT_URL" "" | sed -n 's/\.complete$//p' |
    expired "$began" "${SNAPSHOT_RETENTION_DAYS:-30}" "${SNAPSHOT_KEEP_NEWEST:-12}" |
    while read -r old; do
        for part in db.enc sig complete; do blob_delete "$SNAPSHOT_URL/$old.$part" </dev/null; done
        log "$old is deleted, retention"
    done
