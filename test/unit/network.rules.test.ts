import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { contains, parseAddress, parseRange, planAddresses } from "../../components/network/addressPlan";
import { type Flow, type Party, portMatrix } from "../../components/network/portMatrix";
import {
    type GuardedSubnet,
    type Opening,
    type SecurityRule,
    securityRules,
} from "../../components/network/securityRules";

const plan = { ...planAddresses("10.64.0.0/16", ["1", "2", "3"]), podCidr: "10.244.0.0/16" };

/** Somebody for each party. A tag stands for itself. */
const WHO: Record<Party, string> = {
    systemNodes: "10.64.0.4",
    userNodes: "10.64.32.4",
    nodes: "10.64.64.4",
    pods: "10.244.1.1",
    VirtualNetwork: "10.64.128.9",
    AzureLoadBalancer: "AzureLoadBalancer",
    AzureCloud: "20.50.2.1",
    Internet: "198.51.100.7",
};

interface Packet {
    from: string;
    to: string;
    protocol: "Tcp" | "Udp" | "Icmp";
    port: number;
}

/** Azure's own rules, below everybody's. */
const AZURES_OWN = (direction: "Inbound" | "Outbound"): SecurityRule[] => {
    const rule = (priority: number, access: "Allow" | "Deny", source: string, destination: string): SecurityRule => ({
        name: `azure-${priority}`,
        direction,
        access,
        priority,
        protocol: "*",
        sourceAddressPrefix: source,
        sourcePortRange: "*",
        destinationAddressPrefix: destination,
        destinationPortRange: "*",
        description: "",
    });
    return direction === "Inbound"
        ? [
              rule(65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
              rule(65001, "Allow", "AzureLoadBalancer", "*"),
              rule(65500, "Deny", "*", "*"),
          ]
        : [
              rule(65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
              rule(65001, "Allow", "*", "Internet"),
              rule(65500, "Deny", "*", "*"),
          ];
};

/** The rule that decides over a packet, as Azure picks it: the first that matches, by priority. */
function decides(rules: SecurityRule[], direction: "Inbound" | "Outbound", packet: Packet): SecurityRule {
    const all = [...rules.filter((rule) => rule.direction === direction), ...AZURES_OWN(direction)].sort(
        (a, b) => a.priority - b.priority,
    );
    const found = all.find(
        (rule) =>
            (rule.protocol === "*" || rule.protocol === packet.protocol) &&
            sideMatches(rule.sourceAddressPrefixes ?? [rule.sourceAddressPrefix ?? ""], packet.from) &&
            sideMatches(rule.destinationAddressPrefixes ?? [rule.destinationAddressPrefix ?? ""], packet.to) &&
            (rule.destinationPortRanges ?? [rule.destinationPortRange ?? ""]).some((range) =>
                portMatches(range, packet.port),
            ),
    );
    assert.ok(found);
    return found;
}

function sideMatches(prefixes: string[], who: string): boolean {
    const isTag = /^[A-Z]/.test(who);
    const inNetwork = !isTag && contains(parseRange("10.64.0.0/16"), parseAddress(who));
    const isPrivate = !isTag && contains(parseRange("10.0.0.0/8"), parseAddress(who));
    return prefixes.some((prefix) => {
        if (prefix === "*" || prefix === who) return true;
        if (prefix === "VirtualNetwork") return inNetwork;
        if (prefix === "Internet") return !isTag && !isPrivate;
        if (prefix === "AzureCloud") return who.startsWith("20.");
        if (/^[A-Z]/.test(prefix) || isTag) return false;
        return contains(prefix.includes("/") ? parseRange(prefix) : parseAddress(prefix), parseAddress(who));
    });
}

function portMatches(range: string, port: number): boolean {
    if (range === "*") return true;
    const [first, last = first] = range.split("-").map(Number);
    return first <= port && port <= last;
}

const GROUPS: GuardedSubnet[] = ["system", "user", "endpoints"];
const rulesOf = (subnet: GuardedSubnet, openings?: Opening[]) => securityRules(subnet, plan, portMatrix, openings);

function guardsOf(party: Party): GuardedSubnet[] {
    if (party === "systemNodes") return ["system"];
    if (party === "userNodes") return ["user"];
    return party === "nodes" || party === "pods" ? ["system", "user"] : [];
}

function packetsOf(flow: Flow): Packet[] {
    const protocols = flow.protocol === "*" ? (["Tcp", "Udp"] as const) : [flow.protocol];
    const port = flow.ports[0] === "*" ? 0 : Number(flow.ports[0].split("-")[0]);
    return protocols.map((protocol) => ({ from: WHO[flow.from], to: WHO[flow.to], protocol, port }));
}

describe("security rules", () => {
    for (const flow of portMatrix) {
        it(`let through what the matrix names: ${flow.name}, on both sides`, () => {
            for (const packet of packetsOf(flow)) {
                for (const subnet of guardsOf(flow.to)) {
                    assert.equal(decides(rulesOf(subnet), "Inbound", packet).access, "Allow");
                }
                for (const subnet of guardsOf(flow.from)) {
                    assert.equal(decides(rulesOf(subnet), "Outbound", packet).access, "Allow");
                }
            }
        });
    }

    const denied: [string, GuardedSubnet, "Inbound" | "Outbound", Packet][] = [
        [
            "SSH from the internet",
            "user",
            "Inbound",
            { from: WHO.Internet, to: WHO.userNodes, protocol: "Tcp", port: 22 },
        ],
        [
            "HTTPS from the internet, while no opening says so",
            "user",
            "Inbound",
            { from: WHO.Internet, to: WHO.userNodes, protocol: "Tcp", port: 443 },
        ],
        [
            "the API's endpoint from the internet",
            "system",
            "Inbound",
            { from: WHO.Internet, to: WHO.systemNodes, protocol: "Tcp", port: 443 },
        ],
        [
            "SSH from elsewhere in the virtual network",
            "user",
            "Inbound",
            { from: WHO.VirtualNetwork, to: WHO.userNodes, protocol: "Tcp", port: 22 },
        ],
        [
            "a kubelet from elsewhere in the virtual network",
            "system",
            "Inbound",
            { from: WHO.VirtualNetwork, to: WHO.systemNodes, protocol: "Tcp", port: 10250 },
        ],
        [
            "mail to the internet",
            "user",
            "Outbound",
            { from: WHO.userNodes, to: WHO.Internet, protocol: "Tcp", port: 25 },
        ],
        [
            "a database elsewhere in the virtual network",
            "user",
            "Outbound",
            { from: WHO.userNodes, to: WHO.VirtualNetwork, protocol: "Tcp", port: 5432 },
        ],
        [
            "anything that a private endpoint begins",
            "endpoints",
            "Outbound",
            { from: WHO.VirtualNetwork, to: WHO.userNodes, protocol: "Tcp", port: 443 },
        ],
        [
            "SSH to a private endpoint",
            "endpoints",
            "Inbound",
            { from: WHO.userNodes, to: WHO.VirtualNetwork, protocol: "Tcp", port: 22 },
        ],
    ];
    for (const [what, subnet, direction, packet] of denied) {
        it(`deny what it does not name: ${what}`, () => {
            const rule = decides(rulesOf(subnet), direction, packet);
            assert.equal(rule.access, "Deny");
            assert.match(rule.name, /-deny-rest$/);
        });
    }

    it("let Azure's health probes in above the denial (pitfall 3)", () => {
        for (const subnet of ["system", "user"] as const) {
            const rules = rulesOf(subnet).filter(({ direction }) => direction === "Inbound");
            const probe = rules.find((rule) => rule.sourceAddressPrefix === "AzureLoadBalancer");
            const deny = rules.find(({ access }) => access === "Deny");
            assert.ok(probe && deny && probe.access === "Allow" && probe.priority < deny.priority);
        }
    });

    it("give AKS what it asks of subnets with security groups: nodes and pods reach each other on all ports", () => {
        for (const subnet of ["system", "user"] as const) {
            for (const [from, to] of [
                [WHO.systemNodes, WHO.userNodes],
                [WHO.userNodes, WHO.systemNodes],
                [WHO.systemNodes, WHO.pods],
                [WHO.userNodes, WHO.pods],
                [WHO.pods, "10.244.9.9"],
            ]) {
                const outbound = from === WHO.pods || (subnet === "system") === (from === WHO.systemNodes);
                const inbound =
                    to !== WHO.systemNodes && to !== WHO.userNodes
                        ? true
                        : (subnet === "system") === (to === WHO.systemNodes);
                const packet: Packet = { from, to, protocol: "Udp", port: 54321 };
                if (outbound)
                    assert.equal(decides(rulesOf(subnet), "Outbound", packet).access, "Allow", `${from} to ${to}`);
                if (inbound)
                    assert.equal(decides(rulesOf(subnet), "Inbound", packet).access, "Allow", `${from} to ${to}`);
            }
        }
    });

    it("name monitoring and CNI ports, so that flow logs tell them from the rest", () => {
        const named = (port: number) =>
            decides(rulesOf("user"), "Inbound", { from: WHO.systemNodes, to: WHO.userNodes, protocol: "Tcp", port })
                .name;
        for (const [port, name] of [
            [10250, "inbound-kubelet"],
            [9100, "inbound-node-exporter"],
            [4240, "inbound-cilium-health"],
            [4244, "inbound-hubble"],
            [9964, "inbound-cilium-metrics"],
        ] as const) {
            assert.equal(named(port), name);
        }
    });

    it("open what a stack opens, in that direction and for user pools only", () => {
        const opening: Opening = {
            name: "web",
            direction: "inbound",
            peer: "Internet",
            protocol: "Tcp",
            ports: ["443"],
            why: "ingress",
        };
        const packet: Packet = { from: WHO.Internet, to: WHO.userNodes, protocol: "Tcp", port: 443 };
        assert.equal(decides(rulesOf("user", [opening]), "Inbound", packet).name, "inbound-opening-web");
        assert.equal(decides(rulesOf("user", [opening]), "Inbound", { ...packet, port: 80 }).access, "Deny");
        assert.equal(
            decides(rulesOf("system", [opening]), "Inbound", { ...packet, to: WHO.systemNodes }).access,
            "Deny",
        );
    });

    it("are as ARM takes them: one name and one priority each, priorities in range, descriptions of at most 140 characters", () => {
        for (const subnet of GROUPS) {
            const rules = rulesOf(subnet);
            assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
            for (const direction of ["Inbound", "Outbound"] as const) {
                const priorities = rules.filter((rule) => rule.direction === direction).map(({ priority }) => priority);
                assert.equal(new Set(priorities).size, priorities.length);
                assert.ok(priorities.every((priority) => priority >= 100 && priority <= 4096));
            }
            for (const { description, name } of rules) {
                assert.ok(description.length > 0 && description.length <= 140, name);
                assert.match(name, /^[a-zA-Z0-9][\w.-]{0,78}[a-zA-Z0-9_]$/);
            }
        }
    });

    it("stand in docs/network.md, every line", async () => {
        const document = await readFile(join(__dirname, "../../docs/network.md"), "utf8");
        for (const { name, why } of portMatrix) {
            assert.match(document, new RegExp(`\\| ${name} +\\|.*${why.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
        }
    });
});
