# shellcheck shell=bash
# The balancer's address on this machine. Azure's internal balancer gives a machine no answer that would come from itself, so what asks for
# the API here has to reach the API server here.

readonly API_INTERFACE=mainstay0

has_api_address() { ip -o address show dev "$API_INTERFACE" 2>/dev/null | grep -qF " $API_ADDRESS/32 "; }

add_api_address() {
    if has_api_address; then return; fi
    ip link show dev "$API_INTERFACE" >/dev/null 2>&1 || ip link add "$API_INTERFACE" type dummy
    ip link set "$API_INTERFACE" up
    ip address add "$API_ADDRESS/32" dev "$API_INTERFACE"
}

remove_api_address() {
    if has_api_address; then ip address del "$API_ADDRESS/32" dev "$API_INTERFACE"; fi
}
