import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { usage } from "../rules/quota";
import { regionName, zonesOf } from "../rules/regions";
import { FAMILIES, SIZES } from "../rules/sizes";
import type { Properties } from "../../provider/values";
import { notFound } from "../error";
import type { CloudResource } from "../state/cloud";
import type { FunctionContext } from "./index";

/**
 * Resource Manager's lists, for which azure-native has no functions: a program asks for a token and then the API itself,
 * at the address that the token is for. Here that is this process, on loopback.
 */
export async function resourceManager(context: FunctionContext): Promise<string> {
    server ??= start(context);
    const { port } = (await server).address() as AddressInfo;
    return token(`http://127.0.0.1:${port}`, context);
}

/** Providers that a subscription of the rehearsal has registered. */
const REGISTERED = [
    "AlertsManagement Authorization Compute ContainerRegistry ContainerService Dashboard DataProtection Features Insights KeyVault",
    "KubernetesConfiguration ManagedIdentity Monitor Network OperationalInsights RecoveryServices Resources Storage",
].flatMap((names) => names.split(" ").map((name) => `Microsoft.${name}`));

let server: Promise<Server> | undefined;

function start(context: FunctionContext): Promise<Server> {
    const http = createServer((request, response) => {
        const url = new URL(request.url ?? "/", "http://127.0.0.1");
        const answer = (status: number, body: unknown): void => {
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(body));
        };
        const refuse = (status: number, code: string, message: string): void =>
            answer(status, { error: { code, message } });
        if (!/^Bearer .+/.test(request.headers.authorization ?? "")) {
            return refuse(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
        }
        if (!url.searchParams.has("api-version")) {
            return refuse(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            );
        }
        context.requests
            .admit({ method: "GET", id: url.pathname })
            .then(() => {
                const value = list(url, context);
                if (value) return answer(200, { value });
                const found = resource(decodeURIComponent(url.pathname), context);
                if (found) return answer(200, found);
                const missing = notFound(url.pathname);
                return refuse(missing.status, missing.code, missing.detail);
            })
            .catch((error: Error) => refuse(429, "TooManyRequests", error.message));
    });
    return new Promise((resolve, reject) => {
        http.once("error", reject);
        // The server alone does not keep the process alive.
        http.listen(0, "127.0.0.1", () => resolve(http.unref()));
    });
}

/** A resource as ARM itself shows it, not flattened. */
function resource(id: string, { cloud }: FunctionContext): unknown {
    const found = cloud.get(id);
    if (!found) return undefined;
    const body = "properties" in found.body ? found.body : { properties: found.body };
    const properties = { ...(body.properties as Properties), provisioningState: "Succeeded" };
    if (/\/managedClusters$/i.test(found.type)) {
        // A cluster shows all of its pools, however they were made.
        const own = cloud
            .list("Microsoft.ContainerService/managedClusters/agentPools")
            .filter((pool) => pool.id.toLowerCase().startsWith(`${found.id.toLowerCase()}/`))
            .map(({ name, outputs }) => ({ ...outputs, name }));
        const inline = found.outputs.agentPoolProfiles;
        return {
            ...body,
            ...named(found),
            properties: { ...properties, agentPoolProfiles: [...(Array.isArray(inline) ? inline : []), ...own] },
        };
    }
    return { ...body, ...named(found), properties };
}

function named({ id, name, type }: CloudResource): Properties {
    return { id, name, type };
}

function list(url: URL, context: FunctionContext): unknown[] | undefined {
    const { account, cloud, requests } = context;
    const prefix = `/subscriptions/${account.subscriptionId}`.toLowerCase();
    const path = url.pathname.toLowerCase();
    if (!path.startsWith(prefix)) return undefined;
    const rest = path.slice(prefix.length);
    if (rest === "/providers") {
        return REGISTERED.map((namespace) => ({
            id: `/subscriptions/${account.subscriptionId}/providers/${namespace}`,
            namespace,
            registrationState: requests.faults.unregistered?.includes(namespace) ? "NotRegistered" : "Registered",
        }));
    }
    if (rest === "/providers/microsoft.compute/skus") {
        const region =
            regionName(/location eq '([^']+)'/.exec(url.searchParams.get("$filter") ?? "")?.[1]) ?? "westeurope";
        return skus(region, requests.faults.zonesDown ?? []);
    }
    const usages = /^\/providers\/microsoft\.compute\/locations\/([^/]+)\/usages$/.exec(rest);
    if (usages) {
        const used = usage(cloud, usages[1], requests.faults);
        return ["cores", ...FAMILIES].map((family) => {
            const { current, limit } = used(family);
            const localizedValue = family === "cores" ? "Total Regional vCPUs" : `${family} vCPUs`;
            return { name: { value: family, localizedValue }, currentValue: current, limit, unit: "Count" };
        });
    }
    // What of one type a resource group holds.
    const inGroup = /^(\/resourcegroups\/[^/]+)\/providers\/([^/]+\/[^/]+)$/.exec(rest);
    if (inGroup && cloud.has(prefix + inGroup[1])) {
        return cloud
            .list(inGroup[2])
            .filter(({ id }) => id.toLowerCase().startsWith(`${prefix}${inGroup[1]}/`))
            .map(({ id }) => resource(id, context));
    }
    return undefined;
}

function skus(region: string, zonesDown: string[]): unknown[] {
    const zones = zonesOf(region) ?? [];
    const lost = zones.filter((zone) => zonesDown.includes(`${region}-${zone}`));
    return SIZES.map((size) => ({
        resourceType: "virtualMachines",
        name: size.name,
        tier: "Standard",
        size: size.name.replace("Standard_", ""),
        family: size.family,
        locations: [region],
        locationInfo: [{ location: region, zones: [...zones] }],
        capabilities: Object.entries({
            vCPUs: size.cores,
            MemoryGB: size.memoryGiB,
            CpuArchitectureType: size.arm ? "Arm64" : "x64",
            PremiumIO: size.premium ? "True" : "False",
            EncryptionAtHostSupported: "True",
            EphemeralOSDiskSupported: size.temporaryDiskGiB > 0 ? "True" : "False",
            MaxResourceVolumeMB: size.temporaryDiskGiB * 1024,
            MaxDataDiskCount: size.maxDataDisks,
            UncachedDiskIOPS: size.uncachedIops,
            UncachedDiskBytesPerSecond: size.uncachedMebibytesPerSecond * 2 ** 20,
            HyperVGenerations: size.generations.join(","),
            TrustedLaunchDisabled: size.trustedLaunch ? "False" : "True",
            AcceleratedNetworkingEnabled: size.acceleratedNetworking ? "True" : "False",
            CachedDiskBytes: size.temporaryDiskGiB * 2 ** 30,
        }).map(([name, value]) => ({ name, value: String(value) })),
        restrictions:
            lost.length > 0
                ? [
                      {
                          type: "Zone",
                          reasonCode: "NotAvailableForSubscription",
                          restrictionInfo: { locations: [region], zones: lost },
                          values: [region],
                      },
                  ]
                : [],
    }));
}

/** A token that says where it is good for. Unsigned: nobody but this process reads it. */
function token(audience: string, { account }: FunctionContext): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const now = Math.floor(Date.now() / 1000);
    const claims = {
        aud: audience,
        iat: now,
        exp: now + 3600,
        oid: account.objectId,
        appid: account.clientId,
        tid: account.tenantId,
    };
    return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.simulated`;
}
