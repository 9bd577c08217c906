# shellcheck shell=bash
# The machine's facts, checked before anything is done with them.

readonly MACHINE_FACTS='CLUSTER KUBERNETES_VERSION API_NAME API_PORT IMDS_URL JOIN_VAULT_URL JOIN_SECRET'
readonly CONTROL_PLANE_FACTS='MACHINE NODE_ADDRESS API_ADDRESS PEERS VAULT_URL SECRET_FILES STATE_URL'

# load_facts FILE
load_facts() {
    local wanted=$MACHINE_FACTS name missing=''
    [ -r "$1" ] || fail facts "$1 is missing; user data must hold facts.env"
    # shellcheck disable=SC1090
    source "$1"
    [ "${MAINSTAY_FACTS:-}" = 1 ] || fail facts "MAINSTAY_FACTS is '${MAINSTAY_FACTS:-}', these scripts read 1; scripts and facts must come from one bundle"
    case ${ROLE:-} in
        control-plane) wanted="$wanted $CONTROL_PLANE_FACTS" ;;
        worker) ;;
        *) fail facts "ROLE is '${ROLE:-}'; it must be control-plane or worker" ;;
    esac
    for name in $wanted; do
        [ -n "${!name:-}" ] || missing="$missing $name"
    done
    [ -z "$missing" ] || fail facts "missing:$missing; give them in facts.env"
}

# Addresses of the other control-plane machines, one a line.
other_addresses() {
    local peer
    for peer in $PEERS; do
        [ "${peer%%=*}" = "$MACHINE" ] || printf '%s\n' "${peer#*=}"
    done
}
