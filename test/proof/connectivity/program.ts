import { AksCluster, type Cluster } from "../../../components/cluster";
import { type ClusterKind, Network } from "../../../components/network";
import { NetworkPolicies } from "../../../components/networkPolicy";
import { PlatformNamespaces } from "../../../components/platform";
import { Tenants } from "../../../components/tenants";
import { exampleRanges, exampleTenants } from "../../networkPolicyExample";
import { record, type Recording } from "../../unit/recordedProgram";
import { clusterArgs, selfManaged, site } from "../../unit/selfManagedProgram";

/** What the program has for who may talk to whom. */
export interface Program {
    namespaces: any[];
    policies: any[];
    policyCIDRMatchMode: string[];
}

const policyKinds = ["NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"];

/** The components' objects for the tenants of docs/network-policies.md. */
export async function programFor(kind: ClusterKind): Promise<Program> {
    const { recording: ofCluster, result: cluster } = await clusterOf(kind);
    const { apiServers, systemNamespaces } = cluster;
    // Of a cluster, its own resources are in another recording.
    const onCluster = { apiServers, systemNamespaces, ready: [] as Cluster["ready"], onCluster: {} } as Cluster;
    const { recording } = await record(() => {
        const platform = new PlatformNamespaces("platform", { cluster: onCluster });
        const tenants = new Tenants("tenants", { cluster: onCluster, tenants: exampleTenants });
        new NetworkPolicies("network-policies", { ...exampleRanges, cluster: onCluster, tenants, platform });
    });
    const objects = recording.resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ type, inputs }) => ({ kind: type.split(":")[2], ...inputs }));
    return {
        namespaces: objects.filter((object) => object.kind === "Namespace"),
        policies: objects.filter((object) => policyKinds.includes(object.kind)),
        policyCIDRMatchMode: policyCIDRMatchMode(kind, ofCluster),
    };
}

function clusterOf(kind: ClusterKind): Promise<{ recording: Recording; result: Cluster }> {
    if (kind === "selfManaged") return selfManaged();
    const { signIn: _, ...args } = { ...clusterArgs, ...exampleRanges };
    return record(() => {
        const network = new Network("network", { ...args, clusterKind: "aks", privateApi: true });
        return new AksCluster("cluster", {
            ...args,
            ...site,
            network,
            api: { private: true, authorizedRanges: [] },
            adminGroups: ["5f2a1c8e-9b7d-4e36-8a10-6d3f0c4b2e91"],
            auditLogs: { retentionDays: 90 },
        });
    });
}

/** As our own Cilium is set; AKS leaves it at its default. */
function policyCIDRMatchMode(kind: ClusterKind, recording: Recording): string[] {
    if (kind === "aks") return [];
    const [release] = recording.resources.filter(({ inputs }) => inputs.chart === "cilium");
    if (!release) throw new Error("no Release of Cilium's chart was recorded");
    const { values } = release.inputs;
    if (values.hostFirewall?.enabled) throw new Error("the judge knows nothing of Cilium's host firewall");
    const mode = values.policyCIDRMatchMode ?? [];
    return Array.isArray(mode) ? mode : [mode];
}
