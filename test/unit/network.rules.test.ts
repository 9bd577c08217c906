import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { contains, formatRange, parseAddress, parseRange, planAddresses } from "../../components/network/addressPlan";
import { type ClusterKind, type Flow, type Party, portMatrix } from "../../components/network/portMatrix";
import {
    GUARDED_SUBNETS,
    type GuardedSubnet,
    type Opening,
    type SecurityRule,
    securityRules,
    type Surroundings,
} from "../../components/network/securityRules";

const RANGES = ["203.0.113.0/24", "198.51.100.128/25"];
const ADDRESS_SPACE = "10.64.0.0/16";
const plan = { ...planAddresses(ADDRESS_SPACE, ["1", "2", "3"]), podCidr: "10.244.0.0/16" };
const AKS: Surroundings = { ...plan, clusterKind: "aks" };
const PRIVATE: Surroundings = { ...plan, clusterKind: "selfManaged" };
const PUBLIC: Surroundings = { ...PRIVATE, authorizedRanges: RANGES };
const EVERYWHERE: [string, Surroundings][] = [
    ["AKS", AKS],
    ["self-managed, private API", PRIVATE],
    ["self-managed, public API", PUBLIC],
];

/** Where clients find the API of a self-managed cluster in the network. */
const FRONTEND = "10.64.0.4";

/** Somebody for each party. A tag stands for itself. */
const OUTSIDE: Pick<
    Record<Party, string>,
    "VirtualNetwork" | "AzureLoadBalancer" | "AzureCloud" | "Internet" | "authorizedRanges" | "anyone"
> = {
    VirtualNetwork: "10.64.128.9",
    AzureLoadBalancer: "AzureLoadBalancer",
    AzureCloud: "20.50.2.1",
    Internet: "198.51.100.7",
    authorizedRanges: "203.0.113.9",
    anyone: "192.0.2.1",
};
const WHO: Record<Party, string> = {
    ...OUTSIDE,
    systemNodes: "10.64.0.4",
    userNodes: "10.64.32.4",
    nodes: "10.64.64.4",
    pods: "10.244.1.1",
    controlPlane: "10.64.8.4",
    apiServers: "10.64.16.4",
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

const rulesOf = (subnet: GuardedSubnet, openings?: Opening[], surroundings = AKS) =>
    securityRules(subnet, surroundings, portMatrix, openings);

function linesOf({ clusterKind, authorizedRanges }: Surroundings): Flow[] {
    return portMatrix.filter(
        ({ kind, api }) =>
            (!kind || kind === clusterKind) && (!api || api === (authorizedRanges ? "public" : "private")),
    );
}

function guardsOf(party: Party, kind: ClusterKind): GuardedSubnet[] {
    if (party === "systemNodes") return ["system"];
    if (party === "userNodes") return ["user"];
    if (party === "controlPlane" || party === "apiServers") return ["control-plane"];
    if (party === "nodes") return [kind === "aks" ? "system" : "control-plane", "user"];
    return party === "pods" ? ["system", "user"] : [];
}

/** The security group of whoever has an address, counted here by itself. */
function guardOf(address: string, kind: ClusterKind): GuardedSubnet | undefined {
    if (/^[A-Z]/.test(address)) return undefined;
    const [a, b, c] = address.split(".").map(Number);
    if (a !== 10 || b !== 64) return undefined;
    if (c < 32) return kind === "aks" ? "system" : c < 8 ? "api" : "control-plane";
    if (c < 128) return "user";
    return c < 160 ? "endpoints" : undefined;
}

/** Whether Azure lets a packet through: at the sender as it is sent, at the receiver as it arrives. */
function passes(surroundings: Surroundings, packet: Packet, openings?: Opening[]): boolean {
    const kind = surroundings.clusterKind;
    const sender = guardOf(packet.from, kind);
    const receiver = guardOf(packet.to, kind);
    const allows = (guard: GuardedSubnet | undefined, direction: "Inbound" | "Outbound") =>
        !guard || decides(rulesOf(guard, openings, surroundings), direction, packet).access === "Allow";
    return allows(sender, "Outbound") && allows(receiver, "Inbound");
}

function packetsOf(flow: Flow): Packet[] {
    const protocols = flow.protocol === "*" ? (["Tcp", "Udp"] as const) : [flow.protocol];
    const port = flow.ports[0] === "*" ? 0 : Number(flow.ports[0].split("-")[0]);
    return protocols.map((protocol) => ({ from: WHO[flow.from], to: WHO[flow.to], protocol, port }));
}

describe("security rules", () => {
    for (const [where, surroundings] of EVERYWHERE) {
        for (const flow of linesOf(surroundings)) {
            const { access = "Allow" } = flow;
            it(`${where}: ${access === "Allow" ? "let through" : "deny"} what the matrix says: ${flow.name}, on both sides`, () => {
                for (const packet of packetsOf(flow)) {
                    for (const subnet of guardsOf(flow.to, surroundings.clusterKind)) {
                        const rule = decides(rulesOf(subnet, [], surroundings), "Inbound", packet);
                        assert.equal(rule.access, access);
                    }
                    for (const subnet of guardsOf(flow.from, surroundings.clusterKind)) {
                        const rule = decides(rulesOf(subnet, [], surroundings), "Outbound", packet);
                        assert.equal(rule.access, access);
                    }
                }
            });
        }

        it(`${where}: come from a line of the matrix, an opening or the last denial, all of them`, () => {
            const opening = { ...mail, name: "relay" };
            const lines = linesOf(surroundings);
            for (const subnet of GUARDED_SUBNETS[surroundings.clusterKind]) {
                for (const rule of rulesOf(subnet, [opening], surroundings)) {
                    const name = rule.name.replace(/^(in|out)bound-/, "");
                    const line = lines.find((one) => one.name === name);
                    const ports = rule.destinationPortRanges ?? [rule.destinationPortRange];
                    if (line) {
                        assert.deepEqual(
                            [rule.access, rule.protocol, ports, rule.description],
                            [line.access ?? "Allow", line.protocol, line.ports, line.why],
                        );
                    } else {
                        const known = ["deny-rest", "opening-relay", ...(subnet === "endpoints" ? ["https"] : [])];
                        assert.ok(known.includes(name), `${subnet}: ${rule.name}`);
                    }
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
        for (const [surroundings, subnet, to] of [
            [AKS, "system", WHO.systemNodes],
            [AKS, "user", WHO.userNodes],
            [PRIVATE, "control-plane", WHO.controlPlane],
            [PRIVATE, "user", WHO.userNodes],
        ] as const) {
            const probe: Packet = { from: "AzureLoadBalancer", to, protocol: "Tcp", port: 6443 };
            const rule = decides(rulesOf(subnet, [], surroundings), "Inbound", probe);
            assert.equal(rule.access, "Allow");
            assert.ok(rule.priority < 4096, "our own rule and not Azure's, which is below the denial");
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

    it("let control-plane machines alone reach etcd, whatever a stack opens", () => {
        fc.assert(
            fc.property(
                anybody,
                addressesOf("controlPlane"),
                fc.constantFrom(2379, 2380),
                fc.constantFrom("Tcp" as const, "Udp" as const),
                fc.array(openings, { maxLength: 3 }),
                fc.constantFrom(PRIVATE, PUBLIC),
                (from, to, port, protocol, opened, surroundings) => {
                    const machine = guardOf(from, "selfManaged") === "control-plane";
                    assert.equal(
                        passes(surroundings, { from, to, protocol, port }, opened),
                        machine && protocol === "Tcp",
                    );
                },
            ),
            { numRuns: 500 },
        );
    });

    it("stop what a worker sends to etcd at the worker already", () => {
        const wide: Opening = { ...mail, peer: "VirtualNetwork", ports: ["*"] };
        const packet: Packet = { from: WHO.userNodes, to: WHO.controlPlane, protocol: "Tcp", port: 2379 };
        assert.equal(decides(rulesOf("user", [wide], PRIVATE), "Outbound", packet).name, "outbound-etcd-deny");
    });

    it("let nobody in by SSH, where the cluster is our own", () => {
        fc.assert(
            fc.property(anybody, guarded, fc.constantFrom(PRIVATE, PUBLIC), (from, to, surroundings) => {
                assert.ok(
                    !passes(surroundings, { from, to, protocol: "Tcp", port: 22 }) || from === "AzureLoadBalancer",
                );
            }),
        );
    });

    it("open between addresses of a self-managed cluster named ports only", () => {
        for (const surroundings of [PRIVATE, PUBLIC]) {
            for (const subnet of GUARDED_SUBNETS.selfManaged) {
                const wide = rulesOf(subnet, [], surroundings).filter(
                    (rule) => rule.access === "Allow" && rule.destinationPortRange === "*" && rule.protocol !== "Icmp",
                );
                assert.ok(wide.every((rule) => rule.sourceAddressPrefix === "AzureLoadBalancer"));
            }
        }
    });

    it("let nodes reach the API by the frontend and by each machine, with a public API, too", () => {
        for (const surroundings of [PRIVATE, PUBLIC]) {
            for (const from of [WHO.userNodes, WHO.controlPlane]) {
                for (const to of [FRONTEND, "10.64.8.4", "10.64.16.5", "10.64.24.8"]) {
                    assert.ok(passes(surroundings, { from, to, protocol: "Tcp", port: 6443 }), `${from} to ${to}`);
                }
            }
        }
    });

    it("let the network and its neighbours reach a private API, and nobody else", () => {
        const api = (from: string): Packet => ({ from, to: WHO.controlPlane, protocol: "Tcp", port: 6443 });
        assert.ok(passes(PRIVATE, api("10.64.200.1")));
        assert.ok(!passes(PRIVATE, api(WHO.authorizedRanges)));
        assert.ok(!passes(PRIVATE, api(WHO.Internet)));
    });

    it("let authorised ranges reach a public API, besides nodes, and nobody else", () => {
        fc.assert(
            fc.property(anybody, addressesOf("controlPlane"), (from, to) => {
                const authorised = !/^[A-Z]/.test(from) && RANGES.some((range) => has(range, from));
                const guard = guardOf(from, "selfManaged");
                const expected =
                    authorised || guard === "user" || guard === "control-plane" || from === "AzureLoadBalancer";
                assert.equal(passes(PUBLIC, { from, to, protocol: "Tcp", port: 6443 }), expected);
            }),
            { numRuns: 500 },
        );
        const nobody = { ...PUBLIC, authorizedRanges: [] };
        assert.ok(!passes(nobody, { from: "203.0.113.9", to: WHO.controlPlane, protocol: "Tcp", port: 6443 }));
    });

    it("show metrics of the control plane to workers, where Prometheus is, and to no other", () => {
        for (const port of [2381, 9100, 10250, 10257, 10259]) {
            const packet = (from: string): Packet => ({ from, to: WHO.controlPlane, protocol: "Tcp", port });
            assert.ok(passes(PRIVATE, packet(WHO.userNodes)), `${port}`);
            for (const from of ["10.64.200.1", "10.64.128.9", WHO.Internet, WHO.pods, "AzureLoadBalancer"]) {
                assert.ok(!passes(PRIVATE, packet(from)), `${port} from ${from}`);
            }
        }
    });

    it("carry the overlay between all nodes, since webhooks are called from control-plane machines", () => {
        for (const from of [WHO.controlPlane, WHO.userNodes]) {
            for (const to of ["10.64.16.5", "10.64.64.9"]) {
                assert.ok(passes(PRIVATE, { from, to, protocol: "Udp", port: 8472 }));
                assert.ok(passes(PRIVATE, { from, to, protocol: "Tcp", port: 4240 }));
                assert.ok(passes(PRIVATE, { from, to, protocol: "Tcp", port: 4244 }));
            }
        }
        // No pod's address is on the wire: what shows one is forged.
        assert.ok(!passes(PRIVATE, { from: WHO.pods, to: WHO.userNodes, protocol: "Tcp", port: 8080 }));
    });

    it("are as ARM takes them: one name and one priority each, priorities in range, descriptions of at most 140 characters", () => {
        const all = EVERYWHERE.flatMap(([, surroundings]) =>
            GUARDED_SUBNETS[surroundings.clusterKind].map((subnet) => rulesOf(subnet, [], surroundings)),
        );
        for (const rules of all) {
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
        for (const { name, kind, why } of portMatrix) {
            const of = kind === "aks" ? "AKS" : kind ? "self-managed" : "both";
            assert.match(
                document,
                new RegExp(`\\| ${name} +\\| ${of}.*\\| ${why.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`),
            );
        }
    });
});

const mail: Opening = {
    name: "mail",
    direction: "outbound",
    peer: "Internet",
    protocol: "Tcp",
    ports: ["25"],
    why: "mail goes through the relay",
};

function has(range: string, address: string): boolean {
    return contains(parseRange(range), parseAddress(address));
}

function addressIn(range: string): fc.Arbitrary<string> {
    const { first, size } = parseRange(range);
    return fc.nat({ max: size - 1 }).map((place) => formatRange({ first: first + place, size: 1 }).slice(0, -3));
}

function addressesOf(subnet: "controlPlane" | "zones"): fc.Arbitrary<string> {
    return fc.oneof(...Object.values(plan[subnet]).map(addressIn));
}

const guarded = fc.oneof(
    addressesOf("controlPlane"),
    addressesOf("zones"),
    addressIn(plan.api),
    addressIn(plan.endpoints),
);
const anybody = fc.oneof(
    guarded,
    addressIn(ADDRESS_SPACE),
    addressIn(plan.podCidr),
    ...RANGES.map(addressIn),
    fc.constantFrom("AzureLoadBalancer", "198.51.100.7", "20.50.2.1", "192.0.2.1", "8.8.8.8"),
);
const openings: fc.Arbitrary<Opening> = fc.record({
    name: fc.constantFrom("one", "two"),
    direction: fc.constantFrom("inbound", "outbound"),
    peer: fc.constantFrom("VirtualNetwork", "Internet", "10.0.0.0/8", "10.64.8.0/21", "0.0.0.0/0"),
    protocol: fc.constantFrom("Tcp", "Udp"),
    ports: fc.constantFrom(["*"], ["2379"], ["2000-3000"], ["443"]),
    why: fc.constant("a stack wants it"),
});
