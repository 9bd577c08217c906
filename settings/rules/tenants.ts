import { platformNamespaces } from "../../components/platform/namespaces";
import { nearest } from "../nearest";
import type { network } from "../network";
import { formatPath, type Path, type Problem } from "../problem";
import { tenant, tenantName, type TenantSettings } from "../tenants";
import { groupRules } from "./access";
import { callRules } from "./calls";
import { closedRanges, egressRules } from "./egress";
import { type Part, part, problem } from "./part";

/** Tenants in the file's order. One whose own shape is wrong is known by name only. */
export type Tenants = ReadonlyMap<string, Part<typeof tenant>>;

/** Of so many the figures in docs/performance.md are. */
const MOST_TENANTS = 1000;

/** Roles in a tenant that may all that another one may, and more. Reading Secrets is a role of its own, beside each. */
const tenantRoles = {
    administrators: ["developers", "viewers"],
    developers: ["viewers"],
};

export function readTenants(raw: Record<string, unknown>): Tenants {
    return new Map(
        Object.entries(raw)
            .filter(([name]) => tenantName.safeParse(name).success)
            .map(([name, settings]) => [name, part(tenant, settings)]),
    );
}

/** @param today - `YYYY-MM-DD` */
export function tenantRules(tenants: Tenants, given: Part<typeof network>, today: string): Problem[] {
    const closed = closedRanges(given);
    const ofEach = [...tenants].flatMap(([name, settings]) => {
        const path = ["tenants", name];
        return [
            ...nameRules(path, name),
            ...(settings
                ? [
                      ...groupRules([...path, "groups"], settings.groups, tenantRoles),
                      ...egressRules([...path, "egress"], settings.egress, closed),
                      ...exceptionRules([...path, "podSecurity"], name, settings, today),
                  ]
                : []),
        ];
    });
    return [...countRules(tenants), ...ofEach, ...namespaceRules(tenants), ...callRules(tenants)];
}

function countRules({ size }: Tenants): Problem[] {
    if (size <= MOST_TENANTS) return [];
    return [
        problem(
            ["tenants"],
            `${size} tenants`,
            `at most ${MOST_TENANTS} tenants in a cluster`,
            "move some to a cluster of their own",
        ),
    ];
}

function nameRules(path: Path, name: string): Problem[] {
    const owner = reservedFor(name);
    return owner ? [problem(path, name, `a name that is not ${owner}`, "rename the tenant")] : [];
}

/** A namespace belongs to one tenant, and to nobody else. */
function namespaceRules(tenants: Tenants): Problem[] {
    const problems: Problem[] = [];
    const taken = new Map<string, { tenant: string; path: Path }>();
    for (const [name, settings] of tenants) {
        if (!settings) continue;
        const byName = settings.namespaces === undefined;
        namespacesOf(name, settings).forEach((namespace, index) => {
            const path = byName ? ["tenants", name] : ["tenants", name, "namespaces", index];
            const owner = reservedFor(namespace);
            // Of a tenant's name it has been said already.
            if (owner && !byName)
                problems.push(problem(path, namespace, `a namespace that is not ${owner}`, "choose another name"));
            const other = taken.get(namespace);
            if (!other) taken.set(namespace, { tenant: name, path });
            else if (other.tenant === name)
                problems.push(problem(path, namespace, "each namespace once", "remove it here"));
            else
                problems.push(
                    problem(
                        path,
                        namespace,
                        `a namespace that no other tenant has: ${formatPath(other.path)} names it`,
                        byName
                            ? `rename the tenant, or give it namespaces of another name`
                            : `choose another name here or in ${formatPath(other.path)}`,
                    ),
                );
        });
    }
    return problems;
}

function namespacesOf(name: string, { namespaces = [name] }: TenantSettings): string[] {
    return namespaces;
}

/** Whose a namespace is, if it cannot be a tenant's. */
function reservedFor(namespace: string): string | undefined {
    if (namespace === "default" || namespace.startsWith("kube")) return "one of Kubernetes' own: default, kube…";
    if (platformNamespaces.some(({ name }) => name === namespace))
        return `one of the platform's own: ${platformNamespaces.map(({ name }) => name).join(", ")}`;
    if (/^(aks|cilium)-/.test(namespace) || addonNamespaces.includes(namespace))
        return `one that add-ons of the cluster use: aks-…, cilium-…, ${addonNamespaces.join(", ")}`;
    return undefined;
}

const addonNamespaces = ["app-routing-system", "azure-arc", "dapr-system", "flux-system", "gatekeeper-system"];

/** An exception is for one of the tenant's namespaces, and ends. */
function exceptionRules(path: Path, name: string, settings: TenantSettings, today: string): Problem[] {
    const namespaces = namespacesOf(name, settings);
    const latest = dayAfter(today, 366);
    return settings.podSecurity.flatMap(({ namespace, expires }, index, all) => {
        const at = [...path, index];
        const problems: Problem[] = [];
        if (!namespaces.includes(namespace)) {
            problems.push(
                problem(
                    [...at, "namespace"],
                    namespace,
                    `one of the tenant's namespaces: ${namespaces.join(", ")}`,
                    `set it to ${nearest(namespace, namespaces) ?? namespaces[0]}, or remove the exception`,
                ),
            );
        }
        if (all.findIndex((other) => other.namespace === namespace) < index) {
            problems.push(
                problem([...at, "namespace"], namespace, "one exception a namespace", "remove one of the two"),
            );
        }
        if (dayAfter(expires, 0) !== expires) {
            problems.push(
                problem(
                    [...at, "expires"],
                    expires,
                    "a day that the calendar has",
                    `set it to ${dayAfter(expires, 0)}`,
                ),
            );
        } else if (expires < today) {
            problems.push(
                problem(
                    [...at, "expires"],
                    expires,
                    `a day from today (${today}) on: the exception has ended`,
                    "remove the exception and let the pods do with restricted, or set a later day if the reason still holds",
                ),
            );
        } else if (expires > latest) {
            problems.push(
                problem(
                    [...at, "expires"],
                    expires,
                    `a day within a year (until ${latest}), so that somebody looks again`,
                    `set it to ${latest} at the latest`,
                ),
            );
        }
        return problems;
    });
}

function dayAfter(day: string, days: number): string {
    const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
    date.setUTCDate(Number(day.slice(8)) + days);
    return date.toISOString().slice(0, 10);
}
