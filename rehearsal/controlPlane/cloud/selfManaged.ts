import { objectsAt, textAt, textsAt } from "../../azure/rules/rule";
import type { Cloud, CloudResource } from "../../azure/state/cloud";
import { at } from "../../provider/values";
import { BootError } from "../machine/bootError";
import type { BootedMachine } from "../machine/booted";
import { readBundle, type Bundle } from "../machine/bundle";
import { kubeletArguments, ofKind, readDocuments, type Document } from "../machine/configuration";
import { readFacts, type Facts } from "../machine/facts";
import { requireReader } from "../machine/secrets";
import { regionName } from "./azure";
import { addressOf, architectureOf, parseTaint, poolLabel, statusOf, type Node, type Taint } from "./nodes";

/** What kubeadm marks machines of a control plane with. */
const controlPlaneLabels = {
    "node-role.kubernetes.io/control-plane": "",
    "node.kubernetes.io/exclude-from-external-load-balancers": "",
};
const controlPlaneTaint: Taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

/**
 * Nodes of a cluster that the program runs itself: its control-plane machines once they booted, and what its scale sets have
 * of capacity, where these may read what they join by. Labels and taints are those that the machines' own kubeadm configuration gives them, and what
 * cloud-provider-azure adds.
 */
export function selfManagedNodes(cloud: Cloud, booted: BootedMachine[]): { nodes: Node[]; problems: string[] } {
    const machines = booted.flatMap(({ id }) => {
        const machine = cloud.get(id);
        return machine ? controlPlaneNode(cloud, machine) : [];
    });
    const problems: string[] = [];
    const workers = cloud.list("Microsoft.Compute/virtualMachineScaleSets").flatMap((scaleSet) => {
        try {
            return workerNodes(cloud, scaleSet);
        } catch (error) {
            if (!(error instanceof BootError)) throw error;
            problems.push(`${scaleSet.name}: its machines do not join: ${error.message}`);
            return [];
        }
    });
    return { nodes: [...machines, ...workers], problems };
}

function controlPlaneNode(cloud: Cloud, machine: CloudResource): Node[] {
    const registered = registrationOf(machine.inputs.userData, "kubernetes/kubeadm-init.yaml");
    if (!registered) return [];
    const { facts, registration, maxPods } = registered;
    const name = facts.MACHINE ?? machine.name;
    return [
        nodeOf({
            name,
            machine,
            pool: "control-plane",
            zone: textsAt(machine.inputs, "zones")[0],
            size: textAt(machine.inputs, "hardwareProfile", "vmSize"),
            providerId: `azure://${withLowerCaseGroup(machine.id)}`,
            address: facts.NODE_ADDRESS ?? privateAddressOf(cloud, machine) ?? addressOf(name),
            kubeletVersion: facts.KUBERNETES_VERSION,
            registration,
            maxPods,
            labels: controlPlaneLabels,
            // Without a word on taints kubeadm gives its own; an empty list means none.
            taints: registration.taints ?? [controlPlaneTaint],
        }),
    ];
}

/** @throws BootError where its machines could not read what they join by */
function workerNodes(cloud: Cloud, scaleSet: CloudResource): Node[] {
    const profile = at(scaleSet.inputs, "virtualMachineProfile");
    const registered = registrationOf(at(profile, "userData"), "kubernetes/kubeadm-join.yaml");
    if (!registered || registered.facts.ROLE !== "worker") return [];
    const { facts, registration, maxPods } = registered;
    if (facts.JOIN_VAULT_URL) requireReader(cloud, scaleSet, facts.JOIN_VAULT_URL, facts.JOIN_SECRET ?? "discovery");
    const zones = textsAt(scaleSet.inputs, "zones");
    const prefix = textAt(profile, "osProfile", "computerNamePrefix") ?? scaleSet.name;
    return Array.from({ length: Number(at(scaleSet.inputs, "sku", "capacity") ?? 0) }, (_, index) => {
        const name = `${prefix}${index.toString(36).padStart(6, "0")}`;
        return nodeOf({
            name,
            machine: scaleSet,
            pool: facts.POOL ?? scaleSet.name,
            zone: zones[index % Math.max(zones.length, 1)],
            size: textAt(scaleSet.inputs, "sku", "name"),
            providerId: `azure://${withLowerCaseGroup(scaleSet.id)}/virtualMachines/${index}`,
            address: addressOf(name),
            kubeletVersion: facts.KUBERNETES_VERSION,
            registration,
            maxPods,
            labels: {},
            taints: registration.taints ?? [],
        });
    });
}

interface NodeFacts {
    name: string;
    machine: CloudResource;
    pool: string;
    zone?: string;
    size?: string;
    providerId: string;
    address: string;
    kubeletVersion?: string;
    /** kubeadm's `nodeRegistration`. */
    registration: Document;
    maxPods: number;
    labels: Record<string, string>;
    taints: Taint[];
}

function nodeOf(facts: NodeFacts): Node {
    const { name, machine, pool, registration } = facts;
    const region = regionName(textAt(machine.inputs, "location") ?? "westeurope");
    // Machines outside of zones carry the fault domain there.
    const zone = facts.zone ? `${region}-${facts.zone}` : "0";
    const size = facts.size ?? "Standard_D4s_v5";
    const args = kubeletArguments(registration);
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name,
            labels: {
                ...labelsOf(args["node-labels"]),
                ...facts.labels,
                "kubernetes.io/arch": architectureOf(size),
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": size,
                "topology.disk.csi.azure.com/zone": facts.zone ? zone : "",
                "topology.kubernetes.io/region": region,
                "topology.kubernetes.io/zone": zone,
                [poolLabel]: pool,
            },
            annotations: { "kwok.x-k8s.io/node": "fake" },
        },
        spec: {
            providerID: facts.providerId,
            taints: [...facts.taints.map(plainTaint), ...taintsOf(args["register-with-taints"])],
        },
        status: statusOf({
            name,
            address: facts.address,
            size,
            maxPods: Number(args["max-pods"] ?? facts.maxPods),
            kubeletVersion: facts.kubeletVersion ?? "v1.35.4",
            osImage: "Ubuntu",
        }),
    };
}

interface Registered {
    facts: Facts;
    registration: Document;
    maxPods: number;
}

/** What a machine's user data says of its node. */
function registrationOf(userData: unknown, path: string): Registered | undefined {
    const bundle = readBundle(userData);
    const facts = bundle && readFacts(bundle);
    if (!bundle || !facts) return undefined;
    const documents = readDocuments(bundle, path);
    const found = ["InitConfiguration", "JoinConfiguration"].flatMap((kind) => ofKind(documents, kind) ?? []);
    return { facts, registration: found[0]?.nodeRegistration ?? {}, maxPods: maxPodsOf(bundle, documents) };
}

/** Of the cluster's configuration, or of a pool's own patch to it; else the kubelet's default. */
function maxPodsOf(bundle: Bundle, documents: Document[]): number {
    const patches = [...bundle.keys()]
        .filter((path) => /^kubernetes\/patches\/kubeletconfiguration[^/]*\.(yaml|json)$/.test(path))
        .flatMap((path) => readDocuments(bundle, path));
    const said = [ofKind(documents, "KubeletConfiguration"), ...patches].flatMap((document) => document?.maxPods ?? []);
    return Number(said.at(-1) ?? 110);
}

function labelsOf(text = ""): Record<string, string> {
    const labels = text.split(",").filter(Boolean);
    return Object.fromEntries(labels.map((label) => label.split("=", 2)).map(([key, value = ""]) => [key, value]));
}

function taintsOf(text = ""): Taint[] {
    return text.split(",").filter(Boolean).map(parseTaint);
}

function plainTaint({ key, value, effect }: Taint): Taint {
    return { key, ...(value && { value }), effect };
}

function privateAddressOf(cloud: Cloud, machine: CloudResource): string | undefined {
    const [nic] = objectsAt(machine.inputs, "networkProfile", "networkInterfaces");
    const [configuration] = objectsAt(cloud.get(textAt(nic, "id") ?? "")?.inputs, "ipConfigurations");
    return textAt(configuration, "privateIPAddress");
}

/** cloud-provider-azure writes the group's name in lower case, and the rest as Azure has it. */
function withLowerCaseGroup(id: string): string {
    return id.replace(/(\/resourceGroups\/)([^/]+)/i, (_all, _key, group) => `/resourceGroups/${group.toLowerCase()}`);
}
