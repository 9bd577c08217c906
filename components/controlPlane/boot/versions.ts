/**
 * What machines install, pinned: release, official address, SHA-256.
 *
 * The checksums are those that kubespray publishes (`roles/kubespray_defaults/vars/main/checksums.yml`, August 2026), which takes them from the
 * projects' own releases: `dl.k8s.io/release/…/*.sha256` and the `sha256sum` files beside the archives on GitHub.
 */
export interface Download {
    name: string;
    version: string;
    /** `{architecture}` in it stands for `amd64` or `arm64`. */
    url: string;
    sha256: { amd64: string; arm64: string };
}

/** A Kubernetes minor version, and what a machine of it is made of. */
export interface Release {
    /** The patch release, such as `v1.35.8`. */
    kubernetes: string;
    downloads: Download[];
}

export type KubernetesMinor = "1.34" | "1.35";

/**
 * The same for both minors: containerd 2.3 is the long-term line and serves both; etcd's tools are of the release whose image kubeadm
 * 1.35 runs for 1.34 and 1.35 (`SupportedEtcdVersion` in kubeadm's constants).
 */
const shared: Download[] = [
    {
        name: "containerd",
        version: "v2.3.4",
        url: "https://github.com/containerd/containerd/releases/download/v2.3.4/containerd-2.3.4-linux-{architecture}.tar.gz",
        sha256: {
            amd64: "9d68969855fbf676cdb8ed758e420fb048d61f984f61de3e53eddfebe484d168",
            arm64: "a985fbb7e18fc0362d31a055338f5d7b0e087a3e27f14c70d1c5965399a29f95",
        },
    },
    {
        name: "runc",
        version: "v1.4.3",
        url: "https://github.com/opencontainers/runc/releases/download/v1.4.3/runc.{architecture}",
        sha256: {
            amd64: "f6ae8efc0fa40079e1475e97cbe9d1bd3f106a28d6af78a11d9f1bd565515e60",
            arm64: "633301e2e32f8a5ad54031aab4901eb00308bec677dd15faa2751e8f9dab5ca4",
        },
    },
    {
        name: "cni-plugins",
        version: "v1.9.1",
        url: "https://github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-{architecture}-v1.9.1.tgz",
        sha256: {
            amd64: "b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303",
            arm64: "56171987d3947707c3563db2f4001bccaf50fd63468611b9f3cbecb1375ee7ec",
        },
    },
    {
        name: "etcd",
        version: "v3.6.6",
        url: "https://github.com/etcd-io/etcd/releases/download/v3.6.6/etcd-v3.6.6-linux-{architecture}.tar.gz",
        sha256: {
            amd64: "887afaa4a99f22d802ccdfbe65730a5e79aa5c9ce2c8799c67e9d804c50ecedb",
            arm64: "8a15f5427c111ff4692753682374970fb68878401d946c2c28bdad6857db652f",
        },
    },
];

/** The newest patch release of every minor that machines can run. */
export const releases: Record<KubernetesMinor, Release> = {
    "1.34": {
        kubernetes: "v1.34.11",
        downloads: [
            ...shared,
            {
                name: "crictl",
                version: "v1.34.0",
                url: "https://github.com/kubernetes-sigs/cri-tools/releases/download/v1.34.0/crictl-v1.34.0-linux-{architecture}.tar.gz",
                sha256: {
                    amd64: "a8ff2a3edb37a98daf3aba7c3b284fe0aa5bff24166d896ab9ef64c8913c9f51",
                    arm64: "c31d252e203df5f4cf37f314bd3092eb79087e791631c1e607087c74b6d0423f",
                },
            },
            {
                name: "kubelet",
                version: "v1.34.11",
                url: "https://dl.k8s.io/release/v1.34.11/bin/linux/{architecture}/kubelet",
                sha256: {
                    amd64: "4777a226b2ba3c1d656254bcf3f7ad471bf210042f361094216e51ab4fa9b4b6",
                    arm64: "f12879879481e9af46317c2c82a6dba7d59df78ed095e44e0399643df1c4c8ba",
                },
            },
            {
                name: "kubeadm",
                version: "v1.34.11",
                url: "https://dl.k8s.io/release/v1.34.11/bin/linux/{architecture}/kubeadm",
                sha256: {
                    amd64: "bd3cbe40aff6c7b3b939243ebd80dbd7da207c0e594cfdd434295bf553ea7351",
                    arm64: "1365b20b698151f432eb8f5a8ca53f0200e85af32392d31f40ffa901a73b694c",
                },
            },
            {
                name: "kubectl",
                version: "v1.34.11",
                url: "https://dl.k8s.io/release/v1.34.11/bin/linux/{architecture}/kubectl",
                sha256: {
                    amd64: "8efbb9435132a190920eb65a47a8c1ecf755ad85ab57a600c9bedbab460bb7a8",
                    arm64: "5b045a4712674c88a56fd98eef4285689738b7fbe8735e1b9ee3509521af5cb4",
                },
            },
        ],
    },
    "1.35": {
        kubernetes: "v1.35.8",
        downloads: [
            ...shared,
            {
                name: "crictl",
                version: "v1.35.0",
                url: "https://github.com/kubernetes-sigs/cri-tools/releases/download/v1.35.0/crictl-v1.35.0-linux-{architecture}.tar.gz",
                sha256: {
                    amd64: "2e141e5b22cb189c40365a11807d69b76b9b3caced89fac2f4ec879408ce2177",
                    arm64: "519071de89b64c43e2a1661bb5489c6c3fd5e9e5fcef75e50e542b0c891f1118",
                },
            },
            {
                name: "kubelet",
                version: "v1.35.8",
                url: "https://dl.k8s.io/release/v1.35.8/bin/linux/{architecture}/kubelet",
                sha256: {
                    amd64: "6971b9f95e54dbed67a2271abe6e78f8cc2894494649f3cf39e4b25a82dca923",
                    arm64: "7744f84c49df6dff7d0a0471f9acef31568c02459659de83aa279cf3a04b1714",
                },
            },
            {
                name: "kubeadm",
                version: "v1.35.8",
                url: "https://dl.k8s.io/release/v1.35.8/bin/linux/{architecture}/kubeadm",
                sha256: {
                    amd64: "1bbc64a2be5b300880ae9330c6bba592ec2a2b8ecb79c527b0c7cc0f44070e5e",
                    arm64: "8956730f3ae46ebdb95e95845542f71d844f74affd69c14634a58d1fe3510d86",
                },
            },
            {
                name: "kubectl",
                version: "v1.35.8",
                url: "https://dl.k8s.io/release/v1.35.8/bin/linux/{architecture}/kubectl",
                sha256: {
                    amd64: "874d5e72dbb819f43cff16bcd1e4f8bac5b7f2361fe1e55049b0a6c676fb0cbf",
                    arm64: "cc749967b62f4422260bc9c0aa7a7c55f45175ae38cb8d95767b5d2b7e04c1fd",
                },
            },
        ],
    },
};
