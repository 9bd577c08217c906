import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedAzure } from "../../rehearsal/azure";
import type { RunOnMachine } from "../../rehearsal/azure/operations/extensionRun";
import { sdkOfRehearsal } from "../../rehearsal/azure/sdk/sdk";
import type { CheckFailure, Created } from "../../rehearsal/provider/provider";
import type { Properties } from "../../rehearsal/provider/values";

/** Reading the SDK's declarations is most of what a new provider does: once for all tests. */
const sdk = sdkOfRehearsal();

/** A simulated Azure of a test's own, in a folder that {@link AzureRun.end} removes. */
export class AzureRun {
    readonly folder = mkdtempSync(join(tmpdir(), "mainstay-azure-"));
    readonly azure: SimulatedAzure;
    private readonly before = process.env.MAINSTAY_REHEARSAL;

    /** @param run what machines do when an extension is put on them; nothing, unless a test says otherwise */
    constructor(run: RunOnMachine = async () => undefined) {
        process.env.MAINSTAY_REHEARSAL = this.folder;
        this.azure = new SimulatedAzure(sdk, run);
    }

    /** Another provider instance on the same cloud, as another process would be. */
    another(): SimulatedAzure {
        process.env.MAINSTAY_REHEARSAL = this.folder;
        return new SimulatedAzure(sdk);
    }

    end(): void {
        rmSync(this.folder, { recursive: true, force: true });
        if (this.before === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = this.before;
    }

    async check(
        type: string,
        inputs: Properties,
        name = "x",
        oldInputs?: Properties,
    ): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
        return this.azure.check({ ...identity(type, name), inputs, oldInputs, randomSeed: Buffer.from(name) });
    }

    /** Checks and creates, as the engine does. */
    async make(type: string, inputs: Properties, name = "x"): Promise<Created & { inputs: Properties }> {
        const checked = await this.check(type, inputs, name);
        if (checked.failures.length > 0) throw new Error(checked.failures.map(({ reason }) => reason).join("\n"));
        const created = await this.azure.create({
            ...identity(type, name),
            ...operation(),
            inputs: checked.inputs,
            preview: false,
        });
        return { ...created, inputs: checked.inputs };
    }

    async preview(type: string, inputs: Properties, name = "x"): Promise<Created> {
        return this.azure.create({ ...identity(type, name), ...operation(), inputs, preview: true });
    }

    async update(
        type: string,
        made: Created & { inputs: Properties },
        change: Properties,
        name = "x",
    ): Promise<Properties> {
        const inputs = { ...made.inputs, ...change };
        return this.azure.update({
            ...identity(type, name),
            ...operation(),
            id: made.id,
            oldInputs: made.inputs,
            oldOutputs: made.outputs,
            inputs,
            preview: false,
        });
    }

    async remove(type: string, made: Created & { inputs: Properties }): Promise<void> {
        await this.azure.delete({
            ...identity(type, "x"),
            ...operation(),
            id: made.id,
            oldInputs: made.inputs,
            oldOutputs: made.outputs,
        });
    }
}

export function identity(type: string, name: string): { urn: string; type: string; name: string } {
    const token = `azure-native:${type}`;
    return { urn: `urn:pulumi:test::test::${token}::${name}`, type: token, name };
}

export function operation(): { timeoutSeconds: number; signal: AbortSignal } {
    return { timeoutSeconds: 60, signal: new AbortController().signal };
}

export const CLUSTER = "containerservice:ManagedCluster";
export const POOL = "containerservice:AgentPool";

/** A group, a network 10.1.0.0/16 with a subnet 10.1.0.0/22, and inputs that Azure takes. */
export async function base(run: AzureRun) {
    const group = await run.make("resources:ResourceGroup", { resourceGroupName: "rg", location: "westeurope" });
    const network = await run.make("network:VirtualNetwork", {
        resourceGroupName: "rg",
        virtualNetworkName: "vnet",
        addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
    });
    const subnet = await run.make("network:Subnet", {
        resourceGroupName: "rg",
        virtualNetworkName: "vnet",
        subnetName: "nodes",
        addressPrefix: "10.1.0.0/22",
    });
    const cluster = {
        resourceGroupName: "rg",
        resourceName: "aks",
        dnsPrefix: "aks",
        identity: { type: "SystemAssigned" },
        sku: { name: "Base", tier: "Standard" },
        agentPoolProfiles: [
            {
                name: "system",
                mode: "System",
                count: 3,
                vmSize: "Standard_D4ds_v5",
                availabilityZones: ["1", "2", "3"],
                vnetSubnetID: subnet.id,
            },
        ],
        networkProfile: { networkPlugin: "azure", networkPluginMode: "overlay" },
    } satisfies Properties;
    const balancer = {
        resourceGroupName: "rg",
        loadBalancerName: "lb",
        sku: { name: "Standard" },
        frontendIPConfigurations: [{ name: "front", subnet: { id: subnet.id } }],
        probes: [
            {
                name: "ready",
                protocol: "Https",
                port: 6443,
                requestPath: "/readyz",
                intervalInSeconds: 5,
                probeThreshold: 2,
            },
        ],
    } satisfies Properties;
    return { group, network, subnet, cluster, balancer };
}

/** Properties with one path set (`a.b[0].c`) or, by `undefined`, taken out. */
export function changed(inputs: Properties, path: string, value: unknown): Properties {
    const copy = structuredClone(inputs);
    const keys = path.replaceAll("[", ".").replaceAll("]", "").split(".");
    let at = copy as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    if (value === undefined) delete at[keys.at(-1)!];
    else at[keys.at(-1)!] = value;
    return copy;
}
