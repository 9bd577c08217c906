import { isInside, isWide } from "./addressRanges";
import { networkPolicyChart } from "./charts";
import { checklist } from "./checklist";
import { namespacesDenyByDefault } from "./defaultDeny";
import { exceptions, isExcepted } from "./exceptions";
import { shown } from "./finding";
import { eachOpening, holdsPort, namesNoPort, networkPolicyKinds, type Reach } from "./openings";
import { holdTogether, some } from "./reading";
import { resourceRule } from "./rule";

const item = checklist.networkPolicies;

const networkPolicyEngine = resourceRule({
    name: "network-policy-engine",
    item,
    title: "A cluster has an engine that enforces network policies",
    severity: "critical",
    why: "Without one the API server accepts every NetworkPolicy and nothing enforces it.",
    mend: 'Set networkProfile: { networkDataplane: "cilium", networkPolicy: "cilium" }.',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const allowed = ["cilium", "calico", "azure"];
        const network = props.networkProfile;
        if (allowed.includes(network?.networkPolicy ?? "") || network?.networkDataplane === "cilium") return;
        judge.refuse({
            at: "networkProfile.networkPolicy",
            given: shown(network?.networkPolicy),
            allowed: `${allowed.join(", ")}, or networkDataplane cilium`,
        });
    },
});

const networkPoliciesNameCallers = resourceRule({
    name: "network-policies-name-callers",
    item,
    title: "A network policy that lets everybody in says on which ports",
    severity: "high",
    why: "A policy that lets everybody in everywhere takes back the denial that its namespace starts with, and looks as if somebody had thought about it.",
    mend: "Name the namespaces, pods or ranges that call, or the ports that are there for everybody.",
    config: {
        ingressNamespaces: {
            type: "array",
            items: { type: "string" },
            default: ["ingress"],
            description: "Namespaces of the ways in from outside, whose pods are there for everybody's requests.",
        },
    },
    kinds: networkPolicyKinds,
    check(resource, judge) {
        eachOpening(resource, "ingress", ({ at, ports, reach }) => {
            if (!namesNoPort(ports)) return;
            const peer = reach();
            if (!isEverybody(peer)) return;
            const { ingressNamespaces } = judge.config<{ ingressNamespaces: readonly string[] }>();
            if (ingressNamespaces.includes(resource.props.metadata?.namespace ?? "")) return;
            judge.refuse({
                at,
                given: typeof peer === "string" ? peer : shown(peer.cidr),
                allowed: "callers or ports that it names",
            });
        });
    },
});

function isEverybody(peer: Reach): boolean {
    return typeof peer === "string" ? peer !== "somebody" : isWide(peer.cidr);
}

/** What Azure tells a machine of itself, to whoever asks from there. WireServer's port 53 is the network's DNS. */
const MACHINE_SERVICES = [
    { what: "the metadata service", address: "169.254.169.254", ports: [80] },
    { what: "WireServer", address: "168.63.129.16", ports: [80, 32526] },
];

const metadataServiceClosed = resourceRule({
    name: "metadata-service-closed",
    item,
    title: "No network policy opens the metadata service or WireServer to pods",
    severity: "critical",
    why: "The metadata service gives whoever asks the node's own tokens for Azure; WireServer, what the node was set up with.",
    mend: "Name where pods go; of a wide range except 169.254.169.254/32 and 168.63.129.16/32. Workloads get tokens by workload identity.",
    config: exceptions("network policies"),
    kinds: networkPolicyKinds,
    check(resource, judge) {
        eachOpening(resource, "egress", ({ at, ports, reach }) => {
            const open = MACHINE_SERVICES.filter((service) =>
                holdTogether(
                    () => some(service.ports, (port) => holdsPort(ports, port)),
                    () => holdsAddress(reach(), service.address),
                ),
            );
            if (open.length === 0) return;
            if (isExcepted(resource.props, judge)) judge.notConcerned("The stack's settings except it");
            judge.refuse({
                at,
                given: `a way to ${open.map(({ what }) => what).join(" and ")}`,
                allowed: "one that leaves them out",
            });
        });
    },
});

function holdsAddress(peer: Reach, address: string): boolean {
    if (typeof peer === "string") return peer === "everybody";
    return isInside(address, peer.cidr) && !some(peer.except, (range) => isInside(address, range));
}

export const networkPolicies = [
    networkPolicyEngine,
    networkPolicyChart,
    namespacesDenyByDefault,
    networkPoliciesNameCallers,
    metadataServiceClosed,
];
