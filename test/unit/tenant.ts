import type { Tenant } from "../../components/tenants";

/** A tenant of one namespace that talks to nobody. */
export function tenant(name: string, changed: Partial<Tenant> = {}): Tenant {
    return {
        name,
        namespaces: [name],
        groups: {
            administrators: ["aaaaaaaa-0000-4000-8000-000000000001"],
            developers: [],
            viewers: [],
            secretReaders: [],
        },
        exec: false,
        quota: { cpu: "20", memory: "64Gi", pods: 100, storage: "200Gi", loadBalancers: 0 },
        calls: [],
        calledBy: [],
        forbids: [],
        ingress: false,
        api: false,
        egress: { ranges: [], names: [] },
        podSecurity: [],
        ...changed,
    };
}
