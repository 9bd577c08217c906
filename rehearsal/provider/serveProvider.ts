import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { toServiceError } from "./failure";
import { watchEngine } from "./lifetime";
import { diffProperties } from "./propertyPath";
import type { CheckFailure, Diff, DiffEntry, Provider } from "./provider";
import { fromWire, toWire } from "./wire";
import type { Properties } from "./values";

/** Messages of the engine's own size limit: a deployment may carry large charts. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** How long operations that were told to stop may take to write down where they are. The engine kills after 5 s. */
const GRACE_MILLISECONDS = 1500;

export interface ServeOptions {
    /** Package that the provider serves, such as `azure-native`. */
    name: string;
    /** Version that it answers with: the SDK's. */
    version: string;
}

/**
 * Speaks the engine's gRPC for a provider: serves it on a free loopback port, prints that port as the engine expects,
 * and leaves when the engine says so or is gone.
 */
export async function serveProvider(provider: Provider, options: ServeOptions): Promise<void> {
    const stopping = new AbortController();
    let inFlight = 0;

    const leave = () => {
        stopping.abort();
        if (inFlight === 0) process.exit(0);
        setTimeout(() => process.exit(0), GRACE_MILLISECONDS);
    };
    watchEngine(leave);

    /** Turns a plain async function into a gRPC method: errors become statuses, and a stop waits for the answer. */
    function method<Request, Response>(answer: (request: Request) => Promise<Response>) {
        return async (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
            inFlight++;
            try {
                callback(null, await answer(call.request));
            } catch (error) {
                callback(toServiceError(error));
            } finally {
                inFlight--;
                // The answer goes out first.
                if (stopping.signal.aborted && inFlight === 0) setTimeout(() => process.exit(0), 20);
            }
        };
    }

    const server = new Server({
        "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
        "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    });
    server.addService(ResourceProviderService, {
        // Secrets are not accepted: the engine takes the wrappers off and marks outputs secret as their inputs were.
        // Neither are references to resources: it sends the resource's ID, as it does to the official providers.
        handshake: method(async () => new messages.ProviderHandshakeResponse()),
        getPluginInfo: method(async () => new PluginInfo().setVersion(options.version)),
        checkConfig: method(async (request: messages.CheckRequest) =>
            new messages.CheckResponse().setInputs(toWire(fromWire(request.getNews()))),
        ),
        diffConfig: method(async (request: messages.DiffRequest) => {
            const before = fromWire(request.getOldInputs() ?? request.getOlds());
            const after = fromWire(request.getNews());
            return diffResponse(
                (await provider.diffConfig?.(before, after)) ?? { entries: diffProperties(before, after) },
            );
        }),
        configure: method(async (request: messages.ConfigureRequest) => {
            await provider.configure?.(withoutEngineSettings(fromWire(request.getArgs())));
            return new messages.ConfigureResponse().setSupportspreview(true);
        }),
        check: method(async (request: messages.CheckRequest) => {
            const { inputs, failures } = await provider.check({
                ...identity(request),
                oldInputs: request.hasOlds() ? fromWire(request.getOlds()) : undefined,
                inputs: fromWire(request.getNews()),
                randomSeed: Buffer.from(request.getRandomseed_asU8()),
            });
            return new messages.CheckResponse().setInputs(toWire(inputs)).setFailuresList(failures.map(failureMessage));
        }),
        diff: method(async (request: messages.DiffRequest) =>
            diffResponse(
                await provider.diff({
                    ...identity(request),
                    id: request.getId(),
                    oldInputs: fromWire(request.getOldInputs()),
                    oldOutputs: fromWire(request.getOlds()),
                    inputs: fromWire(request.getNews()),
                }),
            ),
        ),
        create: method(async (request: messages.CreateRequest) => {
            const { id, outputs } = await provider.create({
                ...identity(request),
                inputs: fromWire(request.getProperties()),
                preview: request.getPreview(),
                timeoutSeconds: request.getTimeout(),
                signal: stopping.signal,
            });
            return new messages.CreateResponse().setId(id).setProperties(toWire(outputs));
        }),
        read: method(async (request: messages.ReadRequest) => {
            const read = await provider.read({
                ...identity(request),
                id: request.getId(),
                oldInputs: propertiesIfAny(fromWire(request.getInputs())),
                oldOutputs: propertiesIfAny(fromWire(request.getProperties())),
            });
            // An empty ID says that there is nothing of the kind any more.
            if (!read) return new messages.ReadResponse();
            return new messages.ReadResponse()
                .setId(read.id)
                .setInputs(toWire(read.inputs))
                .setProperties(toWire(read.outputs));
        }),
        update: method(async (request: messages.UpdateRequest) => {
            const outputs = await provider.update({
                ...identity(request),
                id: request.getId(),
                oldInputs: fromWire(request.getOldInputs()),
                oldOutputs: fromWire(request.getOlds()),
                inputs: fromWire(request.getNews()),
                preview: request.getPreview(),
                timeoutSeconds: request.getTimeout(),
                signal: stopping.signal,
            });
            return new messages.UpdateResponse().setProperties(toWire(outputs));
        }),
        delete: method(async (request: messages.DeleteRequest) => {
            await provider.delete({
                ...identity(request),
                id: request.getId(),
                oldInputs: fromWire(request.getOldInputs()),
                oldOutputs: fromWire(request.getProperties()),
                timeoutSeconds: request.getTimeout(),
                signal: stopping.signal,
            });
            return new Empty();
        }),
        invoke: method(async (request: messages.InvokeRequest) => {
            if (!provider.invoke) throw new Error(`${options.name} has no function ${request.getTok()}`);
            const { result, failures } = await provider.invoke(
                request.getTok(),
                fromWire(request.getArgs()),
                request.getPreview(),
            );
            return new messages.InvokeResponse()
                .setReturn(toWire(result))
                .setFailuresList(failures.map(failureMessage));
        }),
        cancel: (_call: unknown, callback: sendUnaryData<Empty>) => {
            callback(null, new Empty());
            setTimeout(leave, 20);
        },
        getMapping: method(async () => new messages.GetMappingResponse()),
        getMappings: method(async () => new messages.GetMappingsResponse()),
    });

    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    process.stdout.write(`${port}\n`);
}

interface Identified {
    getUrn(): string;
    getType(): string;
    getName(): string;
}

/** Older engines give the URN alone: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. */
function identity(request: Identified): { urn: string; type: string; name: string } {
    const urn = request.getUrn();
    const [, , types = "", ...name] = urn.split("::");
    return {
        urn,
        type: request.getType() || types.slice(types.lastIndexOf("$") + 1),
        name: request.getName() || name.join("::"),
    };
}

/** The engine sends empty properties where a resource is imported or read. */
function propertiesIfAny(properties: Properties): Properties | undefined {
    return Object.keys(properties).length > 0 ? properties : undefined;
}

function withoutEngineSettings(settings: Properties): Properties {
    const { version: _version, pluginDownloadURL: _url, __internal, ...rest } = settings;
    return rest;
}

function failureMessage(failure: CheckFailure): messages.CheckFailure {
    return new messages.CheckFailure().setProperty(failure.property ?? "").setReason(failure.reason);
}

function diffResponse(diff: Diff): messages.DiffResponse {
    const response = new messages.DiffResponse();
    const paths = Object.keys(diff.entries);
    const { DiffChanges } = messages.DiffResponse;
    response.setChanges(paths.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
    response.setHasdetaileddiff(true);
    response.setDeletebeforereplace(diff.deleteBeforeReplace ?? false);
    response.setDiffsList([...new Set(paths.map(topLevelProperty))]);
    response.setReplacesList(paths.filter((path) => diff.entries[path].replace));
    for (const path of paths) {
        const entry = new messages.PropertyDiff().setKind(wireKind(diff.entries[path])).setInputdiff(true);
        response.getDetaileddiffMap().set(path, entry);
    }
    return response;
}

function wireKind({ kind, replace }: DiffEntry): messages.PropertyDiff.Kind {
    const { Kind } = messages.PropertyDiff;
    switch (kind) {
        case "add":
            return replace ? Kind.ADD_REPLACE : Kind.ADD;
        case "delete":
            return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
        case "update":
            return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
        default: {
            const never: never = kind;
            throw new Error(`unknown kind of difference: ${never}`);
        }
    }
}

function topLevelProperty(path: string): string {
    return /^\["((?:[^"\\]|\\.)*)"\]/.exec(path)?.[1].replaceAll('\\"', '"') ?? path.split(/[.[]/, 1)[0];
}
