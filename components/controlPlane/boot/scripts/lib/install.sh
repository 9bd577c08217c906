# shellcheck shell=bash
# Pinned programs, each in a folder of its release, linked into /usr/local/bin; then what the kernel and systemd must know.

readonly STORE="$ROOT/opt/mainstay" PROGRAMS="$ROOT/usr/local/bin"

architecture() {
    case $(uname -m) in
        x86_64) echo amd64 ;;
        aarch64) echo arm64 ;;
        *) fail install "processor $(uname -m); amd64 and arm64 are supported: choose another machine size" ;;
    esac
}

# place FILE MODE PATH: copies when the content differs. Returns 0 when something was written, 1 when it was there already.
place() {
    [ ! -f "$3" ] || ! cmp -s "$1" "$3" || return 1
    mkdir -p "${3%/*}"
    { install -m "$2" "$1" "$3.next" && mv -f "$3.next" "$3"; } || fail "$STEP" "$3 cannot be written; is the disk full?"
}

# release_folder NAME: the folder of the release that downloads.txt names.
release_folder() {
    local version
    version=$(awk -v name="$1" '$1 == name { print $2; exit }' "$BUNDLE/downloads.txt")
    printf '%s' "$STORE/$1/$version"
}

# fetch_release NAME VERSION SHA256 URL: leaves the release whole in its folder, or nothing.
fetch_release() {
    local name=$1 folder="$STORE/$1/$2" sum
    [ "$(cat "$folder/.sha256" 2>/dev/null)" != "$3" ] || return 0
    log "$name $2"
    rm -rf "$folder" "$folder.next"
    mkdir -p "$folder.next"
    curl --fail --silent --show-error --location --retry 8 --retry-all-errors --retry-max-time 300 --connect-timeout 20 \
        --output "$folder.next/.download" "$4" ||
        fail install "$name $2 cannot be had from $4; the machine needs a way out to that host"
    sum=$(sha256sum <"$folder.next/.download")
    [ "${sum%% *}" = "$3" ] ||
        fail install "$name $2 from $4 has SHA-256 ${sum%% *}, pinned is $3; do not use it: compare with the release's own checksum"
    unpack "$name" "$folder.next"
    printf '%s' "$3" >"$folder.next/.sha256"
    mv "$folder.next" "$folder"
}

# unpack NAME FOLDER
unpack() {
    local file=$2/.download
    case $1 in
        containerd) tar -xzf "$file" -C "$2" --no-same-owner --strip-components=1 ;;
        etcd) tar -xzf "$file" -C "$2" --no-same-owner --strip-components=1 --wildcards '*/etcdctl' '*/etcdutl' ;;
        cni-plugins | crictl) tar -xzf "$file" -C "$2" --no-same-owner ;;
        *) install -m 755 "$file" "$2/$1" ;;
    esac
    rm -f "$file"
}

# link_programs NAME FOLDER: every program of the release, in the place where people and units look for it.
link_programs() {
    local program target=$PROGRAMS
    [ "$1" != cni-plugins ] || target=$ROOT/opt/cni/bin
    [ "$1" != credential-provider ] || target=$ROOT/opt/mainstay/credential-providers
    mkdir -p "$target"
    for program in "$2"/*; do
        [ -x "$program" ] || continue
        [ "$(readlink "$target/${program##*/}")" = "$program" ] && continue
        ln -sfn "$program" "$target/${program##*/}"
        CHANGED_PROGRAMS="$CHANGED_PROGRAMS $1"
    done
}

# All releases of this processor. The kubelet of a running member is linked by the upgrade, not here: it must not be newer than its API server.
install_programs() {
    local here name version architecture sum url
    here=$(architecture)
    CHANGED_PROGRAMS=''
    while read -r name version architecture sum url; do
        [ "$architecture" = "$here" ] || continue
        fetch_release "$name" "$version" "$sum" "$url"
        if [ "$name" = kubelet ] && is_member; then continue; fi
        link_programs "$name" "$STORE/$name/$version"
    done <"$BUNDLE/downloads.txt"
}

use_new_kubelet() { link_programs kubelet "$(release_folder kubelet)"; }

prepare_kernel() {
    local changed=1
    if place "$BUNDLE/system/modules.conf" 644 "$ROOT/etc/modules-load.d/mainstay.conf"; then
        while read -r module; do modprobe "$module"; done <"$BUNDLE/system/modules.conf"
    fi
    if place "$BUNDLE/system/sysctl.conf" 644 "$ROOT/etc/sysctl.d/90-mainstay.conf"; then changed=0; fi
    [ $changed -ne 0 ] || sysctl --quiet --load "$ROOT/etc/sysctl.d/90-mainstay.conf"
    # Swap that Azure's agent or the image made: the kubelet refuses to start with it.
    if grep -q '^/' "$ROOT/proc/swaps" 2>/dev/null; then
        swapoff --all
        sed -i 's/^\([^#].*[[:space:]]swap[[:space:]]\)/#\1/' "$ROOT/etc/fstab"
    fi
}

# containerd runs before anything asks kubeadm to start pods; the kubelet is enabled, kubeadm starts it.
prepare_services() {
    local units="$ROOT/etc/systemd/system" containerd=1 kubelet=1
    if place "$BUNDLE/system/containerd.service" 644 "$units/containerd.service"; then containerd=0; fi
    if place "$BUNDLE/system/containerd.toml" 644 "$ROOT/etc/containerd/config.toml"; then containerd=0; fi
    if [[ $CHANGED_PROGRAMS == *containerd* ]]; then containerd=0; fi
    mkdir -p "$ROOT/etc/containerd/certs.d"
    if place "$BUNDLE/system/kubelet.service" 644 "$units/kubelet.service"; then kubelet=0; fi
    if place "$BUNDLE/system/kubelet-kubeadm.conf" 644 "$units/kubelet.service.d/10-kubeadm.conf"; then kubelet=0; fi
    if [ -n "${ETCD_DISK:-}" ]; then
        if place "$BUNDLE/system/kubelet-etcd-disk.conf" 644 "$units/kubelet.service.d/20-etcd-disk.conf"; then kubelet=0; fi
    fi
    if [ -f "$BUNDLE/credential-provider.yaml" ]; then
        if place "$BUNDLE/credential-provider.yaml" 644 "$ROOT/etc/kubernetes/mainstay/credential-provider.yaml"; then kubelet=0; fi
    fi
    if [ $containerd -eq 0 ] || [ $kubelet -eq 0 ]; then systemctl daemon-reload; fi
    if [ $containerd -eq 0 ]; then
        systemctl enable containerd
        systemctl restart containerd
    fi
    if [ $kubelet -eq 0 ]; then
        systemctl enable kubelet
        if is_member; then systemctl restart kubelet; fi
    fi
}
