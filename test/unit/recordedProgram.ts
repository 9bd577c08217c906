// As in the program: without it, registering takes ten times as long.
import "../../lean";
import * as pulumi from "@pulumi/pulumi";
import { disconnect, getMonitor } from "@pulumi/pulumi/runtime/settings";
import { logicalProvider } from "../../rehearsal/provider";

/** A resource as it was registered. */
export interface Recorded {
    type: string;
    name: string;
    inputs: any;
    /** Paths whose changes are ignored. */
    ignoreChanges: string[];
    /** Names of the resources that it waits for. */
    dependsOn: string[];
    deleteBeforeReplace: boolean;
    /** Paths whose changes replace it. */
    replaceOnChanges: string[];
    /** Stays in Azure when it leaves the program. */
    retainOnDelete: boolean;
    /** Name of the resource that it goes with. */
    deletedWith?: string;
}

/** A function of Azure that was called. */
export interface Called {
    token: string;
    args: any;
    /** How many resources had been registered before. */
    after: number;
}

export class Recording {
    readonly resources: Recorded[] = [];
    readonly calls: Called[] = [];

    ofType(type: string): Recorded[] {
        return this.resources.filter((resource) => resource.type === type);
    }

    one(name: string): Recorded {
        const found = this.resources.filter((resource) => resource.name === name);
        if (found.length !== 1)
            throw new Error(
                `${found.length} resources are named ${name}: ${this.resources.map((r) => r.name).join(", ")}`,
            );
        return found[0];
    }
}

const KUBECONFIG = [
    "users:",
    "- name: clusterUser",
    "  user:",
    "    exec:",
    "      command: kubelogin",
    "      args:",
    "      - get-token",
    "      - --login",
    "      - devicecode",
    "",
].join("\n");

/**
 * Runs a piece of the program without an engine, and gives what it registered. Secrets and unknowns are not marked, the
 * rehearsals look after those.
 */
export async function record<T>(
    build: () => T | Promise<T>,
    answers: Record<string, (args: any) => any> = {},
    stack = "prod",
): Promise<{ recording: Recording; result: T }> {
    const recording = new Recording();
    await pulumi.runtime.setMocks(
        {
            newResource: async ({ name, type, inputs }) => ({
                id: idOf(name),
                state: { ...inputs, ...outputsOf(type, name, inputs), ...(await logical(type, name, inputs)) },
            }),
            call({ token, inputs }) {
                recording.calls.push({ token, args: inputs, after: recording.resources.length });
                const answer = { ...ANSWERS, ...answers }[token];
                if (!answer) throw new Error(`nobody answers ${token}`);
                return answer(inputs);
            },
        },
        "mainstay",
        stack,
        false,
    );
    watchRegistrations(recording);
    const result = await build();
    await disconnect();
    return { recording, result };
}

/** The mocks are told of inputs only, the monitor of a resource's options as well. */
function watchRegistrations(recording: Recording): void {
    const monitor: any = getMonitor();
    const register = monitor.registerResource;
    monitor.registerResource = (request: any, callback: unknown) => {
        recording.resources.push({
            type: request.getType(),
            name: request.getName(),
            inputs: request.getObject().toJavaScript(),
            ignoreChanges: request.getIgnorechangesList(),
            dependsOn: request.getDependenciesList().map(nameOf),
            deleteBeforeReplace: request.getDeletebeforereplace(),
            replaceOnChanges: request.getReplaceonchangesList(),
            retainOnDelete: request.getRetainondelete() === true,
            deletedWith: request.getDeletedwith() ? nameOf(request.getDeletedwith()) : undefined,
        });
        return register.call(monitor, request, callback);
    };
}

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

/** Where recorded programs go. */
export const subscription = {
    subscriptionId: "11111111-1111-4111-8111-111111111111",
    tenantId: "33333333-3333-4333-8333-333333333333",
};

/** IDs say which resource they are of. */
export function idOf(name: string): string {
    return `/subscriptions/${subscription.subscriptionId}/${name}`;
}

const ANSWERS: Record<string, (args: any) => any> = {
    "azure-native:authorization:getClientConfig": () => subscription,
    "azure-native:containerservice:listManagedClusterUserCredentials": () => ({
        kubeconfigs: [{ name: "clusterUser", value: Buffer.from(KUBECONFIG).toString("base64") }],
    }),
};

const made = new Map<string, Promise<object>>();

/** Keys, certificates and passwords are real ones, as in a rehearsal; the same inputs get the same once more. */
function logical(type: string, name: string, inputs: any): Promise<object> {
    const [provider] = type.split(":");
    if (provider !== "tls" && provider !== "random") return Promise.resolve({});
    const key = JSON.stringify([type, name, inputs]);
    if (!made.has(key)) made.set(key, makeLogical(provider, type, name, withoutSecrets(inputs)));
    return made.get(key)!;
}

async function makeLogical(package_: string, type: string, name: string, inputs: any): Promise<object> {
    const urn = `urn:pulumi:prod::mainstay::${type}::${name}`;
    const { resources } = await import(`../../rehearsal/${package_}/resources`);
    const provider = logicalProvider(resources);
    const checked = await provider.check({ urn, type, name, inputs, randomSeed: Buffer.alloc(0) });
    if (checked.failures.length > 0)
        throw new Error(`${name}: ${checked.failures.map(({ reason }) => reason).join("; ")}`);
    const { signal } = new AbortController();
    const request = { urn, type, name, inputs: checked.inputs, preview: false, timeoutSeconds: 0, signal };
    return (await provider.create(request)).outputs;
}

function withoutSecrets(value: any): any {
    if (Array.isArray(value)) return value.map(withoutSecrets);
    if (typeof value !== "object" || value === null) return value;
    if (pulumi.runtime.specialSigKey in value) return withoutSecrets(value.value);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each)]));
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? urn;
}

function outputsOf(type: string, name: string, inputs: any): object {
    switch (type) {
        case "azure-native:resources:ResourceGroup":
            return { name: inputs.resourceGroupName };
        case "azure-native:network:PublicIPAddress":
            return { ipAddress: `203.0.113.${1 + (name.codePointAt(name.length - 1) ?? 0)}` };
        case "azure-native:network:VirtualNetwork":
            return { name: inputs.virtualNetworkName };
        case "azure-native:privatedns:PrivateZone":
            return { name: inputs.privateZoneName };
        case "azure-native:managedidentity:UserAssignedIdentity":
            return {
                principalId: "22222222-2222-4222-8222-222222222222",
                clientId: "55555555-5555-4555-8555-555555555555",
            };
        case "azure-native:keyvault:Vault":
            return { name: inputs.vaultName };
        case "azure-native:storage:StorageAccount":
            return {
                name: inputs.accountName,
                primaryEndpoints: { web: `https://${inputs.accountName}.z6.web.core.windows.net/` },
            };
        case "azure-native:containerservice:ManagedCluster":
            return {
                name: inputs.resourceName,
                fqdn: "public.example.com",
                privateFQDN: "private.example.com",
                oidcIssuerProfile: { enabled: true, issuerURL: "https://issuer.example.com/" },
            };
        default:
            return {};
    }
}
