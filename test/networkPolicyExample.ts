import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterKind } from "../components/network";
import type { Tenant } from "../components/tenants";

const GROUP = "00000000-0000-4000-8000-000000000001";

function tenant(name: string, needs: Partial<Tenant> = {}): Tenant {
    return {
        name,
        namespaces: [name],
        groups: { administrators: [GROUP], developers: [], viewers: [], secretReaders: [] },
        exec: false,
        quota: { cpu: "20", memory: "64Gi", pods: 100, storage: "200Gi", loadBalancers: 0 },
        calls: [],
        calledBy: [],
        forbids: [],
        ingress: false,
        api: false,
        egress: { ranges: [], names: [] },
        podSecurity: [],
        ...needs,
    };
}

/** The tenants of docs/network-policies.md: together they use everything that a tenant may say of its network. */
export const exampleTenants: Tenant[] = [
    tenant("legacy"),
    tenant("payments", {
        calledBy: [
            { tenant: "reports", ports: [], oneSided: false },
            { tenant: "shop", ports: [8080, 8443], oneSided: false },
            { tenant: "web", ports: [9090], oneSided: true },
        ],
        api: true,
    }),
    tenant("reports", {
        calls: [{ tenant: "payments", ports: [] }],
        egress: { ranges: [{ cidr: "0.0.0.0/0", except: [], ports: [] }], names: [] },
    }),
    tenant("shop", {
        namespaces: ["shop", "shop-jobs"],
        calls: [{ tenant: "payments", ports: [8080] }],
        forbids: ["legacy"],
        ingress: true,
        egress: {
            ranges: [{ cidr: "203.0.113.0/24", except: ["203.0.113.128/25"], ports: [443] }],
            names: [{ name: "api.example.com", ports: [443] }],
        },
    }),
    tenant("web", {
        ingress: true,
        egress: { ranges: [], names: [{ name: "*.example.org", ports: [443, 8443] }] },
    }),
];

/** The settings' defaults. */
export const exampleRanges = {
    addressSpace: "10.64.0.0/16",
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
};

/** Who is who in the table, by the name that its rows and columns have. */
export type Party =
    /** Any pod of any of these namespaces. */
    | { namespaces: string[]; namespaceLabels: Record<string, string>; podLabels: Record<string, string> }
    /** A machine of the cluster: the pod's own, or another one. `apiServer`: it runs one. */
    | { node: "own" | "other"; address: string; apiServer: boolean }
    /** Somebody outside of the cluster; the names that a pod has looked its address up by; whether it is an API server. */
    | { address: string; names: string[]; apiServer: boolean };

const pods = (
    namespaces: string[],
    namespaceLabels: Record<string, string> = {},
    podLabels: Record<string, string> = { app: "example" },
): Party => ({ namespaces, namespaceLabels, podLabels });
const outside = (address: string, ...names: string[]): Party => ({ address, names, apiServer: false });
const platform = (name: string) => pods([name], { "mainstay.io/platform": name });

/** As a pod calls it, and as it calls pods: the API server of AKS comes through a tunnel that ends in a pod. */
export function exampleParties(kind: ClusterKind): Record<string, { called: Party; calling: Party }> {
    const same = (party: Party) => ({ called: party, calling: party });
    const apiServer: { called: Party; calling: Party } =
        kind === "selfManaged"
            ? same({ node: "other", address: "10.64.8.4", apiServer: true })
            : {
                  called: { address: "10.64.0.4", names: [], apiServer: true },
                  calling: pods(["kube-system"], {}, { app: "konnectivity-agent" }),
              };
    return {
        ...Object.fromEntries(
            exampleTenants.map(({ name, namespaces }) => [
                name,
                same(pods(namespaces, { "mainstay.io/tenant": name })),
            ]),
        ),
        monitoring: same(platform("monitoring")),
        backup: same(platform("backup")),
        ingress: same(platform("ingress")),
        certificates: same(platform("certificates")),
        autoscaling: same(platform("autoscaling")),
        forgotten: same(pods(["forgotten"])),
        "kube-system": same(pods(["kube-system"])),
        "kube-dns": same(pods(["kube-system"], {}, { "k8s-app": "kube-dns" })),
        "API server": apiServer,
        "own node": same({ node: "own", address: "10.64.32.4", apiServer: false }),
        "other node": same({ node: "other", address: "10.64.64.4", apiServer: false }),
        metadata: same(outside("169.254.169.254")),
        WireServer: same(outside("168.63.129.16")),
        "private endpoint": same(outside("10.64.128.9")),
        "api.example.com": same(outside("192.0.2.80", "api.example.com")),
        "www.example.org": same(outside("192.0.2.90", "www.example.org")),
        "203.0.113.10": same(outside("203.0.113.10")),
        "203.0.113.200": same(outside("203.0.113.200")),
        internet: same(outside("198.51.100.7")),
    };
}

/** One cell: which ports of `to` a connection of `from` reaches. */
export interface Connectivity {
    from: string;
    to: string;
    /** `all`; `all TCP`; ports, TCP unless `/UDP` follows, with `, ` between, `a-b` for ranges; `—` for none. */
    ports: string;
}

/** The tables in docs/network-policies.md, for a kind of cluster. */
export function readConnectivity(kind: ClusterKind): Connectivity[] {
    const text = readFileSync(join(__dirname, "../docs/network-policies.md"), "utf8");
    const differing = tableUnder(text, "connectivity: where the kinds differ")
        .slice(1)
        .flatMap(([from, to, selfManaged, aks]) =>
            from
                .split(", ")
                .flatMap((each) =>
                    to
                        .split(", ")
                        .map((other) => ({ from: each, to: other, ports: kind === "aks" ? aks : selfManaged })),
                ),
        );
    return ["connectivity: to pods", "connectivity: to everything else"].flatMap((table) => {
        const [header, ...rows] = tableUnder(text, table);
        return rows.flatMap(([from, ...cells]) =>
            cells.map((ports, index) => {
                const to = header[index + 1];
                if (ports !== "differs") return { from, to, ports };
                const found = differing.find((each) => each.from === from && each.to === to);
                if (!found) throw new Error(`docs/network-policies.md does not say how ${from} to ${to} differs`);
                return found;
            }),
        );
    });
}

/** Cells of the first table after a comment, header included. */
function tableUnder(text: string, comment: string): string[][] {
    const lines = text
        .slice(text.indexOf(`<!-- ${comment}`))
        .split("\n")
        .slice(1);
    const begin = lines.findIndex((line) => line.startsWith("|"));
    const after = lines.slice(begin);
    const end = after.findIndex((line) => !line.startsWith("|"));
    return after
        .slice(0, end)
        .filter((line) => !/^\|[\s|-]+\|$/.test(line))
        .map((line) =>
            line
                .slice(1, -1)
                .split("|")
                .map((cell) => cell.trim().replaceAll("`", "")),
        );
}
