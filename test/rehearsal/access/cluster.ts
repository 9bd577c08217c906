import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../../components/cluster";
import { GroupRbac } from "../../../components/groupRbac";
import { PlatformNamespaces } from "../../../components/platform";
import { Tenants } from "../../../components/tenants";
import { startControlPlane, stopControlPlane } from "../../../rehearsal/controlPlane";
import { layout, readJson } from "../../../rehearsal/controlPlane/folder";
import { aksServerApplication, personClaims, type SignIn, signToken } from "../../../rehearsal/kubelogin/token";
import type { KubernetesClient } from "../../../rehearsal/kubernetes/client";
import { clientFor } from "../../../rehearsal/kubernetes/kubeconfig";
import { KubernetesProvider } from "../../../rehearsal/kubernetes/provider";
import { record, type Recorded, subscription } from "../../unit/recordedProgram";
import { platformGroups, tenants } from "./people";

/** A real API server that holds what the program's own components make: namespaces, roles, bindings. */
export interface AccessCluster {
    /** A member of the administrators' group. */
    client: KubernetesClient;
    /** What somebody gets who signs in as a member of these groups. */
    tokenFor(groups: string[]): string;
    stop(): Promise<void>;
}

export async function startAccessCluster(): Promise<AccessCluster> {
    const before = process.env.MAINSTAY_REHEARSAL;
    const sandbox = await mkdtemp(join(tmpdir(), "mainstay-access-test-"));
    const folder = join(sandbox, "cluster");
    process.env.MAINSTAY_REHEARSAL = sandbox;
    let client: KubernetesClient | undefined;
    const stop = async () => {
        client?.close();
        if (before === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = before;
        await stopControlPlane(folder);
        await rm(sandbox, { recursive: true, force: true });
    };
    try {
        const { kubeconfig } = await startControlPlane(folder);
        client = clientFor(kubeconfig);
        const provider = new KubernetesProvider();
        await provider.configure({ kubeconfig });
        for (const resource of await objects()) await create(provider, resource);
        const signIn = readJson<SignIn>(layout(folder).signIn)!;
        const request = { audience: aksServerApplication, clientId: "kubectl", tenantId: subscription.tenantId };
        const tokenFor = (groups: string[]) => signToken(signIn, personClaims(signIn, request, groups));
        return { client, tokenFor, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

/** What the components register, in the order in which they do. */
async function objects(): Promise<Recorded[]> {
    const site = { prefix: "mainstay-test", location: "westeurope", zones: ["1"], tags: {}, ...subscription };
    const { recording } = await record(() => {
        const cluster = { onCluster: {} } as Cluster;
        const platform = new PlatformNamespaces("platform", { cluster });
        const made = new Tenants("tenants", { cluster, tenants });
        new GroupRbac("access", { ...site, cluster, tenants: made, platform, groups: platformGroups });
    });
    return recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
}

async function create(provider: KubernetesProvider, { type, name, inputs }: Recorded): Promise<void> {
    const request = { urn: `urn:pulumi:t::t::${type}::${name}`, type, name, timeoutSeconds: 30 };
    const checked = await provider.check({ ...request, inputs, randomSeed: Buffer.alloc(0) });
    assert.deepEqual(checked.failures, []);
    await provider.create({
        ...request,
        inputs: checked.inputs,
        preview: false,
        signal: new AbortController().signal,
    });
}
