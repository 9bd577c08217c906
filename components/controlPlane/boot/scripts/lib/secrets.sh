# shellcheck shell=bash
# Authorities and keys out of the vault, each into the file where kubeadm looks for it.

fetch_secrets() {
    local pair name path mode folder
    folder=$(private_folder)
    for pair in $SECRET_FILES; do
        name=${pair%%=*}
        path=$ROOT${pair#*=}
        mode=600
        case $path in *.crt | *.pub) mode=644 ;; esac
        (umask 077 && secret_get "$VAULT_URL" "$name" >"$folder/value")
        [ -s "$folder/value" ] || fail secrets "$name in $VAULT_URL is empty; run pulumi up"
        if place "$folder/value" "$mode" "$path"; then log "$name"; fi
    done
    rm -rf "$folder"
}

# The files that kubeadm's configuration refers to.
place_kubernetes_files() {
    local file
    for file in "$BUNDLE"/kubernetes/files/*; do
        [ -e "$file" ] || continue
        place "$file" 600 "$ROOT/etc/kubernetes/mainstay/${file##*/}" || true
    done
}
