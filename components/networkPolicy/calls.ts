import type { Tenant } from "../tenants";

/** Pods of one tenant call those of another: both sides' settings say so, or one side's that speaks for both. */
export interface Call {
    from: string;
    to: string;
    /** None is all. */
    ports: number[];
}

/** What tenants have agreed on. A permission that the other side does not share opens nothing: settings refuse it before. */
export function agreedCalls(tenants: readonly Tenant[]): Call[] {
    const byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
    return tenants.flatMap((callee) =>
        callee.calledBy.flatMap(({ tenant: name, ports, oneSided }): Call[] => {
            const caller = byName.get(name);
            if (!caller || caller === callee || callee.forbids.includes(name) || caller.forbids.includes(callee.name)) {
                return [];
            }
            const asked = caller.calls.filter(({ tenant }) => tenant === callee.name);
            const call = { from: name, to: callee.name };
            if (oneSided) return [{ ...call, ports }];
            return asked.flatMap((own) => {
                const shared = sharedPorts(own.ports, ports);
                return shared ? [{ ...call, ports: shared }] : [];
            });
        }),
    );
}

/** Ports that both name, where none is all; `undefined` where that leaves nothing. */
function sharedPorts(a: number[], b: number[]): number[] | undefined {
    if (a.length === 0) return b;
    if (b.length === 0) return a;
    const both = a.filter((port) => b.includes(port));
    return both.length > 0 ? both : undefined;
}
