import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import type * as pulumi from "@pulumi/pulumi";
import type { PodSecurityLevel } from "./tenant";

export interface GuardedNamespaceArgs {
    name: string;
    labels: Record<string, string>;
    podSecurity: PodSecurityLevel;
    /** Why the level is lower than `restricted`. */
    reason?: string;
    /** Day on which the exception ends, `YYYY-MM-DD`. */
    expires?: string;
}

/** A namespace that Pod Security guards. */
export function createGuardedNamespace(
    name: string,
    args: GuardedNamespaceArgs,
    opts: pulumi.CustomResourceOptions,
): { namespace: Namespace } {
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
    return { namespace };
}

/** What is refused; and what would be, said to whoever applies it and to the audit log. */
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
