import {
    Server,
    ServerCredentials,
    status,
    type ServiceDefinition,
    type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { SetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { RegisterResourceResponse, SupportsFeatureResponse } from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

type Call = { request: any };
type Callback = (error: unknown, response?: unknown) => void;

/** A stand-in for the engine that serves a program up to its first resource or function. */
export interface FirstCallEngine {
    address: string;
    /** Called at the program's first registration, read or call of a function; the stack itself does not count. */
    onFirstCall: () => void;
    close(): void;
}

/** Speaks as much of the engine's gRPC as a program needs to start; what comes first ends the measurement. */
export async function startFirstCallEngine(): Promise<FirstCallEngine> {
    const engine: FirstCallEngine = { address: "", onFirstCall: () => {}, close: () => server.forceShutdown() };
    const first = () => engine.onFirstCall();

    const server = new Server();
    serve(server, ResourceMonitorService, {
        supportsFeature: (_call, callback) => {
            const response = new SupportsFeatureResponse();
            response.setHassupport(true);
            callback(null, response);
        },
        registerResource: ({ request }, callback) => {
            if (request.getType() !== "pulumi:pulumi:Stack") return first();
            const response = new RegisterResourceResponse();
            response.setUrn(`urn:pulumi:bench::bench::pulumi:pulumi:Stack::${request.getName()}`);
            callback(null, response);
        },
        readResource: first,
        invoke: first,
        call: first,
        registerPackage: first,
    });
    serve(server, EngineService, {
        log: (_call, callback) => callback(null, new Empty()),
        setRootResource: (_call, callback) => callback(null, new SetRootResourceResponse()),
    });
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        );
    });
    engine.address = `127.0.0.1:${port}`;
    return engine;
}

function serve(
    server: Server,
    service: unknown,
    methods: Record<string, (call: Call, callback: Callback) => void>,
): void {
    const all: Record<string, (call: Call, callback: Callback) => void> = {};
    for (const name of Object.keys(service as object)) {
        all[name] =
            methods[name] ??
            ((_call: Call, callback: Callback) =>
                callback({ code: status.UNIMPLEMENTED, message: `${name} is not served` }));
    }
    server.addService(service as ServiceDefinition, all as UntypedServiceImplementation);
}
