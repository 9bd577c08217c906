#!/usr/bin/env bash
# shellcheck disable=SC2034 # the libraries read what is set here
# Keeps the balancer's address here for as long as the API server here is ready; while it is not, the balancer is asked for another one.
set -euo pipefail
ROOT=${MAINSTAY_ROOT:-}
BUNDLE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$ROOT/var/lib/mainstay
for lib in log facts kubeadm api-address; do
    # shellcheck source=/dev/null
    source "$BUNDLE/lib/$lib.sh"
done
STEP='api address'
load_facts "$BUNDLE/facts.env"

# Three in a row, so that one slow answer moves nobody's connections.
silent=0
while true; do
    if api_ready "$NODE_ADDRESS"; then
        silent=0
        add_api_address
    else
        silent=$((silent + 1))
        if [ $silent -eq 3 ]; then
            log 'the API server here is not ready: the balancer is asked'
            remove_api_address
        fi
    fi
    # Tests look at one round.
    [ "${MAINSTAY_ROUNDS:-0}" != "$((rounds = ${rounds:-0} + 1))" ] || break
    sleep 2
done
