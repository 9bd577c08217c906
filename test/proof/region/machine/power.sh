#!/usr/bin/env bash
# power.sh FOLDER: what happens between power and process 1. Runs in namespaces of its own (network, mounts, processes, names); the machine's disks
# are below FOLDER: `system` (what differs from the root of the machine that runs the proof), `containerd`, and `etcd`, which outlives a replacement.
set -euo pipefail
folder=$1 name=${1##*/}
root=$folder/root

mkdir -p "$folder"/{root,work,system,containerd,etcd}
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/system,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
# The console of this machine is none of ours.
mount --bind /dev/null "$root/dev/console"
# What units said in an earlier life is none of this one's.
rm -rf "$root/var/log/units.before"
[ ! -d "$root/var/log/units" ] || mv "$root/var/log/units" "$root/var/log/units.before"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root"/run/lock "$root"/var/lib/{containerd,etcd}
mount --bind "$folder/containerd" "$root/var/lib/containerd"
mount --bind "$folder/etcd" "$root/var/lib/etcd"
mount -t tmpfs tmpfs "$root/root"

hostname "$name"
echo powered
# The network card comes from outside.
until ip route show default | grep -q .; do sleep 0.05; done

# Cilium's part: pods speak to others as their node, whose address alone the network lets through.
nft -f - <<'RULES'
table ip pods {
    chain leaving {
        type nat hook postrouting priority srcnat;
        ip saddr 10.244.0.0/16 oifname "eth0" masquerade
    }
}
RULES

cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
rmdir /old
mount --make-rshared /
exec env -i PATH=/usr/bin:/bin HOME=/root python3 /opt/region/bin/units.py >/var/log/init.log 2>&1
