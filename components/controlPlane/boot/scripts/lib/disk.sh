# shellcheck shell=bash
# etcd's disk: found by its LUN, formatted once, mounted on /var/lib/etcd.

readonly ETCD_LABEL=mainstay-etcd
readonly ETCD_DATA="$ROOT/var/lib/etcd"

# The device, under whichever name this image and this machine size give it: SCSI by LUN, or NVMe, where the namespace is the LUN and two.
find_etcd_disk() {
    local lun=${ETCD_DISK##*lun} candidate
    lun=${lun##*/}
    for candidate in "$ROOT$ETCD_DISK" "$ROOT/dev/disk/azure/data/by-lun/$lun" "$ROOT/dev/disk/azure/scsi1/lun$lun"; do
        if [ -e "$candidate" ]; then
            readlink -f "$candidate"
            return
        fi
    done
    [[ $lun =~ ^[0-9]+$ ]] || return 0
    for candidate in "$ROOT"/dev/nvme*n"$((lun + 2))"; do
        if grep -qs 'MSFT NVMe Accelerator' "$ROOT/sys/block/${candidate##*/}/device/model"; then
            printf '%s' "$candidate"
            return
        fi
    done
}

wait_for_etcd_disk() {
    local attempt disk
    for ((attempt = 1; attempt <= 60; attempt++)); do
        disk=$(find_etcd_disk)
        if [ -n "$disk" ]; then
            printf '%s' "$disk"
            return
        fi
        sleep 5
    done
    fail 'etcd disk' "$ETCD_DISK does not appear; attach the disk to the machine at that LUN"
}

# disk_field FIELD DISK, read from the disk itself: the cache may know of another one.
disk_field() { blkid --probe --output value --match-tag "$1" "$2" || [ $? -eq 2 ]; }

# Only a disk without any signature is formatted: a foreign one may hold somebody's data.
format_etcd_disk() {
    local disk=$1 found code=0 label
    head -c 4096 "$disk" >/dev/null || fail 'etcd disk' "$disk cannot be read; detach and attach the disk"
    found=$(blkid --probe --output export "$disk") || code=$?
    if [ $code -eq 2 ] && [ -z "$found" ]; then
        log "formatting $disk"
        mkfs.ext4 -q -m 0 -L "$ETCD_LABEL" "$disk"
        return
    fi
    label=$(disk_field LABEL "$disk")
    [ "$label" = "$ETCD_LABEL" ] ||
        fail 'etcd disk' "$disk holds something else ($(grep -E '^(TYPE|LABEL|PTTYPE)=' <<<"$found" | tr '\n' ' ')), label $ETCD_LABEL is wanted; attach etcd's own disk, or wipe this one if nobody needs it"
}

mount_etcd_disk() {
    local disk=$1 uuid line table="$ROOT/etc/fstab"
    uuid=$(disk_field UUID "$disk")
    [ -n "$uuid" ] || fail 'etcd disk' "$disk has no UUID; look at it with blkid"
    line="UUID=$uuid /var/lib/etcd ext4 noatime,nofail,x-systemd.device-timeout=60,x-systemd.growfs 0 2"
    mkdir -p "$ETCD_DATA"
    if ! grep -qxF "$line" "$table" 2>/dev/null; then
        touch "$table"
        grep -v ' /var/lib/etcd ' "$table" >"$table.next" || true
        printf '%s\n' "$line" >>"$table.next"
        mv "$table.next" "$table"
    fi
    mountpoint -q "$ETCD_DATA" || mount "$ETCD_DATA"
    # kubeadm wants the folder empty; fsck makes this one again when it needs it.
    if [ ! -e "$ETCD_DATA/member" ]; then rmdir "$ETCD_DATA/lost+found" 2>/dev/null || true; fi
    chmod 700 "$ETCD_DATA"
}

prepare_etcd_disk() {
    local disk
    if [ -z "${ETCD_DISK:-}" ]; then
        log 'no disk of its own'
        mkdir -p "$ETCD_DATA"
        return
    fi
    disk=$(wait_for_etcd_disk)
    format_etcd_disk "$disk"
    mount_etcd_disk "$disk"
}
