# shellcheck shell=bash
# Azure by its REST interfaces, as the machine's own identity. Tokens and secrets never appear on a command line: curl reads them from a
# file descriptor, and what comes back goes to files in a folder of memory that only root can read.

readonly VAULT_API='api-version=7.4'
readonly STORAGE_API='2023-11-03'
readonly VAULT_RESOURCE='https://vault.azure.net'
readonly STORAGE_RESOURCE='https://storage.azure.com/'
# A role assignment takes minutes to act, so a refusal is asked again for ten minutes; everything else for about two.
readonly ATTEMPTS=12 ATTEMPTS_FORBIDDEN=60

# A folder for one request's files; they may hold secrets, so it is removed at the end.
private_folder() {
    local base="${MAINSTAY_ROOT:-}/run/mainstay"
    (umask 077 && mkdir -p "$base" && mktemp -d "$base/request.XXXXXX")
}

# json_field NAME: the field of the object on stdin. cloud-init is written in Python, so every machine has it; not every one has jq.
json_field() {
    python3 -c 'import json, sys; sys.stdout.write(str(json.load(sys.stdin)[sys.argv[1]]))' "$1"
}

# ask_token RESOURCE: one attempt.
ask_token() {
    curl --fail --silent --noproxy '*' --max-time 10 --header Metadata:true \
        "$IMDS_URL/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1" |
        sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p' | grep .
}

# azure_token RESOURCE: prints a token of the machine's identity.
azure_token() {
    local attempt
    for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
        if ask_token "$1"; then return; fi
        sleep 5
    done
    fail "$STEP" "no token for $1 from $IMDS_URL; the machine needs a user-assigned identity"
}

# azure_request METHOD URL RESOURCE FOLDER [curl's arguments]: prints the HTTP status. FOLDER gets body and headers.
azure_request() {
    local method=$1 url=$2 resource=$3 folder=$4 token status attempt=0
    shift 4
    token=$(azure_token "$resource") || exit $?
    while true; do
        attempt=$((attempt + 1))
        status=$(curl --silent --noproxy '*' --max-time "${AZURE_SECONDS:-60}" --request "$method" \
            --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") --header "x-ms-version: $STORAGE_API" \
            --header "x-ms-date: $(TZ=GMT LC_ALL=C date '+%a, %d %b %Y %H:%M:%S GMT')" \
            --output "$folder/body" --dump-header "$folder/headers" --write-out '%{http_code}' "$@" "$url") || status=000
        case $status in
            000 | 408 | 429 | 5??) [ "$attempt" -lt "$ATTEMPTS" ] || break ;;
            # Asked with a new token: the old one may be from before the grant.
            401 | 403)
                [ "$attempt" -lt "$ATTEMPTS_FORBIDDEN" ] || break
                [ "$attempt" -ne 1 ] || log "$method ${url%%\?*}: HTTP $status, asking again (a grant takes minutes to act)"
                token=$(azure_token "$resource") || exit $?
                ;;
            *) break ;;
        esac
        sleep $((attempt < 10 ? attempt : 10))
    done
    printf '%s' "$status"
}

# azure_fail WHAT STATUS FOLDER: why Azure refused, in its own code.
azure_fail() {
    local code mend='look at the service in the portal'
    code=$(tr -d '\r' <"$3/headers" 2>/dev/null | sed -n 's/^x-ms-error-code: //Ip' | head -n 1 || true)
    rm -rf "$3"
    case $2 in
        000) mend='no answer: check private endpoint, DNS zone and security rules' ;;
        401 | 403) mend="the machine's identity lacks a role there, or the network is closed to it" ;;
        404) mend='it is not there: run pulumi up' ;;
    esac
    fail "$STEP" "$1: HTTP $2 ${code}; $mend"
}

# secret_get VAULT_URL NAME: prints the secret's value.
secret_get() {
    local folder status
    folder=$(private_folder)
    status=$(azure_request GET "$1/secrets/$2?$VAULT_API" "$VAULT_RESOURCE" "$folder") || exit $?
    [ "$status" = 200 ] || azure_fail "secret $2 in $1" "$status" "$folder"
    json_field value <"$folder/body"
    rm -rf "$folder"
}

# secret_set VAULT_URL NAME FILE: the file's text becomes a new version of the secret.
secret_set() {
    local folder status
    folder=$(private_folder)
    python3 -c 'import json, sys; json.dump({"value": sys.stdin.read()}, sys.stdout)' <"$3" >"$folder/request"
    status=$(azure_request PUT "$1/secrets/$2?$VAULT_API" "$VAULT_RESOURCE" "$folder" \
        --header 'Content-Type: application/json' --data-binary "@$folder/request") || exit $?
    [ "$status" = 200 ] || azure_fail "writing secret $2 to $1" "$status" "$folder"
    rm -rf "$folder"
}

# blob_request METHOD URL OK… -- [curl's arguments]: prints the status when it is one of OK, else fails. The body goes to BLOB_BODY if set.
blob_request() {
    local method=$1 url=$2 allowed='' folder status
    shift 2
    while [ "$1" != -- ]; do
        allowed="$allowed $1 "
        shift
    done
    shift
    folder=$(private_folder)
    status=$(azure_request "$method" "$url" "$STORAGE_RESOURCE" "$folder" "$@") || exit $?
    [[ $allowed == *" $status "* ]] || azure_fail "$method ${url%%\?*}" "$status" "$folder"
    if [ -n "${BLOB_BODY:-}" ] && [ "$status" = 200 ]; then mv "$folder/body" "$BLOB_BODY"; fi
    rm -rf "$folder"
    printf '%s' "$status"
}

# blob_get URL FILE
blob_get() { BLOB_BODY=$2 blob_request GET "$1" 200 -- >/dev/null; }

# blob_put URL FILE [--if-none-match]: returns 3 when the blob exists and was not to be replaced. BLOB_CONTENT_TYPE and BLOB_CACHE_CONTROL,
# where set, are what readers are told.
blob_put() {
    local status options=(--header 'x-ms-blob-type: BlockBlob' --header "x-ms-blob-content-type: ${BLOB_CONTENT_TYPE:-application/octet-stream}")
    [ -z "${BLOB_CACHE_CONTROL:-}" ] || options+=(--header "x-ms-blob-cache-control: $BLOB_CACHE_CONTROL")
    # Read as it is sent: a snapshot may be larger than memory. What is no file has no length, which Azure wants.
    if [ -s "$2" ]; then options+=(--upload-file "$2"); else options+=(--data ''); fi
    [ "${3:-}" != --if-none-match ] || options+=(--header 'If-None-Match: *')
    status=$(blob_request PUT "$1" 201 409 412 -- "${options[@]}") || exit $?
    [ "$status" = 201 ] || {
        [ "${3:-}" = --if-none-match ] || fail "$STEP" "$1: HTTP $status; somebody holds a lease on it"
        return 3
    }
}

blob_delete() { blob_request DELETE "$1" 202 404 -- >/dev/null; }

# blob_exists URL: 0 yes, 1 no; anything else ends the script, so that silence is never taken for absence.
blob_exists() {
    local status
    status=$(blob_request GET "$1" 200 404 --) || exit $?
    [ "$status" = 200 ]
}

# blob_list CONTAINER_URL PREFIX: names, one a line, all pages.
blob_list() {
    local body marker=''
    body=$(private_folder)
    while true; do
        BLOB_BODY=$body/list blob_request GET "$1?restype=container&comp=list&prefix=$2&marker=$marker" 200 -- >/dev/null
        python3 -c 'import sys, xml.etree.ElementTree as tree
for name in tree.parse(sys.argv[1]).iter("Name"): print(name.text)' "$body/list"
        marker=$(python3 -c 'import sys, urllib.parse, xml.etree.ElementTree as tree
print(urllib.parse.quote(tree.parse(sys.argv[1]).findtext("NextMarker") or "", safe=""))' "$body/list")
        [ -n "$marker" ] || break
    done
    rm -rf "$body"
}

# lease_acquire URL SECONDS: prints the lease's ID; returns 3 when somebody else holds one. The ID is ours from the beginning, so that an
# answer that got lost does not lock us out.
lease_acquire() {
    local id status
    id=$(cat /proc/sys/kernel/random/uuid)
    status=$(blob_request PUT "$1?comp=lease" 201 409 -- --data '' --header 'x-ms-lease-action: acquire' \
        --header "x-ms-lease-duration: $2" --header "x-ms-proposed-lease-id: $id") || exit $?
    [ "$status" = 201 ] || return 3
    printf '%s' "$id"
}

# lease_renew URL ID: 0 when the lease is ours and runs anew from now, 3 when Azure says that it is not ours, 1 when nobody knows. One
# attempt that ends within 20 seconds: the caller counts.
lease_renew() {
    local status token
    token=$(ask_token "$STORAGE_RESOURCE") || return 1
    status=$(curl --silent --noproxy '*' --max-time 10 --request PUT --data '' \
        --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") --header "x-ms-version: $STORAGE_API" \
        --header 'x-ms-lease-action: renew' --header "x-ms-lease-id: $2" \
        --output /dev/null --write-out '%{http_code}' "$1?comp=lease") || return 1
    case $status in
        200) ;;
        404 | 409 | 412) return 3 ;;
        *) return 1 ;;
    esac
}

# lease_release URL ID: best effort; a lease that stays runs out by itself.
lease_release() {
    blob_request PUT "$1?comp=lease" 200 404 409 -- --data '' --header 'x-ms-lease-action: release' --header "x-ms-lease-id: $2" >/dev/null
}
