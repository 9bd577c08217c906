import { nearest } from "../nearest";
import { formatPath, type Path, type Problem } from "../problem";
import type { TenantSettings } from "../tenants";
import { problem } from "./part";
import type { Tenants } from "./tenants";

type Call = TenantSettings["calls"][number];
type Caller = TenantSettings["calledBy"][number];

/** An entry of a list, with its place in the file. */
interface Said<T> {
    entry: T;
    path: Path;
}

/** What one tenant says of the others, by their names. */
interface Side {
    calls: Map<string, Said<Call>>;
    calledBy: Map<string, Said<Caller>>;
    forbids: Map<string, Said<string>>;
}

/** Who talks to whom: known tenants, agreed by both sides, forbidden by neither. */
export function callRules(tenants: Tenants): Problem[] {
    const problems: Problem[] = [];
    const sides = new Map<string, Side>();
    const known = knownTenants(tenants);
    for (const [name, settings] of tenants) {
        if (!settings) continue;
        const read = <T>(list: keyof Side, entries: readonly T[], nameIn: (entry: T) => string) => {
            const { said, wrong } = readList(known, name, list, entries, nameIn);
            problems.push(...wrong);
            return said;
        };
        sides.set(name, {
            calls: read("calls", settings.calls, ({ tenant }) => tenant),
            calledBy: read("calledBy", settings.calledBy, ({ tenant }) => tenant),
            forbids: read("forbids", settings.forbids, (tenant) => tenant),
        });
    }
    for (const name of sides.keys()) {
        problems.push(...forbiddenCalls(name, sides), ...unansweredCalls(name, sides), ...unusedCallers(name, sides));
    }
    return problems;
}

/** The tenants that there are. */
interface Known {
    names: readonly string[];
    has(name: string): boolean;
    /** Which one a misspelt name means. */
    meant(name: string): string | undefined;
}

/** Looking for the nearest of hundreds of names takes its time: it is done once a name, however often that is written. */
function knownTenants(tenants: Tenants): Known {
    const names = [...tenants.keys()];
    const found = new Map<string, string | undefined>();
    const meant = (name: string) => {
        if (!found.has(name)) found.set(name, nearest(name, names));
        return found.get(name);
    };
    return { names, has: (name) => tenants.has(name), meant };
}

/** The entries of a list that name another tenant, each once; and what is wrong with the rest. */
function readList<T>(
    known: Known,
    name: string,
    list: keyof Side,
    entries: readonly T[],
    nameIn: (entry: T) => string,
): { said: Map<string, Said<T>>; wrong: Problem[] } {
    const said = new Map<string, Said<T>>();
    const wrong: Problem[] = [];
    entries.forEach((entry, index) => {
        const other = nameIn(entry);
        const path = ["tenants", name, list, index];
        const at = typeof entry === "string" ? path : [...path, "tenant"];
        if (other === name) {
            const own =
                list === "forbids"
                    ? "another tenant's name"
                    : "another tenant's name: pods of one tenant call each other without saying so";
            wrong.push(problem(at, other, own, "remove it"));
        } else if (!known.has(other)) {
            const meant = known.meant(other);
            wrong.push(
                problem(
                    at,
                    other,
                    `a tenant of mainstay:tenants: ${someOf(known.names)}`,
                    meant && meant !== name ? `write ${meant}, or remove it` : "add the tenant, or remove it here",
                ),
            );
        } else if (said.has(other)) {
            const first = formatPath(said.get(other)!.path);
            wrong.push(
                problem(
                    at,
                    other,
                    "each tenant once in a list",
                    list === "forbids" ? "remove it" : `put its ports into ${first}`,
                ),
            );
        } else {
            said.set(other, { entry, path });
        }
    });
    return { said, wrong };
}

/** What a tenant forbids, neither side permits. */
function forbiddenCalls(name: string, sides: ReadonlyMap<string, Side>): Problem[] {
    const own = sides.get(name)!;
    return [...own.forbids].flatMap(([other, { path }]) => {
        const theirs = sides.get(other);
        const permits = [
            own.calls.get(other),
            own.calledBy.get(other),
            theirs?.calls.get(name),
            theirs?.calledBy.get(name),
        ]
            .filter((said) => said !== undefined)
            .map((said) => formatPath(said.path))
            .join(" and ");
        return permits
            ? [
                  problem(
                      path,
                      other,
                      `a tenant that no setting permits: ${permits} does`,
                      `remove it, or remove ${permits}`,
                  ),
              ]
            : [];
    });
}

/** Whom a tenant calls has to say so, with the ports. */
function unansweredCalls(name: string, sides: ReadonlyMap<string, Side>): Problem[] {
    return [...sides.get(name)!.calls].flatMap(([other, { entry, path }]) => {
        const theirs = sides.get(other);
        if (!theirs || forbidden(name, other, sides)) return [];
        const answer = theirs.calledBy.get(name);
        if (!answer) {
            return [
                problem(
                    path,
                    entry,
                    `calls that the other side permits: ${other} does not name ${name} in calledBy`,
                    `add ${written(name, entry.ports)} to ${formatPath(["tenants", other, "calledBy"])}, or remove the call`,
                ),
            ];
        }
        return portRules(entry.ports, [...path, "ports"], answer.entry.ports, [...answer.path, "ports"], other);
    });
}

/** Who may call a tenant has to want it, unless this side's word is enough. */
function unusedCallers(name: string, sides: ReadonlyMap<string, Side>): Problem[] {
    return [...sides.get(name)!.calledBy].flatMap(([other, { entry, path }]) => {
        const theirs = sides.get(other);
        if (!theirs || entry.oneSided || theirs.calls.has(name) || forbidden(name, other, sides)) return [];
        return [
            problem(
                path,
                entry,
                `callers that want to: ${other} does not name ${name} in calls`,
                `add ${written(name, entry.ports)} to ${formatPath(["tenants", other, "calls"])}, or set oneSided: true here`,
            ),
        ];
    });
}

/** Of a forbidden pair that one thing is said, and not what is missing to complete it. */
function forbidden(one: string, other: string, sides: ReadonlyMap<string, Side>): boolean {
    return Boolean(sides.get(one)?.forbids.has(other) || sides.get(other)?.forbids.has(one));
}

/** The caller's ports are among the callee's. */
function portRules(wanted: number[], path: Path, open: number[], openPath: Path, callee: string): Problem[] {
    const list = open.join(", ");
    if (open.length === 0) return [];
    if (wanted.length === 0) {
        return [
            problem(
                path,
                "all ports",
                `ports that ${callee} opens to it: ${list}`,
                `name those that it calls, such as [${list}], or empty ${formatPath(openPath)}`,
            ),
        ];
    }
    const closed = wanted.filter((port) => !open.includes(port));
    if (closed.length === 0) return [];
    return [
        problem(
            path,
            wanted,
            `ports that ${callee} opens to it: ${list}`,
            `remove ${closed.join(", ")} here, or add it to ${formatPath(openPath)}`,
        ),
    ];
}

/** An entry as the stack file would have it. */
function written(tenant: string, ports: number[]): string {
    return ports.length > 0 ? `{ tenant: ${tenant}, ports: [${ports.join(", ")}] }` : `{ tenant: ${tenant} }`;
}

function someOf(names: readonly string[]): string {
    return names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");
}
