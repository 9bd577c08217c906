import type { Site } from "../site";

/** Name of the resource group that holds the network. */
export function groupNameOf({ prefix }: Pick<Site, "prefix">): string {
    return `${prefix}-network`;
}

/** Name of the environment's own private DNS zone. */
export function internalZoneOf({ prefix }: Pick<Site, "prefix">): string {
    return `${prefix}.internal`;
}

/** Name of a self-managed cluster's API inside the network, which nodes always use, also with a public API. */
export function apiNameOf(site: Pick<Site, "prefix">): string {
    return `api.${internalZoneOf(site)}`;
}
