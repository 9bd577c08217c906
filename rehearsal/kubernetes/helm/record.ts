import type { Properties } from "../../provider";
import type { KubernetesClient } from "../client";
import { at } from "../objects";

/** A release as it is kept in the cluster: where Helm keeps it, under Helm's name and labels, its content our own. */
export interface ReleaseRecord {
    name: string;
    namespace: string;
    revision: number;
    /** What the program asked for. */
    inputs: Properties;
}

function secretsPath(namespace: string): string {
    return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
}

function secretName({ name, revision }: ReleaseRecord): string {
    return `sh.helm.release.v1.${name}.v${revision}`;
}

/** The newest revision of a release, `undefined` where there is none. */
export async function findRelease(
    client: KubernetesClient,
    namespace: string,
    name: string,
): Promise<ReleaseRecord | undefined> {
    const labelSelector = `owner=helm,name=${name}`;
    const { items } = await client.get(secretsPath(namespace), { labelSelector });
    const newest = (items as any[]).sort((one, other) => revisionOf(other) - revisionOf(one))[0];
    if (!newest) return undefined;
    const content = at(newest, "data", "release");
    const inputs = content ? JSON.parse(Buffer.from(content, "base64").toString("utf8")).inputs : {};
    return { name, namespace, revision: revisionOf(newest), inputs: inputs ?? {} };
}

/** Refused by the server where that revision exists already. */
export async function writeRelease(client: KubernetesClient, record: ReleaseRecord): Promise<void> {
    const { name, namespace, revision, inputs } = record;
    const release = Buffer.from(JSON.stringify({ simulated: true, inputs })).toString("base64");
    const labels = { owner: "helm", name, status: "deployed", version: String(revision) };
    const metadata = { name: secretName(record), namespace, labels };
    const body = { apiVersion: "v1", kind: "Secret", type: "helm.sh/release.v1", metadata, data: { release } };
    await client.request("POST", secretsPath(namespace), { body });
    if (revision > 1) await removeRevision(client, { ...record, revision: revision - 1 });
}

export async function removeRelease(client: KubernetesClient, namespace: string, name: string): Promise<void> {
    for (;;) {
        const record = await findRelease(client, namespace, name);
        if (!record) return;
        await removeRevision(client, record);
    }
}

async function removeRevision(client: KubernetesClient, record: ReleaseRecord): Promise<void> {
    await client.request("DELETE", `${secretsPath(record.namespace)}/${secretName(record)}`);
}

function revisionOf(secret: unknown): number {
    return Number(at(secret, "metadata", "labels", "version") ?? 0);
}
