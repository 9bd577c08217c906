import type { Properties } from "../provider/values";
import { guid } from "./guid";

/** The account of a rehearsal: the program's own settings where it has some, else made-up ones that never change. */
export interface Account {
    subscriptionId: string;
    tenantId: string;
    clientId: string;
    /** Of whoever deploys: what role assignments for the deployer name. */
    objectId: string;
    /** Where resources go that say no location. */
    location?: string;
}

export function accountOf(settings: Properties): Account {
    const text = (key: string, variable: string, otherwise: string): string => {
        const value = settings[key];
        return typeof value === "string" && value !== "" ? value : (process.env[variable] ?? otherwise);
    };
    return {
        subscriptionId: text("subscriptionId", "ARM_SUBSCRIPTION_ID", guid("simulated subscription")),
        tenantId: text("tenantId", "ARM_TENANT_ID", guid("simulated tenant")),
        clientId: text("clientId", "ARM_CLIENT_ID", guid("simulated client")),
        objectId: guid("simulated deployer"),
        location: typeof settings.location === "string" ? settings.location : process.env.ARM_LOCATION,
    };
}
