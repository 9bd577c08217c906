/** What every component has to know of the environment that it builds in. */
export interface Site {
    /** Begins the name of everything that people look for in Azure, such as `mainstay-prod`. */
    prefix: string;
    /** Azure region, such as `westeurope`. */
    location: string;
    /** Availability zones to spread over, such as `["1", "2", "3"]`. */
    zones: string[];
    /** Tags of every resource that takes tags. */
    tags: Record<string, string>;
}
