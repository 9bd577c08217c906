import {
    diffProperties,
    hasUnknown,
    logToEngine,
    PartialFailure,
    UNKNOWN,
    type CheckFailure,
    type CheckRequest,
    type Created,
    type CreateRequest,
    type DeleteRequest,
    type Diff,
    type DiffRequest,
    type Properties,
    type Provider,
    type Read,
    type ReadRequest,
    type UpdateRequest,
} from "../provider";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "./client";
import { Cluster, defaultNamespace, UnreachableError } from "./cluster";
import { contractDefinition } from "./contracts";
import { isScaffolding, openKindIsNamespaced } from "./definitions";
import { diffOfSettings } from "./diffSettings";
import { objectPath } from "./discovery";
import { driftedInputs } from "./drift";
import { decodeYaml } from "./functions";
import { isBuiltInGroup, isClusterKind, isList, kindOf, type Kind } from "./kinds";
import { Releases, releaseToken } from "./helm/releases";
import { inputsOf, pulumiManager } from "./managedFields";
import { autonamedAnnotation, withName } from "./naming";
import {
    annotation,
    at,
    idOf,
    isAnnotatedTrue,
    parseId,
    withMetadata,
    withoutNulls,
    type KubernetesObject,
} from "./objects";
import { outputsOfDryRun, outputsWithoutServer } from "./preview";
import { explain, isNamespaceMissing } from "./refusal";
import { forcesReplacement } from "./replacement";
import { readSettings, type Settings } from "./settings";
import { reportUnjudged } from "./unjudged";
import { waitUntilGone, waitUntilReady } from "./waiting";

/** As long as pulumi-kubernetes waits where nothing else is said. */
const defaultTimeoutSeconds = 600;

/** Name under which the field manager is kept in the state. */
const fieldManagerKey = "__fieldManager";

/** Applies objects to a real API server, as @pulumi/kubernetes 4.34 does for programs. */
export class KubernetesProvider implements Provider {
    private settings: Settings = readSettings({});
    private opening?: Promise<Cluster | undefined>;
    /** Custom kinds that the program itself defines, `group/Kind`. */
    private readonly definedByProgram = new Set<string>();
    private saidUnreachable = false;
    /** Where objects go that name no namespace; looked up once. */
    private namespaceByDefault?: string;
    private readonly releases = new Releases(
        () => this.namespace(),
        async (previewUrn) => (await this.cluster(previewUrn))?.client,
    );

    async configure(properties: Properties): Promise<void> {
        this.settings = readSettings(properties);
        this.namespaceByDefault = undefined;
    }

    async diffConfig(oldSettings: Properties, settings: Properties): Promise<Diff> {
        return diffOfSettings(oldSettings, settings);
    }

    async check(request: CheckRequest): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
        if (request.type === releaseToken) return this.releases.check(request);
        if (isList(request.type))
            throw new Error(
                `${request.type} exists for the sake of YAML files; register the objects of the list instead`,
            );
        const kind = kindOf(request.type, request.inputs);
        const failures: CheckFailure[] = [];
        let inputs = request.inputs;
        const named = inputs.metadata === UNKNOWN || at(inputs, "metadata", "name");
        if (kind.patch && !named)
            failures.push({
                property: "metadata.name",
                reason: "a …Patch resource has to name the object that it changes",
            });
        else if (!named && at(inputs, "metadata", "generateName"))
            failures.push({
                property: "metadata.generateName",
                reason: "not possible with server-side apply; leave the name out to have one generated",
            });
        else inputs = withName(inputs, request.oldInputs, request.name, request.randomSeed);

        if (inputs.metadata !== UNKNOWN && !at(inputs, "metadata", "namespace") && (await this.isNamespaced(kind)))
            inputs = withMetadata(inputs, "namespace", this.namespace());
        this.rememberDefinition(kind, inputs);
        await this.reportIfUnjudged(request.urn, kind);
        return { inputs, failures };
    }

    async diff(request: DiffRequest): Promise<Diff> {
        if (request.type === releaseToken) return this.releases.diff(request);
        const kind = kindOf(request.type, request.inputs);
        const entries = diffProperties(request.oldInputs, request.inputs, {
            forcesReplacement: (path) => forcesReplacement(kind, request.inputs, this.settings, path),
        });
        const replaces = Object.values(entries).some(({ replace }) => replace);
        const [before, after] = [request.oldInputs.metadata, request.inputs.metadata];
        const sameName =
            !isAnnotatedTrue(request.inputs, autonamedAnnotation) &&
            at(after, "name") === at(before, "name") &&
            at(after, "namespace") === at(before, "namespace");
        return { entries, deleteBeforeReplace: replaces && sameName };
    }

    async create(request: CreateRequest): Promise<Created> {
        if (request.type === releaseToken) return this.releases.create(request);
        const { inputs, preview, urn } = request;
        const kind = kindOf(request.type, inputs);
        const cluster = await this.cluster(preview ? urn : undefined);
        if (!cluster || (preview && (hasUnknown(inputs) || kind.patch))) {
            if (!preview) throw new Error("the provider's kubeconfig is not known");
            return { id: "", outputs: outputsWithoutServer(inputs) };
        }
        return preview ? this.previewCreate(cluster, kind, inputs) : this.reallyCreate(cluster, kind, request);
    }

    async update(request: UpdateRequest): Promise<Properties> {
        if (request.type === releaseToken) return this.releases.update(request);
        const { inputs, preview, oldOutputs, urn, id } = request;
        const kind = kindOf(request.type, inputs);
        const cluster = await this.cluster(preview ? urn : undefined);
        if (!cluster || (preview && hasUnknown(inputs))) {
            if (!preview) throw new Error("the provider's kubeconfig is not known");
            return { ...oldOutputs, ...inputs };
        }
        const doing = `changing ${kind.kind} ${id}`;
        const manager = this.fieldManager(inputs, oldOutputs);
        try {
            const path = await this.pathOf(cluster, kind, inputs);
            if (!(await cluster.client.findMetadata(path)))
                throw new ApiError(404, {
                    message: `${id} is not there any more; \`pulumi refresh\` takes note of that`,
                });
            const applied = await this.apply(cluster, path, inputs, manager, { preview });
            if (preview) return { ...applied, [fieldManagerKey]: manager };
            return await this.settle(cluster, kind, path, id, applied, manager, request);
        } catch (error) {
            throw explain(doing, error);
        }
    }

    async read(request: ReadRequest): Promise<Read> {
        if (request.type === releaseToken) return this.releases.read(request);
        const { type, id, oldInputs, oldOutputs } = request;
        const kind = kindOf(type, oldInputs);
        const cluster = await this.cluster();
        if (!cluster) throw new Error("the provider's kubeconfig is not known");
        const { name, namespace } = parseId(id);
        const resource = await cluster.discovery.find(kind);
        const live = resource && (await cluster.client.find(objectPath(kind, resource, name, namespace)));
        if (!live) return undefined;
        const manager = (oldOutputs?.[fieldManagerKey] as string | undefined) ?? pulumiManager(live);
        const outputs = { ...live, ...(manager && { [fieldManagerKey]: manager }) };
        const inputs = oldInputs && oldOutputs ? driftedInputs(oldInputs, oldOutputs, live) : inputsOf(live);
        return { id: idOf(live), inputs, outputs };
    }

    async delete(request: DeleteRequest): Promise<void> {
        if (request.type === releaseToken) return this.releases.delete(request);
        const { oldInputs, oldOutputs, id, signal } = request;
        const kind = kindOf(request.type, oldInputs);
        let cluster: Cluster | undefined;
        try {
            cluster = await this.cluster();
        } catch (error) {
            if (error instanceof UnreachableError && this.settings.deleteUnreachable) return;
            throw error;
        }
        if (!cluster) throw new Error("the provider's kubeconfig is not known");
        try {
            const resource = await cluster.discovery.find(kind);
            if (!resource) return; // its definition is gone, and took it along
            const { name, namespace } = parseId(id);
            const path = objectPath(kind, resource, name, namespace);
            if (kind.patch) return await this.letGo(cluster, path, kind, oldInputs, oldOutputs);
            const uid = at(oldOutputs, "metadata", "uid");
            await cluster.client.request("DELETE", path, {
                signal,
                body: {
                    apiVersion: "v1",
                    kind: "DeleteOptions",
                    // Nobody makes dependents of a kind that has no operator, and the collector, which carries out a
                    // foreground deletion, takes half a minute to notice a new kind.
                    propagationPolicy: (await cluster.definitions.isOwn(kind, resource))
                        ? "Background"
                        : propagation(oldInputs),
                },
            });
            if (isAnnotatedTrue(oldInputs, "pulumi.com/skipAwait")) return;
            const timeoutSeconds = timeoutOf(oldInputs, request.timeoutSeconds);
            await waitUntilGone(cluster.client, path, uid, { timeoutSeconds, signal });
            if (kind.kind === "CustomResourceDefinition") cluster.discovery.forget();
        } catch (error) {
            if (error instanceof ApiError && error.code === 404) return;
            throw explain(`deleting ${kind.kind} ${id}`, error);
        }
    }

    async invoke(token: string, args: Properties) {
        if (token === "kubernetes:yaml:decode") return { result: decodeYaml(args), failures: [] };
        throw new Error(`${token} is not part of a rehearsal: it renders what the rehearsal has no renderer for`);
    }

    private async previewCreate(cluster: Cluster, kind: Kind, inputs: Properties): Promise<Created> {
        try {
            const path = await this.pathOf(cluster, kind, inputs);
            // By force: it may stand in for an object that goes before this one is made.
            const dryRun = await this.apply(cluster, path, inputs, this.fieldManager(inputs), {
                preview: true,
                force: true,
            });
            return { id: "", outputs: outputsOfDryRun(kind, inputs, dryRun) };
        } catch (error) {
            const isImmutable = error instanceof ApiError && error.code === 422 && /immutable/.test(error.message);
            if (isImmutable && !annotation(inputs, previewAnnotation)) {
                const other = withMetadata(inputs, "name", `${at(inputs, "metadata", "name")}-preview`);
                const probe = withMetadata(other, "annotations", {
                    ...at(other, "metadata", "annotations"),
                    [previewAnnotation]: "true",
                });
                await this.previewCreate(cluster, kind, probe);
                return { id: "", outputs: outputsWithoutServer(inputs) };
            }
            const isForbidden = error instanceof ApiError && error.code === 403;
            if (isNamespaceMissing(error) || isForbidden) return { id: "", outputs: outputsWithoutServer(inputs) };
            throw explain(`${kind.kind} ${idOf(inputs)}`, error);
        }
    }

    private async reallyCreate(cluster: Cluster, kind: Kind, request: CreateRequest): Promise<Created> {
        const { inputs } = request;
        const manager = this.fieldManager(inputs);
        try {
            const path = await this.pathOf(cluster, kind, inputs);
            const existing = await cluster.client.find(path);
            const takesOver = existing && kind.kind === "CustomResourceDefinition" && isScaffolding(existing);
            // A Patch is a server-side apply, which also makes what is not there.
            if (existing && !kind.patch && !takesOver && !this.settings.upsertExistingObjects)
                throw new ApiError(409, {
                    reason: "AlreadyExists",
                    message: `${kind.kind} "${idOf(inputs)}" already exists`,
                });
            const force = takesOver ? true : undefined;
            const applied = await whileNamespaceIsMissing(request.signal, () =>
                this.apply(cluster, path, inputs, manager, { force }),
            );
            const id = idOf(applied);
            return { id, outputs: await this.settle(cluster, kind, path, id, applied, manager, request) };
        } catch (error) {
            throw explain(`creating ${kind.kind} ${idOf(inputs)}`, error);
        }
    }

    /** Waits until the object is ready; one that never is stays in the state, marked. */
    private async settle(
        cluster: Cluster,
        kind: Kind,
        path: string,
        id: string,
        applied: KubernetesObject,
        manager: string,
        { inputs, timeoutSeconds, signal }: CreateRequest,
    ): Promise<Properties> {
        const options = { timeoutSeconds: timeoutOf(inputs, timeoutSeconds), signal };
        const { live, trouble } = await waitUntilReady(cluster.client, kind, path, applied, options);
        const outputs = { ...live, [fieldManagerKey]: manager };
        if (trouble) throw new PartialFailure(`${kind.kind} ${id} was applied, but ${trouble}`, id, inputs, outputs);
        if (kind.kind === "CustomResourceDefinition") cluster.discovery.forget();
        return outputs;
    }

    private async apply(
        cluster: Cluster,
        path: string,
        inputs: Properties,
        manager: string,
        { preview = false, force }: { preview?: boolean; force?: boolean },
    ): Promise<KubernetesObject> {
        const forced = force ?? (this.settings.enablePatchForce || isAnnotatedTrue(inputs, "pulumi.com/patchForce"));
        const { body } = await cluster.client.apply(path, withoutNulls(inputs), manager, {
            force: String(forced),
            fieldValidation: "Strict",
            dryRun: preview ? "All" : undefined,
        });
        return body;
    }

    /** A Patch resource that goes gives back the fields that it managed, and leaves the object. */
    private async letGo(cluster: Cluster, path: string, kind: Kind, oldInputs: Properties, oldOutputs: Properties) {
        const { name, namespace } = oldOutputs.metadata as { name: string; namespace?: string };
        const nothing = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace } };
        await cluster.client.apply(path, nothing, this.fieldManager(oldInputs, oldOutputs), { force: "true" });
    }

    private async pathOf(cluster: Cluster, kind: Kind, inputs: Properties): Promise<string> {
        const resource = await cluster.definitions.resource(kind);
        return objectPath(kind, resource, at(inputs, "metadata", "name"), at(inputs, "metadata", "namespace"));
    }

    private fieldManager(inputs: Properties, oldOutputs?: Properties): string {
        const chosen = annotation(inputs, "pulumi.com/patchFieldManager") ?? oldOutputs?.[fieldManagerKey];
        return typeof chosen === "string" ? chosen : `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
    }

    private namespace(): string {
        return (this.namespaceByDefault ??= defaultNamespace(this.settings));
    }

    private async isNamespaced(kind: Kind): Promise<boolean> {
        if (isBuiltInGroup(kind.group)) return !isClusterKind(kind);
        const contract = contractDefinition(kind.group, kind.kind);
        if (contract) return contract.namespaced;
        const served = await this.ifReachable((cluster) => cluster.discovery.find(kind));
        return served?.namespaced ?? openKindIsNamespaced(kind.kind);
    }

    private rememberDefinition(kind: Kind, inputs: Properties): void {
        if (kind.kind !== "CustomResourceDefinition") return;
        this.definedByProgram.add(`${at(inputs, "spec", "group")}/${at(inputs, "spec", "names", "kind")}`);
    }

    private async reportIfUnjudged(urn: string, kind: Kind): Promise<void> {
        if (isBuiltInGroup(kind.group) || this.definedByProgram.has(`${kind.group}/${kind.kind}`)) return;
        const open =
            (await this.ifReachable((cluster) => cluster.definitions.isOpen(kind))) ??
            !contractDefinition(kind.group, kind.kind);
        if (!open) return;
        reportUnjudged(
            urn,
            `${kind.kind} (${kind.apiVersion})`,
            "no definition of this kind is known; an open one lets everything through",
        );
    }

    private async ifReachable<T>(ask: (cluster: Cluster) => Promise<T>): Promise<T | undefined> {
        const cluster = await this.cluster("").catch(() => undefined);
        return cluster && ask(cluster);
    }

    /**
     * The cluster, asked for once. `undefined` where the kubeconfig is unknown, and in a preview also where nobody
     * answers: then the inputs are all that a preview can show, and it says so.
     *
     * @param previewUrn - resource that is previewed; absent outside of previews
     */
    private async cluster(previewUrn?: string): Promise<Cluster | undefined> {
        this.opening ??= Cluster.open(this.settings);
        try {
            return await this.opening;
        } catch (error) {
            this.opening = undefined;
            if (previewUrn === undefined || !(error instanceof UnreachableError)) throw error;
            if (previewUrn && !this.saidUnreachable) {
                this.saidUnreachable = true;
                await logToEngine(previewUrn, "warning", `${error.message}; objects are previewed without it`);
            }
            return undefined;
        }
    }
}

/** Marks the stand-in that a preview tries where the object itself exists and cannot be changed. */
const previewAnnotation = "rehearsal.mainstay/preview";

function propagation(inputs: Properties): "Orphan" | "Background" | "Foreground" {
    switch (annotation(inputs, "pulumi.com/deletionPropagationPolicy")?.toLowerCase()) {
        case "orphan":
            return "Orphan";
        case "background":
            return "Background";
        default:
            return "Foreground";
    }
}

/** The resource option wins over the annotation. */
function timeoutOf(inputs: Properties, requested: number): number {
    return requested || Number(annotation(inputs, "pulumi.com/timeoutSeconds")) || defaultTimeoutSeconds;
}

/** A namespace that the same deployment makes, without the program saying that one waits for the other. */
async function whileNamespaceIsMissing<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    for (let pause = 500; ; pause *= 2) {
        try {
            return await attempt();
        } catch (error) {
            if (!isNamespaceMissing(error) || pause > 8_000) throw error;
            await sleep(pause, undefined, { signal });
        }
    }
}
