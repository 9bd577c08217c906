import type { Site } from "../site";

/** Name of the resource group that holds the network. */
export function groupNameOf({ prefix }: Pick<Site, "prefix">): string {
    return `${prefix}-network`;
}
