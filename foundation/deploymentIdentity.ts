import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity/federatedIdentityCredential";
import * as pulumi from "@pulumi/pulumi";
import { createIdentity, ROLES } from "../components/identity";
import { type Site, siteOf } from "../components/site";
import type { RunnersNetwork } from "./runnersNetwork";
import type { StateStorage } from "./stateStorage";

/** Arguments of {@link DeploymentIdentity}. */
export interface DeploymentIdentityArgs extends Site {
    resourceGroupName: pulumi.Input<string>;
    /** Name of the stack that it deploys. */
    environment: string;
    /** Who issues the pipeline's tokens. */
    issuer: string;
    /** Whose tokens they are. */
    subject: string;
    state: StateStorage;
    network: RunnersNetwork;
}

/** As whom one environment is deployed: the pipeline signs in with its own tokens, and there is no secret to keep. */
export class DeploymentIdentity extends pulumi.ComponentResource {
    public readonly clientId: pulumi.Output<string>;

    constructor(name: string, args: DeploymentIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:foundation:DeploymentIdentity", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);
        const subscription = `/subscriptions/${site.subscriptionId}`;
        const identity = createIdentity(
            name,
            site,
            {
                resourceName: `${site.prefix}-deploys-${args.environment}`,
                resourceGroupName: args.resourceGroupName,
                describes: `deployments of ${args.environment}`,
                grants: [
                    { role: "Contributor", scope: subscription, on: "subscription" },
                    // To assign roles to the identities that it makes; without it Contributor cannot.
                    {
                        role: "Role Based Access Control Administrator",
                        scope: subscription,
                        on: "roles",
                        condition: onlyTheseRoles,
                    },
                    { role: "Storage Blob Data Contributor", scope: args.state.accountId, on: "state" },
                    { role: "Key Vault Crypto User", scope: args.state.vaultId, on: "secrets-key" },
                ],
            },
            child,
        );
        new FederatedIdentityCredential(
            `${name}-pipeline`,
            {
                federatedIdentityCredentialResourceName: "pipeline",
                resourceName: identity.name,
                resourceGroupName: args.resourceGroupName,
                issuer: args.issuer,
                subject: args.subject,
                audiences: ["api://AzureADTokenExchange"],
            },
            child,
        );
        this.clientId = identity.clientId;
        this.registerOutputs({ clientId: this.clientId });
    }
}

/** Roles that a deployment must not hand out: with them it could make itself whatever it likes. */
const PRIVILEGED: (keyof typeof ROLES)[] = ["Contributor", "Role Based Access Control Administrator"];

/** A deployment assigns the roles that the platform's own identities need, and takes them back, and no others. */
const onlyTheseRoles = (() => {
    const ids = Object.entries(ROLES)
        .filter(([role]) => !PRIVILEGED.includes(role as keyof typeof ROLES))
        .map(([, id]) => id)
        .join(", ");
    const limited = (action: string, of: string) =>
        `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR ` +
        `(@${of}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${ids}}))`;
    return `${limited("write", "Request")} AND ${limited("delete", "Resource")}`;
})();
