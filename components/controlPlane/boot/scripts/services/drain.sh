#!/usr/bin/env bash
# Empties this node before Azure takes the machine away, and opens it again when that is over. All with kubelet's own rights:
# the API server lets a node change itself and evict what runs on it, and nothing else.   drain.sh [once]
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=service.sh
source "$(dirname "${BASH_SOURCE[0]}")/service.sh" drain kubeadm
export KUBECONFIG=$KUBERNETES/kubelet.conf
node=${MACHINE:-$(hostname)}
mark=mainstay.dev/drained-for
events="$IMDS_URL/metadata/scheduledevents?api-version=2020-07-01"
imds() { curl --silent --show-error --fail --noproxy '*' --retry 5 --max-time 130 -H Metadata:true "$@"; }
patch() { kubectl patch node "$node" --type merge -p "$1" >/dev/null; }

# Lines `id type status not-before` of what concerns this machine; a freeze of up to 30 s is no reason to move anything.
due() {
    imds "$events" | python3 -c '
import sys, json, email.utils
for event in json.load(sys.stdin)["Events"]:
    if sys.argv[1] not in event["Resources"]: continue
    if event["EventType"] == "Freeze" and int(event.get("DurationInSeconds", -1)) <= 30: continue
    start = event.get("NotBefore")
    print(event["EventId"], event["EventType"], event["EventStatus"], int(email.utils.parsedate_to_datetime(start).timestamp()) if start else 0)' "$machine"
}

# Lines `namespace name`: neither finished, nor of a DaemonSet, nor of this machine itself.
pods() {
    # shellcheck disable=SC2016
    kubectl get pods -A --field-selector "spec.nodeName=$node,status.phase!=Succeeded,status.phase!=Failed" -o go-template='
{{- range .items}}{{$stays := false}}{{range .metadata.ownerReferences}}{{if or (eq .kind "DaemonSet") (eq .kind "Node")}}{{$stays = true}}{{end}}{{end}}
{{- with .metadata.annotations}}{{if index . "kubernetes.io/config.mirror"}}{{$stays = true}}{{end}}{{end}}
{{- if not $stays}}{{.metadata.namespace}} {{.metadata.name}} {{if .metadata.deletionTimestamp}}goes{{else}}runs{{end}}{{"\n"}}{{end}}{{end}}'
}

evict() {
    printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"}}' "$2" "$1" |
        kubectl create --raw "/api/v1/namespaces/$1/pods/$2/eviction" -f - >/dev/null 2>&1
}

empty() {
    local deadline=$1 namespace name state list
    while true; do
        list=$(pods)
        [[ -n $list ]] || return 0
        while read -r namespace name state; do
            [[ $state == goes ]] || evict "$namespace" "$name" || true
        done <<<"$list"
        (($(date +%s) < deadline)) || break
        sleep "${DRAIN_PAUSE:-3}"
    done
    # The machine goes anyway: better told to end than cut off, budget or not.
    pods | while read -r namespace name state; do
        [[ $state == goes ]] && continue
        log "$namespace/$name is ended against its budget, there is no time left"
        kubectl delete pod "$name" -n "$namespace" --wait=false >/dev/null </dev/null || true
    done
}

handle() {
    local id=$1 type=$2 status=$3 start=$4 now left
    now=$(date +%s)
    left=$((start > now ? start - now : 0))
    # A fifth of the time, a minute at most, is left for pods that end late.
    left=$((left - (left / 5 < 60 ? left / 5 : 60)))
    log "$type $id, $left seconds to empty $node"
    # Whoever closed the node before us, it is theirs to open.
    if [[ $(kubectl get node "$node" -o 'go-template={{.spec.unschedulable}}') != true ]]; then
        patch "{\"metadata\":{\"annotations\":{\"$mark\":\"$id\"}},\"spec\":{\"unschedulable\":true}}"
    fi
    empty $((now + left))
    [[ $status == Scheduled ]] || return 0
    log "$node is empty as far as it goes, $id may start"
    imds -o /dev/null -d "{\"StartRequests\":[{\"EventId\":\"$id\"}]}" "$events"
}

reopen() {
    local held
    held=$(kubectl get node "$node" -o "go-template={{with .metadata.annotations}}{{or (index . \"$mark\") \"\"}}{{end}}")
    [[ -n $held ]] || return 0
    patch "{\"metadata\":{\"annotations\":{\"$mark\":null}},\"spec\":{\"unschedulable\":null}}"
    log "$held is over, $node is open again"
}

# handled: the events that were answered; open: whether the node is known to be open, so that a quiet poll asks only Azure.
handled=' ' open=''
turn() {
    local list id type status start
    list=$(due)
    if [[ -z $list ]]; then
        [[ -n $open ]] || reopen
        open=1 handled=' '
        return
    fi
    open=''
    while read -r id type status start; do
        [[ $handled != *" $id "* ]] || continue
        handle "$id" "$type" "$status" "$start" </dev/null
        handled+="$id "
    done <<<"$list"
}

machine=$(imds "$IMDS_URL/metadata/instance/compute/name?api-version=2021-02-01&format=text")
while true; do
    turn
    [[ ${1-} != once ]] || break
    sleep 5
done
