/**
 * The command lines of a control plane, as pure functions of the material they name: whoever made the certificates and
 * flags, the rehearsal or the program itself, starts the same binaries through here.
 */

/** Flags without dashes; `true` and `false` are written out, lists joined by commas. */
export type Flags = Record<string, string | number | boolean | string[]>;

/** `{"secure-port": 6443}` → `["--secure-port=6443"]`, in the order given. */
export function commandLine(flags: Flags): string[] {
    return Object.entries(flags).map(
        ([name, value]) => `--${name}=${Array.isArray(value) ? value.join(",") : String(value)}`,
    );
}

/** Paths of PEM files. */
export interface CertificateFiles {
    certificate: string;
    key: string;
}

export interface EtcdFacts {
    name: string;
    dataFolder: string;
    clientPort: number;
    peerPort: number;
    authority: string;
    serving: CertificateFiles;
}

export function etcdFlags(facts: EtcdFacts): Flags {
    const client = `https://127.0.0.1:${facts.clientPort}`;
    const peer = `http://127.0.0.1:${facts.peerPort}`;
    return {
        name: facts.name,
        "data-dir": facts.dataFolder,
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": `${facts.name}=${peer}`,
        "client-cert-auth": true,
        "trusted-ca-file": facts.authority,
        "cert-file": facts.serving.certificate,
        "key-file": facts.serving.key,
        // A rehearsal survives a killed process, which the page cache does too; it need not survive a power cut.
        "unsafe-no-fsync": true,
        "log-level": "warn",
    };
}

export interface ApiServerFacts {
    port: number;
    etcdEndpoints: string[];
    etcdClient: CertificateFiles;
    /** Authority of etcd, of clients and of this server. */
    authority: string;
    serving: CertificateFiles;
    serviceAccounts: { issuer: string; publicKey: string; privateKey: string };
    /** Of kind AuthenticationConfiguration; it also says what may be asked anonymously. */
    authenticationConfiguration: string;
    serviceAddressRange: string;
    /** Flags that the caller's own configuration makes; they win. */
    extra?: Flags;
}

export function apiServerFlags(facts: ApiServerFacts): Flags {
    return {
        "bind-address": "127.0.0.1",
        "advertise-address": "127.0.0.1",
        "secure-port": facts.port,
        "etcd-servers": facts.etcdEndpoints,
        "etcd-cafile": facts.authority,
        "etcd-certfile": facts.etcdClient.certificate,
        "etcd-keyfile": facts.etcdClient.key,
        "client-ca-file": facts.authority,
        "tls-cert-file": facts.serving.certificate,
        "tls-private-key-file": facts.serving.key,
        "service-account-issuer": facts.serviceAccounts.issuer,
        "service-account-key-file": facts.serviceAccounts.publicKey,
        "service-account-signing-key-file": facts.serviceAccounts.privateKey,
        "authentication-config": facts.authenticationConfiguration,
        "authorization-mode": ["Node", "RBAC"],
        "service-cluster-ip-range": facts.serviceAddressRange,
        "enable-admission-plugins": ["NodeRestriction"],
        "allow-privileged": true,
        // Loopback cannot be an endpoint, so the `kubernetes` Service has none: nothing in the rehearsal calls it.
        "endpoint-reconciler-type": "none",
        profiling: false,
        ...facts.extra,
    };
}

export interface ControllerManagerFacts {
    kubeconfig: string;
    authority: CertificateFiles;
    serviceAccountPrivateKey: string;
    podAddressRange: string;
    serviceAddressRange: string;
    extra?: Flags;
}

export function controllerManagerFlags(facts: ControllerManagerFacts): Flags {
    return {
        kubeconfig: facts.kubeconfig,
        "leader-elect": false,
        "secure-port": 0,
        "use-service-account-credentials": true,
        "service-account-private-key-file": facts.serviceAccountPrivateKey,
        "root-ca-file": facts.authority.certificate,
        "cluster-signing-cert-file": facts.authority.certificate,
        "cluster-signing-key-file": facts.authority.key,
        "allocate-node-cidrs": true,
        "cluster-cidr": facts.podAddressRange,
        "service-cluster-ip-range": facts.serviceAddressRange,
        profiling: false,
        ...facts.extra,
    };
}

export interface SchedulerFacts {
    kubeconfig: string;
    extra?: Flags;
}

export function schedulerFlags(facts: SchedulerFacts): Flags {
    return { kubeconfig: facts.kubeconfig, "leader-elect": false, "secure-port": 0, profiling: false, ...facts.extra };
}

export interface KwokFacts {
    kubeconfig: string;
    /** What kwok does with nodes and pods: a file of its Stage objects. */
    stages: string;
    podAddressRange: string;
}

/** kwok plays the kubelet of nodes that carry its annotation, and of no others. */
export function kwokFlags(facts: KwokFacts): Flags {
    return {
        kubeconfig: facts.kubeconfig,
        config: facts.stages,
        cidr: facts.podAddressRange,
        "manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake",
        "node-lease-duration-seconds": 40,
    };
}
