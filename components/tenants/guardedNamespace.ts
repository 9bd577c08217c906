import { LimitRange } from "@pulumi/kubernetes/core/v1/limitRange";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { ServiceAccountPatch } from "@pulumi/kubernetes/core/v1/serviceAccountPatch";
import type * as pulumi from "@pulumi/pulumi";
import type { PodSecurityLevel } from "./tenant";

export interface GuardedNamespaceArgs {
    name: string;
    /** Whose it is: `mainstay.io/tenant` or `mainstay.io/platform`. */
    labels: Record<string, string>;
    podSecurity: PodSecurityLevel;
    /** Why the level is lower than `restricted`. */
    reason?: string;
    /** Last day of the exception, `YYYY-MM-DD`. */
    expires?: string;
    /** Requests and limits of a container that states none. */
    defaults: ContainerDefaults;
}

export interface ContainerDefaults {
    requests: Record<string, string>;
    limits?: Record<string, string>;
}

/** A namespace that Pod Security guards, whose pods get a token of the API only where they ask for one. */
export function createGuardedNamespace(
    name: string,
    args: GuardedNamespaceArgs,
    opts: pulumi.CustomResourceOptions,
): Namespace {
    const namespace = new Namespace(
        name,
        {
            metadata: {
                name: args.name,
                labels: { ...args.labels, ...podSecurityLabels(args.podSecurity) },
                annotations: exceptionAnnotations(args),
            },
        },
        opts,
    );
    const inside = { ...opts, dependsOn: [namespace] };

    new LimitRange(
        `${name}-defaults`,
        {
            metadata: { name: "defaults", namespace: args.name },
            spec: {
                limits: [
                    { type: "Container", defaultRequest: args.defaults.requests, default: args.defaults.limits ?? {} },
                ],
            },
        },
        inside,
    );

    // A controller makes the account a moment after the namespace. A Patch is a server-side apply, which makes what is not
    // there and changes one field of what is, so that it does not matter who comes first; a ServiceAccount would find its name taken.
    new ServiceAccountPatch(
        `${name}-default-account`,
        { metadata: { name: "default", namespace: args.name }, automountServiceAccountToken: false },
        inside,
    );
    return namespace;
}

/** What is refused; and what would be, told to whoever applies it and to the audit log. */
function podSecurityLabels(level: PodSecurityLevel): Record<string, string> {
    const prefix = "pod-security.kubernetes.io";
    return {
        [`${prefix}/enforce`]: level,
        [`${prefix}/enforce-version`]: "latest",
        [`${prefix}/warn`]: "restricted",
        [`${prefix}/warn-version`]: "latest",
        [`${prefix}/audit`]: "restricted",
        [`${prefix}/audit-version`]: "latest",
    };
}

function exceptionAnnotations({ reason, expires }: GuardedNamespaceArgs): Record<string, string> {
    return {
        ...(reason && { "mainstay.io/pod-security-reason": reason }),
        ...(expires && { "mainstay.io/pod-security-expires": expires }),
    };
}
