import type { Properties } from "./values";

/** One input that a provider refuses, named as the user wrote it. */
export interface CheckFailure {
    /** Path of the input, such as `networkProfile.podCidr` or `spec.rules[0].to`. */
    property?: string;
    reason: string;
}

export interface CheckRequest {
    urn: string;
    type: string;
    name: string;
    /** Inputs of the last deployment; absent on the first. */
    oldInputs?: Properties;
    inputs: Properties;
    /** Stable seed from which to draw a generated name; empty when the engine gives none. */
    randomSeed: Buffer;
}

export interface DiffRequest {
    id: string;
    urn: string;
    type: string;
    oldInputs: Properties;
    oldOutputs: Properties;
    inputs: Properties;
}

export type DiffKind = "add" | "delete" | "update";

export interface DiffEntry {
    kind: DiffKind;
    /** The change forces a replacement. */
    replace?: boolean;
}

/** What a change of inputs means. No entries: nothing to do. */
export interface Diff {
    /** Keyed by property path, such as `agentPoolProfiles[0].count`. */
    entries: Record<string, DiffEntry>;
    /** The old one has to go before the new one can exist, because both would have the same name. */
    deleteBeforeReplace?: boolean;
}

export interface CreateRequest {
    urn: string;
    type: string;
    name: string;
    inputs: Properties;
    /** A preview changes nothing; what only the deployment will know is `UNKNOWN` in the answer. */
    preview: boolean;
    timeoutSeconds: number;
    /** Aborted when the engine cancels: stop waiting and leave. */
    signal: AbortSignal;
}

export interface UpdateRequest extends CreateRequest {
    id: string;
    oldInputs: Properties;
    oldOutputs: Properties;
}

export interface DeleteRequest {
    id: string;
    urn: string;
    type: string;
    oldInputs: Properties;
    oldOutputs: Properties;
    timeoutSeconds: number;
    signal: AbortSignal;
}

export interface ReadRequest {
    id: string;
    urn: string;
    type: string;
    /** Absent when the resource is imported or read by `get`. */
    oldInputs?: Properties;
    oldOutputs?: Properties;
}

export interface Created {
    id: string;
    outputs: Properties;
}

/** `undefined` where the resource no longer exists. */
export type Read = { id: string; inputs: Properties; outputs: Properties } | undefined;

/**
 * What a provider of the rehearsal has to say; {@link serveProvider} speaks gRPC for it.
 *
 * Values come without secret and output wrappers: the engine marks outputs secret where the inputs of the same name
 * were, and the SDK names the rest (`additionalSecretOutputs`). Unknown values come as `UNKNOWN`.
 * A method that throws fails the operation with the error's message; {@link PartialFailure} keeps what was made.
 */
export interface Provider {
    /** Settings of the provider itself. Called once, before anything else; a setting may be `UNKNOWN` in a preview. */
    configure?(settings: Properties): Promise<void>;
    /** Settings of the provider that cannot change without a new cluster, cloud, … behind it. @default no replacement */
    diffConfig?(oldSettings: Properties, settings: Properties): Promise<Diff>;
    check(request: CheckRequest): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
    diff(request: DiffRequest): Promise<Diff>;
    create(request: CreateRequest): Promise<Created>;
    read(request: ReadRequest): Promise<Read>;
    update(request: UpdateRequest): Promise<Properties>;
    delete(request: DeleteRequest): Promise<void>;
    /** A function, such as `azure-native:containerservice:listManagedClusterUserCredentials`. */
    invoke?(
        token: string,
        args: Properties,
        preview: boolean,
    ): Promise<{ result: Properties; failures: CheckFailure[] }>;
}

/** The resource exists but is not as asked for: the engine records it, and the next deployment goes on from there. */
export class PartialFailure extends Error {
    constructor(
        message: string,
        readonly id: string,
        readonly inputs: Properties,
        readonly outputs: Properties,
    ) {
        super(message);
    }
}
