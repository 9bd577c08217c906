import type { ClusterKind } from "../../../components/network";
import { exampleParties, exampleRanges, type Party, readConnectivity } from "../../networkPolicyExample";
import type { Answer, End, Pair, Port, Question } from "./engine";

/** One node's part of the pods' network. */
const [POD_NETWORK] = exampleRanges.podCidr.split(/\.\d+\//);

/** A pod that stands for all pods of its namespace and labels. */
export interface ExamplePod {
    namespace: string;
    name: string;
    labels: Record<string, string>;
}

/** Everybody in the table, as ends of connections. */
export class Table {
    readonly pods: ExamplePod[];
    readonly ends: End[];
    private readonly parties: ReturnType<typeof exampleParties>;
    private readonly cells: ReturnType<typeof readConnectivity>;

    constructor(kind: ClusterKind) {
        this.parties = exampleParties(kind);
        this.cells = readConnectivity(kind);
        const all = Object.values(this.parties).flatMap(({ called, calling }) => [called, calling]);
        this.pods = unique(all.flatMap(podsOf), ({ namespace, name }) => `${namespace}/${name}`);
        this.ends = unique(all.flatMap(endsOf), ({ name }) => name).map((end, index) =>
            end.pod ? { ...end, address: `${POD_NETWORK}.${index + 1}` } : end,
        );
    }

    /** Name of the end that pods ask for names. */
    get resolver(): string {
        return endsOf(this.parties["kube-dns"].called)[0].name;
    }

    /**
     * Ports that tell all answers apart: each that the table or a policy names, with its neighbours, and some that nobody does.
     */
    ports(objects: object[]): Port[] {
        const numbers = new Set([1, 22, 80, 443, 8080, 30000, 65535]);
        const text = this.cells.map(({ ports }) => ports).join(" ") + JSON.stringify(objects.map(portsIn));
        for (const found of text.matchAll(/\d+/g)) {
            const number = Number(found[0]);
            for (const each of [number - 1, number, number + 1]) if (each > 0 && each < 65536) numbers.add(each);
        }
        const sorted = [...numbers].sort((one, other) => one - other);
        return (["TCP", "UDP"] as const).flatMap((protocol) => sorted.map((port) => ({ protocol, port })));
    }

    /**
     * What an engine says otherwise than the table: `from NAME to NAME: …`, one line a pair of ends. A pair of which the
     * engine or the table says nothing is one too.
     */
    differences(question: Question, answer: Answer): string[] {
        const pairs = pairsByEnds(answer);
        const rows = Object.keys(this.parties);
        return rows.flatMap((from) =>
            rows.flatMap((to) => {
                const cells = this.cells.filter((cell) => cell.from === from && cell.to === to);
                const sources = endsOf(this.parties[from].calling);
                const targets = endsOf(this.parties[to].called);
                const wrong = (message: string) => [`from ${from} to ${to}: ${message}`];
                if (cells.length > 1) return wrong(`${cells.length} cells in the table`);
                const [cell] = cells;
                if (!cell) return this.isNeeded(from, to) ? wrong("no cell in the table") : [];
                return sources.flatMap((source) =>
                    targets.flatMap((target) => {
                        const pair = pairs.get(endsKey({ from: source.name, to: target.name }));
                        if (!pair) return wrong("the engine says nothing");
                        const found = allowed(question.ports, pair);
                        const expected = question.ports.filter((port) => isIn(cell.ports, port));
                        if (portNames(found) === portNames(expected)) return [];
                        return wrong(
                            `the table says ${cell.ports}, the engine ${summary(found, question.ports)} ` +
                                `(${source.name} to ${target.name}; ${pair.policies.join(", ") || "no policy"})`,
                        );
                    }),
                );
            }),
        );
    }

    /** Pairs of ends that the table speaks of. */
    get pairs(): number {
        return this.cells.reduce(
            (sum, { from, to }) =>
                sum + endsOf(this.parties[from].calling).length * endsOf(this.parties[to].called).length,
            0,
        );
    }

    /**
     * Whether the table has to speak of a pair: where one of them is a pod that policies are for. Of all addresses outside, one row
     * says who may come from there; what the cluster's DNS itself calls is in kube-system's row.
     */
    private isNeeded(from: string, to: string): boolean {
        const { calling } = this.parties[from];
        const isOutside = "address" in calling && !("node" in calling);
        if ((isOutside && from !== "internet") || from === "kube-dns") return false;
        const pods = [...podsOf(calling), ...podsOf(this.parties[to].called)];
        return pods.some(({ namespace }) => namespace !== "kube-system");
    }
}

/** Those of a party; pods without their addresses. */
function endsOf(party: Party): End[] {
    if ("namespaces" in party)
        return podsOf(party).map(({ namespace, name }) => {
            const pod = `${namespace}/${name}`;
            return { name: pod, pod, address: "" };
        });
    if ("node" in party) {
        const { node, address, apiServer } = party;
        return [{ name: `${node} node ${address}`, node, address, apiServer }];
    }
    const { address, names, apiServer } = party;
    return [{ name: address, address, names, apiServer }];
}

function podsOf(party: Party): ExamplePod[] {
    if (!("namespaces" in party)) return [];
    const name = Object.values(party.podLabels).join("-");
    return party.namespaces.map((namespace) => ({ namespace, name, labels: party.podLabels }));
}

function endsKey({ from, to }: Pick<Pair, "from" | "to">): string {
    return `${from} > ${to}`;
}

function pairsByEnds({ pairs }: Answer): Map<string, Pair> {
    return new Map(pairs.map((pair) => [endsKey(pair), pair]));
}

/** Pairs whose verdicts are not the same in two answers: `FROM to TO: …`. Both have to speak of the same pairs. */
export function disagreements(question: Question, one: Answer, other: Answer): string[] {
    const others = pairsByEnds(other);
    const missing = others.size === one.pairs.length ? [] : [`${one.pairs.length} pairs and ${others.size}`];
    return missing.concat(
        one.pairs.flatMap((pair) => {
            const second = others.get(endsKey(pair));
            if (second && second.egress === pair.egress && second.ingress === pair.ingress) return [];
            const says = (each: Pair | undefined) =>
                each ? summary(allowed(question.ports, each), question.ports) : "nothing";
            return [`${pair.from} to ${pair.to}: ${says(pair)} by ${one.engine}, ${says(second)} by ${other.engine}`];
        }),
    );
}

function unique<T>(all: T[], key: (one: T) => string): T[] {
    return [...new Map(all.map((one) => [key(one), one])).values()];
}

function portsIn(object: any): unknown {
    const found: unknown[] = [];
    JSON.stringify(object.spec ?? {}, (key, value) => {
        if ((key === "port" || key === "endPort") && typeof value !== "object") found.push(value);
        return value;
    });
    return found;
}

function allowed(ports: Port[], { egress, ingress }: Pair): Port[] {
    return ports.filter((_, index) => egress[index] === "1" && ingress[index] === "1");
}

/** Whether a cell's text has a port. */
function isIn(cell: string, { protocol, port }: Port): boolean {
    if (cell === "—") return false;
    return cell.split(", ").some((part) => {
        if (part === "all") return true;
        if (part === "all TCP") return protocol === "TCP";
        const [, first, last, of] = /^(\d+)(?:-(\d+))?(?:\/(UDP))?$/.exec(part) ?? [];
        if (!first) throw new Error(`docs/network-policies.md: ports expected, got ${part}`);
        return protocol === (of ?? "TCP") && port >= Number(first) && port <= Number(last ?? first);
    });
}

function portNames(ports: Port[]): string {
    return ports.map(({ protocol, port }) => `${port}/${protocol}`).join(", ");
}

function summary(found: Port[], asked: Port[]): string {
    const of = (ports: Port[], protocol: string) => ports.filter((port) => port.protocol === protocol);
    return (
        ["TCP", "UDP"]
            .map((protocol) => {
                const some = of(found, protocol);
                if (some.length === of(asked, protocol).length) return `all ${protocol}`;
                return some.length > 8 ? `${some.length} of the ${protocol} ports asked for` : portNames(some);
            })
            .filter(Boolean)
            .join(", ") || "—"
    );
}
