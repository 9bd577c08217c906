/** Programs of others that a rehearsal runs, and those that a node needs besides: only proofs boot nodes. */
export type ToolName =
    | "pulumi"
    | "kube-apiserver"
    | "kube-controller-manager"
    | "kube-scheduler"
    | "kubectl"
    | "kubeadm"
    | "etcd"
    | "etcdctl"
    | "etcdutl"
    | "kwok"
    | "kubelet"
    | "containerd"
    | "containerd-shim-runc-v2";

/** A platform in Go's words: `linux/amd64`, `darwin/arm64`. */
export interface Platform {
    os: string;
    arch: string;
}

/** What is fetched for one tool from its publisher, and how it is known to be what the publisher released. */
export interface Download {
    url: string;
    /**
     * Where the publisher gives the SHA-256: a bare one, lines of `<sha256>  <file name>`, or GitHub's description of a
     * release, which has a digest for each asset.
     */
    checksums: string;
    /** Paths of what is kept, inside the archive; absent when the download is the program itself. */
    members?: string[];
}

export interface ToolPin {
    /** The version that is downloaded or built, and that the project is tested with. */
    version: string;
    /** The oldest one on PATH that will do. */
    minimum: string;
    /** How far one on PATH may be ahead: of the same `major`, or of the same `minor`. */
    same: "major" | "minor";
    /** How the program is asked for its version; the first `N.N.N` in its answer is taken. */
    versionArguments: string[];
    /** `undefined` where the publisher has none for the platform: then it is built. */
    download(platform: Platform): Download | undefined;
    /** Which build makes it. */
    build: BuildName;
}

export type BuildName = "pulumi" | "kubernetes" | "etcd" | "kwok" | "containerd";

/** How a group of programs is built from its Go module, by one `go build` so that they share what is compiled. */
export interface Build {
    module: string;
    version: string;
    /** Go release that the module's own go.mod asks for. */
    go: string;
    packages: Partial<Record<ToolName, string>>;
    /** Modules of the same release, and so of the same version, that packages come from too. */
    beside?: string[];
    /** Replacements that the module's own go.mod makes; Go ignores those of a dependency. */
    replace?: Record<string, string>;
    /** Where the module's go.mod replaces its dependencies by folders of its own, the version they are published under. */
    stagingVersion?: string;
    linkerFlags: string;
    /** What a build took on 2 cores with an empty build cache; shown while somebody waits. */
    usualMinutes: number;
}

const kubernetesVersion = "1.35.4";
const pulumiVersion = "3.246.0";
/** Of the minor that kubeadm of {@link kubernetesVersion} runs: what is rehearsed and proved is what production runs. */
const etcdVersion = "3.6.6";
const kwokVersion = "0.8.0";
const containerdVersion = "2.3.4";

function pulumi(): ToolPin {
    const releases = "https://github.com/pulumi/pulumi/releases/download";
    return {
        version: pulumiVersion,
        minimum: pulumiVersion,
        same: "major",
        versionArguments: ["version"],
        build: "pulumi",
        download: ({ os, arch }) => ({
            url: `${releases}/v${pulumiVersion}/pulumi-v${pulumiVersion}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
            checksums: `${releases}/v${pulumiVersion}/pulumi-${pulumiVersion}-checksums.txt`,
            members: ["pulumi/pulumi", "pulumi/pulumi-language-nodejs"],
        }),
    };
}

function kubernetes(name: ToolName, versionArguments = ["--version"]): ToolPin {
    return {
        version: kubernetesVersion,
        minimum: "1.35.0",
        same: "minor",
        versionArguments,
        build: "kubernetes",
        download({ os, arch }) {
            // Servers are released for Linux only.
            if (os !== "linux" && name !== "kubectl") return undefined;
            const url = `https://dl.k8s.io/release/v${kubernetesVersion}/bin/${os}/${arch}/${name}`;
            return { url, checksums: `${url}.sha256` };
        },
    };
}

function etcd(name: ToolName, versionArguments: string[]): ToolPin {
    const release = `https://github.com/etcd-io/etcd/releases/download/v${etcdVersion}`;
    return {
        version: etcdVersion,
        minimum: "3.6.0",
        same: "minor",
        versionArguments,
        build: "etcd",
        download({ os, arch }) {
            const folder = `etcd-v${etcdVersion}-${os}-${arch}`;
            return {
                url: `${release}/${folder}.${os === "linux" ? "tar.gz" : "zip"}`,
                checksums: `${release}/SHA256SUMS`,
                members: [`${folder}/${name}`],
            };
        },
    };
}

function kwok(): ToolPin {
    const repository = "kubernetes-sigs/kwok";
    return {
        version: kwokVersion,
        minimum: "0.7.0",
        same: "major",
        versionArguments: ["--version"],
        build: "kwok",
        download: ({ os, arch }) => ({
            url: `https://github.com/${repository}/releases/download/v${kwokVersion}/kwok-${os}-${arch}`,
            // kwok publishes no checksum file; GitHub hashes each asset itself.
            checksums: `https://api.github.com/repos/${repository}/releases/tags/v${kwokVersion}`,
        }),
    };
}

function containerd(name: ToolName, versionArguments: string[]): ToolPin {
    const release = `https://github.com/containerd/containerd/releases/download/v${containerdVersion}`;
    return {
        version: containerdVersion,
        minimum: "2.3.0",
        same: "minor",
        versionArguments,
        build: "containerd",
        download({ os, arch }) {
            if (os !== "linux") return undefined;
            const url = `${release}/containerd-static-${containerdVersion}-linux-${arch}.tar.gz`;
            return { url, checksums: `${url}.sha256sum`, members: [`bin/${name}`] };
        },
    };
}

/**
 * Every tool's pin. Checksums are the publishers' own, fetched over HTTPS beside the download; none is pinned here,
 * so that changing a version is changing one line. Builds are verified by Go against its checksum database.
 */
export const pins: Record<ToolName, ToolPin> = {
    pulumi: pulumi(),
    "kube-apiserver": kubernetes("kube-apiserver"),
    "kube-controller-manager": kubernetes("kube-controller-manager"),
    "kube-scheduler": kubernetes("kube-scheduler"),
    kubectl: kubernetes("kubectl", ["version", "--client"]),
    kubeadm: kubernetes("kubeadm", ["version", "--output=short"]),
    etcd: etcd("etcd", ["--version"]),
    etcdctl: etcd("etcdctl", ["version"]),
    etcdutl: etcd("etcdutl", ["version"]),
    kwok: kwok(),
    kubelet: kubernetes("kubelet"),
    containerd: containerd("containerd", ["--version"]),
    "containerd-shim-runc-v2": containerd("containerd-shim-runc-v2", ["-v"]),
};

/** What a node runs and a rehearsal does not: proofs alone have them made. */
export const nodeToolNames = ["kubelet", "containerd", "containerd-shim-runc-v2"] as const satisfies ToolName[];

/** What a rehearsal runs. */
export const toolNames = (Object.keys(pins) as ToolName[]).filter(
    (name) => !nodeToolNames.some((other) => other === name),
);

const kubernetesLibraries = `0.${kubernetesVersion.split(".").slice(1).join(".")}`;
const kubernetesVersionVariable = "k8s.io/component-base/version";

export const builds: Record<BuildName, Build> = {
    pulumi: {
        module: "github.com/pulumi/pulumi/pkg/v3",
        version: pulumiVersion,
        go: "1.25.8",
        packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
        replace: {
            "github.com/atotto/clipboard": "github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e",
        },
        linkerFlags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
        usualMinutes: 5,
    },
    kubernetes: {
        module: "k8s.io/kubernetes",
        version: kubernetesVersion,
        go: "1.25.0",
        packages: {
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            kubectl: "k8s.io/kubernetes/cmd/kubectl",
            kubeadm: "k8s.io/kubernetes/cmd/kubeadm",
            kubelet: "k8s.io/kubernetes/cmd/kubelet",
        },
        stagingVersion: kubernetesLibraries,
        linkerFlags: [
            `-X ${kubernetesVersionVariable}.gitVersion=v${kubernetesVersion}`,
            `-X ${kubernetesVersionVariable}.gitMajor=${kubernetesVersion.split(".")[0]}`,
            `-X ${kubernetesVersionVariable}.gitMinor=${kubernetesVersion.split(".")[1]}`,
        ].join(" "),
        usualMinutes: 8,
    },
    etcd: {
        module: "go.etcd.io/etcd/server/v3",
        version: etcdVersion,
        go: "1.24.0",
        beside: ["go.etcd.io/etcd/etcdctl/v3", "go.etcd.io/etcd/etcdutl/v3"],
        packages: {
            etcd: "go.etcd.io/etcd/server/v3",
            etcdctl: "go.etcd.io/etcd/etcdctl/v3",
            etcdutl: "go.etcd.io/etcd/etcdutl/v3",
        },
        // Its servers' own version is a constant; what etcdctl and etcdutl print is that too.
        linkerFlags: "",
        usualMinutes: 0.5,
    },
    kwok: {
        module: "sigs.k8s.io/kwok",
        version: kwokVersion,
        go: "1.26.0",
        packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok" },
        linkerFlags: "",
        usualMinutes: 1.5,
    },
    containerd: {
        module: "github.com/containerd/containerd/v2",
        version: containerdVersion,
        go: "1.26.3",
        packages: {
            containerd: "github.com/containerd/containerd/v2/cmd/containerd",
            "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
        },
        linkerFlags: `-X github.com/containerd/containerd/v2/version.Version=${containerdVersion}`,
        usualMinutes: 3,
    },
};
