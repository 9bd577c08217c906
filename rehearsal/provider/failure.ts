import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { PartialFailure } from "./provider";
import { toWire } from "./wire";

/** What gRPC needs of an error, so that the engine shows the message and keeps what a partial failure made. */
export function toServiceError(error: unknown): Partial<ServiceError> {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof PartialFailure)) return { code: status.UNKNOWN, details: message };

    const state = new ErrorResourceInitFailed();
    state.setId(error.id);
    state.setInputs(toWire(error.inputs));
    state.setProperties(toWire(error.outputs));
    state.setReasonsList([message]);
    const detail = new Any();
    detail.pack(state.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");

    const rich = new Status();
    rich.setCode(status.UNKNOWN);
    rich.setMessage(message);
    rich.addDetails(detail);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
    return { code: status.UNKNOWN, details: message, metadata };
}
