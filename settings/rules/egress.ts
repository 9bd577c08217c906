import { contains, overlap, type Range } from "../../components/network/addressPlan";
import type { network } from "../network";
import { formatPath, type Path, type Problem } from "../problem";
import type { TenantSettings } from "../tenants";
import { type Part, problem } from "./part";
import { PRIVATE, readRange } from "./ranges";

type Egress = TenantSettings["egress"];

/** A range that no tenant reaches by its addresses. */
interface Closed {
    cidr: string;
    what: string;
    /** How its reader gets what he wanted. */
    instead: string;
    range: Range;
}

/** What is always closed to pods, by whatever range. */
export function closedRanges(given: Part<typeof network>): Closed[] {
    const closed: [cidr: string | undefined, what: string, instead: string][] = [
        [given?.addressSpace, "the virtual network", "name what is reached there in egress.names"],
        [given?.podCidr, "the pods", "name the tenant in calls"],
        [given?.serviceCidr, "the cluster's Services", "name the tenant in calls, or set api for the Kubernetes API"],
        ["169.254.0.0/16", "link-local, with the instance metadata service", "use workload identity"],
        ["168.63.129.16/32", "Azure's WireServer", "the cluster's DNS is open to all"],
        ["127.0.0.0/8", "loopback", "containers of one pod reach each other without it"],
    ];
    return closed.flatMap(([cidr, what, instead]) => {
        const read = cidr === undefined ? undefined : readRange([], cidr);
        return read && "range" in read ? [{ cidr: cidr!, what, instead, range: read.range }] : [];
    });
}

/** Ways out of the cluster: outside of it, apart from each other. */
export function egressRules(path: Path, { ranges, names }: Egress, closed: readonly Closed[]): Problem[] {
    const problems: Problem[] = [];
    const read: Open[] = [];
    ranges.forEach(({ cidr, except }, index) => {
        const at = [...path, "ranges", index];
        const result = readRange([...at, "cidr"], cidr);
        if ("wrong" in result) return problems.push(result.wrong);
        const { exceptions, wrong } = readExceptions([...at, "except"], result.range, cidr, except);
        const open = { path: at, cidr, range: result.range, except, exceptions };
        problems.push(...wrong, ...closedRules(open, closed), ...overlapRules(open, read));
        read.push(open);
    });
    return [...problems, ...nameRules([...path, "names"], names)];
}

interface Open {
    path: Path;
    cidr: string;
    range: Range;
    except: string[];
    exceptions: Range[];
}

/** Kubernetes takes exceptions only that are narrower than the range, and inside it. */
function readExceptions(
    path: Path,
    outer: Range,
    cidr: string,
    except: string[],
): { exceptions: Range[]; wrong: Problem[] } {
    const exceptions: Range[] = [];
    const wrong: Problem[] = [];
    except.forEach((inner, index) => {
        const result = readRange([...path, index], inner);
        if ("wrong" in result) return wrong.push(result.wrong);
        exceptions.push(result.range);
        if (contains(outer, result.range) && result.range.size < outer.size) return;
        wrong.push(
            problem(
                [...path, index],
                inner,
                `a range inside ${cidr}, and narrower`,
                result.range.size >= outer.size && overlap(outer, result.range)
                    ? "remove the range, which it leaves nothing of, or narrow the exception"
                    : "remove it",
            ),
        );
    });
    return { exceptions, wrong };
}

function closedRules({ path, cidr, range, except, exceptions }: Open, closed: readonly Closed[]): Problem[] {
    const at = [...path, "cidr"];
    const around = closed.find((one) => contains(one.range, range));
    if (around) {
        return [
            problem(
                at,
                cidr,
                `a range outside of the cluster: ${around.cidr} is ${around.what}`,
                `remove it; ${around.instead}`,
            ),
        ];
    }
    // The internet is written without them wherever it stands: nobody has to remember them.
    if (range.size === 2 ** 32) return [];
    const inside = closed.filter(
        (one) => contains(range, one.range) && !exceptions.some((exception) => contains(exception, one.range)),
    );
    if (inside.length === 0) return [];
    return [
        problem(
            at,
            cidr,
            `a range without ${inside.map((one) => `${one.cidr} (${one.what})`).join(", ")}`,
            `set ${formatPath([...path, "except"])} to [${[...except, ...inside.map((one) => one.cidr)].join(", ")}]`,
        ),
    ];
}

/**
 * Two ranges that hold the same address would open the ports of both to it. Private ranges are left out of what is wider
 * than they are: that means the internet.
 */
function overlapRules(one: Open, others: readonly Open[]): Problem[] {
    return others.flatMap((other) => {
        if (!overlap(one.range, other.range)) return [];
        const [narrow, wide] = one.range.size <= other.range.size ? [one, other] : [other, one];
        const leftOut = PRIVATE.filter(({ size }) => size < wide.range.size);
        if ([...wide.exceptions, ...leftOut].some((exception) => contains(exception, narrow.range))) return [];
        const widePath = formatPath(wide.path);
        return [
            problem(
                [...narrow.path, "cidr"],
                narrow.cidr,
                `a range apart from ${widePath} (${wide.cidr})`,
                narrow.range.size === wide.range.size
                    ? `remove it, and put its ports into ${widePath}`
                    : `remove it, or add ${narrow.cidr} to ${widePath}.except and name here all ports that it needs`,
            ),
        ];
    });
}

function nameRules(path: Path, names: Egress["names"]): Problem[] {
    const first = new Map<string, number>();
    return names.flatMap(({ name }, index) => {
        const at = [...path, index, "name"];
        if (/\.(svc|cluster\.local)$/.test(name)) {
            return [
                problem(
                    at,
                    name,
                    "a name outside of the cluster",
                    "remove it, and name the tenant of that Service in calls",
                ),
            ];
        }
        const other = first.get(name);
        if (other === undefined) {
            first.set(name, index);
            return [];
        }
        return [problem(at, name, "each name once", `put its ports into ${formatPath([...path, other])}`)];
    });
}
