/** A team, as the stack's settings say it: everything is filled in. */
export interface Tenant {
    name: string;
    /** Its namespaces; each belongs to one tenant. */
    namespaces: string[];
    /** Object IDs of Entra groups, by what their members do. */
    groups: TenantGroups;
    /** Whether developers may open a shell in a pod and forward its ports. */
    exec: boolean;
    quota: Quota;
    /** Whom its pods call. */
    calls: Peer[];
    /** Who calls its pods. */
    calledBy: Caller[];
    /** Tenants that it never talks to, in either direction. */
    forbids: string[];
    /** Whether the ingress reaches its pods. */
    ingress: boolean;
    /** Whether its pods reach the Kubernetes API. */
    api: boolean;
    /** Its way to the internet. */
    egress: Egress;
    podSecurity: PodSecurityException[];
}

export interface TenantGroups {
    administrators: string[];
    developers: string[];
    viewers: string[];
    /** May read the tenant's Secrets, and nothing else. */
    secretReaders: string[];
}

/** Of each of its namespaces. */
export interface Quota {
    cpu: string;
    memory: string;
    pods: number;
    storage: string;
    loadBalancers: number;
}

export interface Peer {
    tenant: string;
    /** None is all. */
    ports: number[];
}

export interface Caller extends Peer {
    /** The caller's settings need not name the call. */
    oneSided: boolean;
}

export interface Egress {
    ranges: { cidr: string; except: string[]; ports: number[] }[];
    /** DNS names, `*.` in front for those below. */
    names: { name: string; ports: number[] }[];
}

/** A namespace whose pods need more than Pod Security's `restricted` lets them. */
export interface PodSecurityException {
    namespace: string;
    level: "baseline" | "privileged";
    reason: string;
    /** Day, `YYYY-MM-DD`. */
    expires: string;
}

/** Levels of the Pod Security Standards. */
export type PodSecurityLevel = "restricted" | "baseline" | "privileged";
