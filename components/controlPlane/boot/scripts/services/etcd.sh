# shellcheck shell=bash
# etcdctl of this machine: its own member, by the client certificate that kubeadm makes for health checks. After service.sh.

# shellcheck disable=SC2154
pki=$root/etc/kubernetes/pki
export ETCDCTL_CACERT=$pki/etcd/ca.crt
export ETCDCTL_CERT=$pki/etcd/healthcheck-client.crt ETCDCTL_KEY=$pki/etcd/healthcheck-client.key
etcd_port=${ETCD_PORT:-2379}
export ETCDCTL_ENDPOINTS=https://127.0.0.1:$etcd_port

# number KEY < json: the first number of that name.
number() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }

# text KEY < json: the first string of that name.
text() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }

sha256() { sha256sum "$1" | cut -d' ' -f1; }
