# shellcheck shell=bash
# etcdctl of this machine: its own member, by the client certificate that kubeadm makes for health checks.

pki=${MAINSTAY_ROOT:-}/etc/kubernetes/pki
export ETCDCTL_CACERT=$pki/etcd/ca.crt
export ETCDCTL_CERT=$pki/etcd/healthcheck-client.crt ETCDCTL_KEY=$pki/etcd/healthcheck-client.key
etcd_port=${ETCD_PORT:-2379}
export ETCDCTL_ENDPOINTS=https://127.0.0.1:$etcd_port

# number KEY < json: the first number of that name.
number() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }

# text KEY < json: the first string of that name.
text() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }

sha256() { sha256sum "$1" | cut -d' ' -f1; }

# metrics NAME < lines: published at once, for node-exporter's textfile collector.
metrics() {
    local folder=${MAINSTAY_ROOT:-}/var/lib/node_exporter/textfile
    mkdir -p "$folder"
    cat >"$folder/.$1"
    chmod 644 "$folder/.$1"
    mv "$folder/.$1" "$folder/$1.prom"
}
