#!/usr/bin/env bash
# Brings etcd back from a snapshot, on this machine alone, after all members were lost. Run by a person: docs/disaster-recovery.md.
#   etcd-restore.sh [--snapshot NAME] [--key FILE] [--even-if-healthy]
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=service.sh
source "$(dirname "${BASH_SOURCE[0]}")/service.sh" etcd-restore kubeadm etcd lease

key=$KUBERNETES/pki/etcd-snapshot.key
wanted='' forced=''
while (($#)); do
    case $1 in
    --snapshot) wanted=${2:?--snapshot needs a name} && shift 2 ;;
    --key) key=${2:?--key needs a file} && shift 2 ;;
    --even-if-healthy) forced=1 && shift ;;
    *) fail "$STEP" "unknown argument $1; allowed are --snapshot NAME, --key FILE, --even-if-healthy" ;;
    esac
done
[[ -s $key ]] || fail "$STEP" "$key is missing; run boot.sh, which fetches it from the vault, or name a copy by --key"
data=$ROOT/var/lib/etcd
[[ -n $ROOT ]] || mountpoint -q "$data" || fail "$STEP" "$data is not mounted; run boot.sh, which mounts the etcd disk"

# Nobody boots meanwhile: the lock is that of mainstay-boot.
mkdir -p "$ROOT/run"
exec 9>"$ROOT/run/mainstay-boot.lock"
flock --wait 900 9 || fail "$STEP" "the boot of this machine does not end; stop it (systemctl stop mainstay-boot) and run the same again"

log "1/6 asks every machine for a living cluster"
ensure_etcd_client
for peer in $PEERS; do
    if said=$(etcd "https://${peer#*=}:${ETCD_PORT:-2379}" endpoint health 2>&1); then
        [[ -n $forced ]] ||
            fail "$STEP" "etcd on ${peer%%=*} is healthy, and a restore would go back behind it; stop the machines, or say --even-if-healthy"
        log "etcd on ${peer%%=*} is healthy; goes on, as --even-if-healthy says"
    else
        # Not to be able to ask is no answer.
        [[ $said == *'is unhealthy'* ]] || fail "$STEP" "etcd on ${peer%%=*} cannot be asked ($said); mend that first"
    fi
done

cd "$work"
export AZURE_SECONDS=600

# fetch NAME: leaves `db` there, or says why it cannot.
fetch() {
    rm -f complete sig db.enc data.key db
    blob_get "$SNAPSHOT_URL/$1.complete" complete || return 1
    blob_get "$SNAPSHOT_URL/$1.sig" sig || return 1
    openssl dgst -sha256 -prverify "$key" -sigopt rsa_padding_mode:pss -signature sig complete >/dev/null 2>&1 ||
        { echo "its manifest was not signed by $key" && return 1; }
    [[ $(text name <complete) == "$1" && $(text cluster <complete) == "$CLUSTER" ]] ||
        { echo "its manifest is another set's" && return 1; }
    blob_get "$SNAPSHOT_URL/$1.db.enc" db.enc || return 1
    [[ $(sha256 db.enc) == "$(text encryptedSha256 <complete)" ]] || { echo "its data is corrupt" && return 1; }
    text dataKey <complete | base64 -d | openssl pkeyutl -decrypt -inkey "$key" -out data.key \
        -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 || { echo "its key cannot be unwrapped" && return 1; }
    openssl enc -d -aes-256-ctr -pbkdf2 -iter 10000 -md sha256 -pass file:data.key -in db.enc -out db ||
        { echo "it does not decrypt" && return 1; }
    [[ $(sha256 db) == "$(text sha256 <complete)" ]] || { echo "it decrypts to something else" && return 1; }
    etcdutl snapshot status db >/dev/null || { echo "etcdutl refuses it" && return 1; }
}

log "2/6 looks for ${wanted:-the newest complete snapshot} and verifies it"
names=${wanted:-$(blob_list "$SNAPSHOT_URL" "" | sed -n 's/\.complete$//p' | LC_ALL=C sort -r)}
chosen=''
for name in $names; do
    # What a library would tell as a failure is here the reason to take the next one.
    # shellcheck disable=SC2317
    if why=$(tell() { printf '%s' "$*"; } && fetch "$name" 2>errors); then
        chosen=$name
        break
    fi
    log "$name is passed over: $why"
done
[[ -n $chosen ]] || fail "$STEP" "no snapshot in $SNAPSHOT_URL can be used${why:+ (the last: $why)}; name another by --snapshot, or an older key by --key"
log "uses $chosen, revision $(number revision <complete), $(number bytes <complete) bytes"

now=$(date -u +%Y%m%dT%H%M%SZ)
aside=before-restore-$now
log "3/6 stops this machine's control plane; its manifests go to $STATE/$aside"
mkdir -p "$STATE/$aside"
for manifest in "$KUBERNETES"/manifests/*.yaml "$STATE"/away-*.yaml; do
    [[ ! -e $manifest ]] || mv "$manifest" "$STATE/$aside/"
done
answers() { (exec 3<>"/dev/tcp/127.0.0.1/${ETCD_PORT:-2379}") 2>/dev/null; }
for ((i = 0; i < 60; i++)); do answers || break; sleep 2; done
! answers || fail "$STEP" "etcd still runs on this machine; stop it (crictl ps --name etcd), then run the same again"
systemctl stop kubelet

log "4/6 restores into $data; what was there goes to $data/$aside"
if [[ -e $data/member ]]; then mkdir "$data/$aside" && mv "$data/member" "$data/$aside/"; fi
# Clients have seen revisions that the snapshot lacks: a bump and a compaction make every watch start anew.
peer=https://$NODE_ADDRESS:${ETCD_PEER_PORT:-2380}
etcdutl snapshot restore db --data-dir "$data/restoring-$now" --name "$MACHINE" --initial-cluster "$MACHINE=$peer" \
    --initial-advertise-peer-urls "$peer" --initial-cluster-token "$CLUSTER-$now" --bump-revision 1000000000 --mark-compacted
mv "$data/restoring-$now/member" "$data/member"
rmdir "$data/restoring-$now"

log "5/6 marks this machine as the one that brings the cluster up"
# Under the lock, and the mark is replaced, never absent: nobody else can take the cluster for one that never was.
take_lease initialise || fail "$STEP" "another machine holds $STATE_URL/initialise; wait a minute and run the same again with --snapshot $chosen"
echo "restored $now from $chosen by $MACHINE" >restored
blob_put "$STATE_URL/initialised" restored
cp restored "$STATE/restored"
drop_lease

log "6/6 boots: this machine initialises on the restored data, the others join it as new members"
"$BUNDLE/boot.sh" 9>&-
log "restored from $chosen; $data/$aside is yours to delete once all is well"
