import type { Tenant } from "../tenants";
import type { Role } from "./role";
import {
    auditor,
    debuggerRole,
    developer,
    onCall,
    operator,
    platformOperator,
    secretKeeper,
    secretReader,
    tenantAdministrator,
    viewer,
} from "./roles";

/** Object IDs of Entra groups, by what their members do on the platform. */
export interface PlatformGroups {
    administrators: string[];
    operators: string[];
    onCall: string[];
    auditors: string[];
}

/** A role, and all groups that have it. */
export interface Binding {
    /** Of the binding. */
    name: string;
    /** Of the ClusterRole. */
    role: string;
    groups: string[];
}

/** Kubernetes' own: everything. */
const clusterAdmin = { name: "cluster-admin", binding: "mainstay:administrators" };

/** In the whole cluster. */
export function clusterBindings({ administrators, operators, onCall, auditors }: PlatformGroups): Binding[] {
    return held(bind(clusterAdmin, administrators), bind(operator, operators, onCall), bind(auditor, auditors));
}

/** In each of the platform's namespaces, and in kube-system. */
export function platformBindings({ operators, onCall }: PlatformGroups): Binding[] {
    return held(bind(platformOperator, operators, onCall));
}

/** In each namespace of a tenant. */
export function tenantBindings({ groups, exec }: Pick<Tenant, "groups" | "exec">, platform: PlatformGroups): Binding[] {
    const { administrators, developers, viewers, secretReaders } = groups;
    return held(
        bind(tenantAdministrator, administrators),
        bind(developer, developers),
        bind(debuggerRole, exec ? developers : []),
        bind(viewer, viewers),
        bind(secretReader, secretReaders),
        bind(secretKeeper, both([...administrators, ...developers], secretReaders)),
        bind(onCall, platform.onCall),
    );
}

/** Every group that is given anything, once. */
export function allGroups(platform: PlatformGroups, tenants: Pick<Tenant, "groups">[]): string[] {
    const tenantGroups = tenants.flatMap(({ groups }) => [
        ...groups.administrators,
        ...groups.developers,
        ...groups.viewers,
        ...groups.secretReaders,
    ]);
    return unique([
        ...platform.administrators,
        ...platform.operators,
        ...platform.onCall,
        ...platform.auditors,
        ...tenantGroups,
    ]);
}

function bind({ name, binding }: Pick<Role, "name" | "binding">, ...groups: string[][]): Binding {
    return { name: binding, role: name, groups: unique(groups.flat()) };
}

/** A binding without groups would say nothing. */
function held(...bindings: Binding[]): Binding[] {
    return bindings.filter(({ groups }) => groups.length > 0);
}

function both(some: string[], others: string[]): string[] {
    return some.filter((group) => others.includes(group));
}

/** In an order that does not depend on the settings': moving a line changes nothing. */
function unique(groups: string[]): string[] {
    return [...new Set(groups)].sort();
}
