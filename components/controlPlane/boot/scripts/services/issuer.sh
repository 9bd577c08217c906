#!/usr/bin/env bash
# Publishes the documents of workload identity's issuer, public by nature, where they differ from what is there.
set -Eeuo pipefail

service=issuer
here=$(dirname "$(readlink -f "$0")")
for part in ../lib/log ../lib/facts ../lib/azure; do . "$here/$part.sh"; done
trap 'fail $service "line $LINENO: $BASH_COMMAND; the next timer tries again, see journalctl -u mainstay-$service"' ERR

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
publish() {
    local url=$ISSUER_BLOB_URL/\$web/$2 file=${MAINSTAY_ROOT:-}/etc/mainstay/issuer/$1
    blob_get "$url" "$work/stored" 2>/dev/null && cmp -s "$file" "$work/stored" && return
    # Short, since a new key must be seen before the first token that it signed.
    BLOB_CONTENT_TYPE=application/json BLOB_CACHE_CONTROL='public, max-age=300' blob_put "$url" "$file" ||
        fail $service "$url cannot be written; the account needs its static website, the machine's identity Storage Blob Data Contributor"
    log "$service: $2 is published"
}
# Keys first: who reads the discovery document finds them.
publish jwks openid/v1/jwks
publish openid-configuration .well-known/openid-configuration
