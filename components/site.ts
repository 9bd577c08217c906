import { createHash } from "node:crypto";

/** What settings say of an environment, for every component. */
export interface Environment {
    /** Begins the name of everything that people look for in Azure, such as `mainstay-prod`. */
    prefix: string;
    /** Azure region, such as `westeurope`. */
    location: string;
    /** Availability zones to spread over, such as `["1", "2", "3"]`. */
    zones: string[];
    /** Tags of every resource that takes tags. */
    tags: Record<string, string>;
}

/** What every component has to know of the environment that it builds in. */
export interface Site extends Environment {
    /** Where all of it is made. Plain, so that IDs are known before what they name exists. */
    subscriptionId: string;
    /** Entra ID's directory that the subscription trusts. */
    tenantId: string;
}

/** The site out of arguments that hold more. */
export function siteOf({ prefix, location, zones, tags, subscriptionId, tenantId }: Site): Site {
    return { prefix, location, zones, tags, subscriptionId, tenantId };
}

/**
 * A name for what has to be unique in all of Azure: vaults and storage accounts. The role and 13 letters and digits, the
 * same in every run.
 *
 * @param role - what it is for: up to 11 lower-case letters
 */
export function globalName({ subscriptionId, prefix }: Site, role: string): string {
    const hash = createHash("sha256").update([subscriptionId, prefix, role].join("\n")).digest();
    return (
        role +
        BigInt(`0x${hash.toString("hex")}`)
            .toString(36)
            .slice(-13)
    );
}

/** ID of something in the site's subscription: `resourceId(site, group, "Microsoft.KeyVault/vaults", name)`. */
export function resourceId(
    { subscriptionId }: Pick<Site, "subscriptionId">,
    resourceGroupName: string,
    type: string,
    name: string,
): string {
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/${type}/${name}`;
}
