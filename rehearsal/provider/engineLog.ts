import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export type Severity = "debug" | "info" | "warning" | "error";

const SEVERITIES = {
    debug: LogSeverity.DEBUG,
    info: LogSeverity.INFO,
    warning: LogSeverity.WARNING,
    error: LogSeverity.ERROR,
};

let client: EngineClient | undefined;

/**
 * Shows a line beside a resource, as the engine's own diagnostics. An `error` also fails the deployment.
 * The engine gives its address as a plugin's last argument; outside an engine the line goes to standard error.
 */
export async function logToEngine(urn: string, severity: Severity, text: string): Promise<void> {
    const address = process.argv.at(-1) ?? "";
    if (!/:\d+$/.test(address)) {
        process.stderr.write(`${severity}: ${urn}: ${text}\n`);
        return;
    }
    client ??= new EngineClient(address, credentials.createInsecure());
    const request = new LogRequest();
    request.setUrn(urn);
    request.setSeverity(SEVERITIES[severity]);
    request.setMessage(text);
    // A line that cannot be shown is no reason to fail the resource that it is about.
    await new Promise<void>((resolve) => client!.log(request, () => resolve()));
}
