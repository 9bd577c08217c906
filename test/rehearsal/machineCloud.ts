import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Cloud } from "../../rehearsal/azure/state/cloud";
import { createAuthority, createServiceAccountKeys, type Authority } from "../../rehearsal/controlPlane/certificates";
import type { Properties } from "../../rehearsal/provider/values";

/**
 * A cluster as some program, which is not this project's, could ask it of Azure: machines with a bundle, a vault with keys, a
 * balancer. Written for what docs/rehearsed-kubernetes.md says that a rehearsal reads, and nothing more.
 */
export interface ClusterFacts {
    /** More of the API server's flags. */
    apiServerArgs?: { name: string; value: string }[];
    /** Text of the audit policy. */
    auditPolicy?: string;
    /** More names of the API server's certificate. */
    certSANs?: string[];
    secrets: Record<string, string>;
}

export const group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Small";
export const endpoint = "api.small.internal";
export const frontendAddress = "10.1.0.4";

const folderOfSecrets = "/etc/kubernetes/pki";
export const secretFiles: Record<string, string> = {
    "ca-crt": `${folderOfSecrets}/ca.crt`,
    "ca-key": `${folderOfSecrets}/ca.key`,
    "etcd-crt": `${folderOfSecrets}/etcd/ca.crt`,
    "etcd-key": `${folderOfSecrets}/etcd/ca.key`,
    "front-crt": `${folderOfSecrets}/front-proxy-ca.crt`,
    "front-key": `${folderOfSecrets}/front-proxy-ca.key`,
    "sa-key": `${folderOfSecrets}/sa.key`,
    "sa-pub": `${folderOfSecrets}/sa.pub`,
};

export interface Keys {
    authority: Authority;
    secrets: Record<string, string>;
}

export async function makeKeys(): Promise<Keys> {
    const [authority, etcd, front] = await Promise.all(["small", "small-etcd", "small-front"].map(createAuthority));
    const accounts = createServiceAccountKeys();
    const secrets = {
        "ca-crt": authority.certificate,
        "ca-key": authority.key,
        "etcd-crt": etcd.certificate,
        "etcd-key": etcd.key,
        "front-crt": front.certificate,
        "front-key": front.key,
        "sa-key": accounts.privateKey,
        "sa-pub": accounts.publicKey,
    };
    return { authority, secrets };
}

const plainAuthentication = `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous: { enabled: true, conditions: [{ path: /livez }, { path: /readyz }, { path: /healthz }] }
jwt:
  - issuer: { url: "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0", audiences: [me] }
    claimMappings: { username: { claim: oid, prefix: "entra:" }, groups: { claim: groups, prefix: "" } }
  - issuer: { url: "https://sts.example.com", audiences: [me] }
    claimMappings: { username: { claim: sub, prefix: "other:" } }
`;
const auditPolicy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n";

/** Files of a machine's bundle. */
export function machineFiles(number: number, facts: Omit<ClusterFacts, "secrets">): Record<string, string> {
    const [name, address] = [`small-cp-${number}`, `10.1.0.1${number}`];
    const flags = [
        { name: "authentication-config", value: "/etc/kubernetes/mainstay/authentication.yaml" },
        { name: "audit-policy-file", value: "/etc/kubernetes/mainstay/audit.yaml" },
        { name: "audit-log-path", value: "/var/log/audit/audit.log" },
        ...(facts.apiServerArgs ?? []),
    ];
    const registration = {
        name,
        criSocket: "unix:///run/containerd/containerd.sock",
        kubeletExtraArgs: [{ name: "node-labels", value: "small=yes" }],
    };
    const localAPIEndpoint = { advertiseAddress: address, bindPort: 6443 };
    const documents = [
        {
            apiVersion: "kubeadm.k8s.io/v1beta4",
            kind: "InitConfiguration",
            localAPIEndpoint,
            nodeRegistration: registration,
        },
        {
            apiVersion: "kubeadm.k8s.io/v1beta4",
            kind: "ClusterConfiguration",
            clusterName: "small",
            kubernetesVersion: "v1.35.4",
            controlPlaneEndpoint: `${endpoint}:6443`,
            encryptionAlgorithm: "ECDSA-P256",
            networking: { podSubnet: "10.244.0.0/16", serviceSubnet: "10.96.0.0/16" },
            apiServer: {
                certSANs: facts.certSANs ?? [],
                extraArgs: flags,
                extraVolumes: [
                    {
                        name: "files",
                        hostPath: "/etc/kubernetes/mainstay",
                        mountPath: "/etc/kubernetes/mainstay",
                        readOnly: true,
                        pathType: "Directory",
                    },
                    {
                        name: "audit",
                        hostPath: "/var/log/audit",
                        mountPath: "/var/log/audit",
                        pathType: "DirectoryOrCreate",
                    },
                ],
            },
            etcd: {
                local: { extraArgs: [{ name: "listen-metrics-urls", value: `http://${address}:2381` }] },
            },
        },
    ];
    const join = {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "JoinConfiguration",
        discovery: { file: { kubeConfigPath: "/run/mainstay/discovery.conf" } },
        nodeRegistration: registration,
        controlPlane: { localAPIEndpoint },
    };
    const env = {
        MAINSTAY_FACTS: "1",
        ROLE: "control-plane",
        CLUSTER: "small",
        MACHINE: name,
        KUBERNETES_VERSION: "v1.35.4",
        NODE_ADDRESS: address,
        PEERS: "small-cp-1=10.1.0.11 small-cp-2=10.1.0.12",
        VAULT_URL: "https://smallvault.vault.azure.net",
        SECRET_FILES: Object.entries(secretFiles)
            .map((pair) => pair.join("="))
            .join(" "),
    };
    return {
        "facts.env": envFile(env),
        // JSON is YAML
        "kubernetes/kubeadm-init.yaml": documents.map((document) => JSON.stringify(document)).join("\n---\n"),
        "kubernetes/kubeadm-join.yaml": JSON.stringify(join),
        "kubernetes/files/authentication.yaml": plainAuthentication,
        "kubernetes/files/audit.yaml": facts.auditPolicy ?? auditPolicy,
    };
}

export function workerFilesOf(): Record<string, string> {
    const registration = {
        criSocket: "unix:///run/containerd/containerd.sock",
        taints: [{ key: "only", value: "apps", effect: "NoSchedule" }],
        kubeletExtraArgs: [{ name: "node-labels", value: "pool=apps,agentpool=apps" }],
    };
    return {
        "facts.env": envFile({
            ROLE: "worker",
            CLUSTER: "small",
            POOL: "apps",
            KUBERNETES_VERSION: "v1.35.4",
            JOIN_VAULT_URL: "https://smallvault.vault.azure.net",
            JOIN_SECRET: "discovery",
        }),
        "kubernetes/kubeadm-join.yaml": JSON.stringify({
            apiVersion: "kubeadm.k8s.io/v1beta4",
            kind: "JoinConfiguration",
            discovery: { file: { kubeConfigPath: "/run/mainstay/discovery.conf" } },
            nodeRegistration: registration,
        }),
    };
}

function envFile(facts: Record<string, string>): string {
    return Object.entries(facts)
        .map(([key, value]) => `${key}='${value}'\n`)
        .join("");
}

/** User data as the system's own tar packs it. */
export function userData(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), "mainstay-bundle-test-"));
    try {
        for (const [path, text] of Object.entries(files)) {
            mkdirSync(dirname(join(folder, path)), { recursive: true });
            writeFileSync(join(folder, path), text);
        }
        const names = Object.keys(files);
        return execFileSync("tar", ["--format=ustar", "-czf", "-", "-C", folder, ...names]).toString("base64");
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** The cluster's resources in a simulated Azure, put there by hand: what the provider would have written. */
export class MachineCloud {
    readonly folder: string;
    private readonly cloud: Cloud;

    constructor(runFolder: string) {
        this.folder = join(runFolder, "azure");
        this.cloud = new Cloud(this.folder);
    }

    machineId(number: number): string {
        return `${group}/providers/Microsoft.Compute/virtualMachines/small-cp-${number}`;
    }

    readonly identityId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/small`;
    readonly vaultId = `${group}/providers/Microsoft.KeyVault/vaults/smallvault`;
    readonly balancerId = `${group}/providers/Microsoft.Network/loadBalancers/small-api`;

    /** What every machine leans on. */
    async common(secrets: Record<string, string>): Promise<void> {
        this.put(this.identityId, {}, { principalId: "33333333-3333-3333-3333-333333333333" });
        this.put(this.vaultId, { properties: { enableRbacAuthorization: true } });
        this.grant();
        this.secrets(secrets);
        this.balancer();
        const zone = `${group}/providers/Microsoft.Network/privateDnsZones/small.internal`;
        this.put(zone, {});
        this.put(`${zone}/virtualNetworkLinks/small`, {});
        this.put(`${zone}/A/api`, { aRecords: [{ ipv4Address: frontendAddress }] });
    }

    grant(role = "4633458b-17de-408a-b874-0445c86b69e6"): void {
        this.put(`${this.vaultId}/providers/Microsoft.Authorization/roleAssignments/one`, {
            scope: this.vaultId,
            principalId: "33333333-3333-3333-3333-333333333333",
            roleDefinitionId: `/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        });
    }

    secrets(secrets: Record<string, string>): void {
        for (const [name, value] of Object.entries(secrets))
            this.put(`${this.vaultId}/secrets/${name}`, { properties: { value } });
    }

    balancer(change: { probe?: Properties; rule?: Properties } = {}): void {
        const id = this.balancerId;
        this.put(id, {
            frontendIPConfigurations: [{ name: "api", privateIPAddress: frontendAddress }],
            backendAddressPools: [{ name: "machines" }],
            probes: [{ name: "ready", protocol: "Https", port: 6443, requestPath: "/readyz", ...change.probe }],
            loadBalancingRules: [
                {
                    name: "api",
                    protocol: "Tcp",
                    frontendPort: 6443,
                    backendPort: 6443,
                    frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/api` },
                    backendAddressPool: { id: `${id}/backendAddressPools/machines` },
                    probe: { id: `${id}/probes/ready` },
                    ...change.rule,
                },
            ],
        });
    }

    machine(number: number, files: Record<string, string>): string {
        const id = this.machineId(number);
        const nic = `${group}/providers/Microsoft.Network/networkInterfaces/small-cp-${number}`;
        this.put(nic, {
            ipConfigurations: [
                {
                    name: "one",
                    privateIPAddress: `10.1.0.1${number}`,
                    loadBalancerBackendAddressPools: [{ id: `${this.balancerId}/backendAddressPools/machines` }],
                },
            ],
        });
        this.put(id, {
            location: "westeurope",
            zones: [String(number)],
            hardwareProfile: { vmSize: "Standard_D4ds_v5" },
            identity: {
                type: "UserAssigned",
                userAssignedIdentities: [this.identityId],
            },
            networkProfile: { networkInterfaces: [{ id: nic }] },
            userData: userData(files),
        });
        return id;
    }

    scaleSet(capacity: number, identities = [this.identityId]): void {
        this.put(`${group}/providers/Microsoft.Compute/virtualMachineScaleSets/apps-1`, {
            location: "westeurope",
            zones: ["1"],
            sku: { name: "Standard_D8ds_v5", capacity },
            identity: { type: "UserAssigned", userAssignedIdentities: identities },
            virtualMachineProfile: {
                osProfile: { computerNamePrefix: "apps-1-" },
                userData: userData(workerFilesOf()),
            },
        });
    }

    remove(id: string): void {
        const resource = this.cloud.get(id);
        if (resource) this.cloud.remove(resource);
    }

    private put(id: string, inputs: Properties, outputs: Properties = {}): void {
        const kept = this.cloud.get(id);
        const rest = id.split("/providers/").at(-1)!.split("/");
        const type = [rest[0], ...rest.slice(1).filter((_, index) => index % 2 === 0)].join("/");
        const createdAt = kept?.createdAt ?? new Date().toISOString();
        const resource = {
            id,
            type,
            name: rest.at(-1)!,
            token: type,
            urn: id,
            inputs,
            body: inputs,
            outputs,
            createdAt,
        };
        if (kept) this.cloud.replace(resource);
        else this.cloud.create(resource);
    }
}
