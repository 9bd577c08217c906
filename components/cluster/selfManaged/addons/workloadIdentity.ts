import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity/federatedIdentityCredential";
import type { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import { createIdentity, type Grant, type Identity } from "../../../identity";
import type { Site } from "../../../site";
import { charts, createRelease, NAMESPACE } from "./charts";
import { onSystemPool, overZones } from "./placement";

/** Whom Entra ID has to be in a token that is exchanged for one of its own. */
const AUDIENCE = "api://AzureADTokenExchange";

/** Where the webhook is, as its owner has it. */
export const WORKLOAD_IDENTITY_NAMESPACE = "azure-workload-identity-system";

/** The label by which pods ask the webhook for the token. */
export const USES_IDENTITY = { "azure.workload.identity/use": "true" };

/** An identity that one service account has by its token: no secret, and no other pod of the node has it. */
export interface WorkloadIdentity extends Identity {
    /** What its pods have to wait for. */
    ready: pulumi.Resource[];
}

export function createWorkloadIdentity(
    name: string,
    site: Site,
    args: {
        /** What it is for, part of names: `disks`. */
        role: string;
        resourceGroupName: string;
        oidcIssuerUrl: pulumi.Input<string>;
        serviceAccount: string;
        grants: Grant[];
        describes: string;
    },
    child: pulumi.CustomResourceOptions,
): WorkloadIdentity {
    const { role, resourceGroupName, grants, describes } = args;
    const resourceName = `${site.prefix}-${role}`;
    const identity = createIdentity(
        `${name}-${role}`,
        site,
        { resourceName, resourceGroupName, grants, describes },
        child,
    );
    const federation = new FederatedIdentityCredential(
        `${name}-${role}-federation`,
        {
            resourceName,
            resourceGroupName,
            federatedIdentityCredentialResourceName: args.serviceAccount,
            issuer: args.oidcIssuerUrl,
            subject: `system:serviceaccount:${NAMESPACE}:${args.serviceAccount}`,
            audiences: [AUDIENCE],
        },
        // They wait for the identity, which is named and not referred to, so that a preview knows all of this.
        { ...child, dependsOn: identity.grants },
    );
    return { ...identity, ready: [federation, ...identity.grants] };
}

/** The webhook that gives pods their tokens, on the API server's word. */
export function createWorkloadIdentityWebhook(name: string, site: Site, opts: pulumi.CustomResourceOptions): Release {
    return createRelease(
        name,
        charts.workloadIdentity,
        {
            azureTenantID: site.tenantId,
            replicaCount: 2,
            ...onSystemPool,
            topologySpreadConstraints: overZones({ "azure-workload-identity.io/system": "true" }),
        },
        opts,
        { namespace: WORKLOAD_IDENTITY_NAMESPACE },
    );
}
