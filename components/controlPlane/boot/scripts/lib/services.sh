# shellcheck shell=bash
# The bundle's own services and timers: installed and started whenever the bundle changed.

# A kubelet that found etcd's disk missing at start stays down; by now the disk is there.
start_kubelet() { systemctl is-active --quiet kubelet || systemctl start kubelet; }

install_services() {
    local stamp unit name
    step services
    stamp=$(cd "$BUNDLE" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
    [ "$(cat "$STATE/services" 2>/dev/null)" != "$stamp" ] || return 0
    for unit in "$BUNDLE"/units/*; do
        if [ -f "$unit" ]; then place "$unit" 644 "$ROOT/etc/systemd/system/${unit##*/}" || true; fi
    done
    systemctl daemon-reload
    for unit in "$BUNDLE"/units/*; do
        grep -qs '^\[Install\]' "$unit" || continue
        name=${unit##*/}
        systemctl enable "$name"
        systemctl restart "$name" || fail services "$name does not start; see journalctl -u $name"
    done
    printf '%s' "$stamp" >"$STATE/services"
}
