#!/usr/bin/env bash
# Publishes the documents of workload identity's issuer, public by nature, where they differ from what is there.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=service.sh
source "$(dirname "${BASH_SOURCE[0]}")/service.sh" issuer

publish() {
    local url=$ISSUER_BLOB_URL/\$web/$2
    local file=$BUNDLE/issuer/$1
    if blob_exists "$url"; then
        blob_get "$url" "$work/stored"
        ! cmp -s "$file" "$work/stored" || return 0
    fi
    # Short, since a new key must be seen before the first token that it signed.
    BLOB_CONTENT_TYPE=application/json BLOB_CACHE_CONTROL='public, max-age=300' blob_put "$url" "$file"
    log "$2 is published"
}
# Keys first: who reads the discovery document finds them.
publish jwks openid/v1/jwks
publish openid-configuration .well-known/openid-configuration
