import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
    Server,
    ServerCredentials,
    status,
    type sendUnaryData,
    type ServerUnaryCall,
    type ServerWritableStream,
} from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/package.json";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { watchEngine } from "../provider/lifetime";

// The engine runs Node programs and policy packs through a language host, which comes with the official CLI and is not
// to be had as a Go module. This one is used where only a CLI that was built from its module is installed: it runs
// programs and packs as the official one does, and leaves out what a rehearsal never asks for (installing packages,
// code generation).

/** The SDK's runner ends with this when it has told the user already: the engine stops without a word of its own. */
const TOLD_ALREADY = 32;

const children = new Set<ChildProcess>();
let engineAddress = process.argv.at(-1) ?? "";

watchEngine(() => {
    for (const child of children) child.kill("SIGINT");
    process.exit(0);
});
// Whatever the reason: no program outlives its host.
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** The SDK that the program itself would load, so that both are of one version. */
function sdkModule(folder: string, name: string): string {
    return createRequire(join(folder, "index.js")).resolve(`@pulumi/pulumi/cmd/${name}`);
}

function start(args: string[], cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
    // The engine shows as a program's output what comes on the host's own standard output and error.
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    child.once("close", () => children.delete(child));
    return child;
}

function programOptions(options: Struct | undefined) {
    const { nodeargs, typescript, tsconfig } = (options?.toJavaScript() ?? {}) as Record<string, unknown>;
    const env: NodeJS.ProcessEnv = {};
    if (typeof typescript === "boolean" || typeof typescript === "string")
        env.PULUMI_NODEJS_TYPESCRIPT = String(typescript);
    else env.PULUMI_NODEJS_TYPESCRIPT = "true";
    if (typeof tsconfig === "string" && tsconfig) env.PULUMI_NODEJS_TSCONFIG_PATH = tsconfig;
    return { nodeArgs: typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter(Boolean) : [], env };
}

function run(
    call: ServerUnaryCall<messages.RunRequest, messages.RunResponse>,
    callback: sendUnaryData<messages.RunResponse>,
) {
    const request = call.request;
    const info = request.getInfo()!;
    const { nodeArgs, env } = programOptions(info.getOptions());
    const config: Record<string, string> = {};
    request.getConfigMap().forEach((value, key) => (config[key] = value));

    // Where the program really is: a project inside another one finds its packages above.
    const folder = realpathSync(info.getProgramDirectory() || request.getPwd());
    let runner: string;
    try {
        runner = sdkModule(folder, "run");
    } catch {
        const response = new messages.RunResponse();
        response.setError(`@pulumi/pulumi is not installed for ${folder}: run npm install there`);
        return callback(null, response);
    }
    const child = start(
        [
            ...nodeArgs,
            runner,
            "--monitor",
            request.getMonitorAddress(),
            "--engine",
            engineAddress,
            "--project",
            request.getProject(),
            "--stack",
            request.getStack(),
            "--organization",
            request.getOrganization(),
            "--root-directory",
            info.getRootDirectory(),
            "--pwd",
            request.getPwd(),
            "--parallel",
            String(request.getParallel()),
            ...(request.getDryrun() ? ["--dry-run"] : []),
            info.getEntryPoint() || ".",
            ...request.getArgsList(),
        ],
        folder,
        {
            ...process.env,
            ...env,
            PULUMI_CONFIG: JSON.stringify(config),
            PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        },
    );
    child.stdout!.pipe(process.stdout, { end: false });
    child.stderr!.pipe(process.stderr, { end: false });
    call.on("cancelled", () => child.kill("SIGINT"));

    let answered = false;
    const answer = (response: messages.RunResponse) => {
        if (!answered) callback(null, response);
        answered = true;
    };
    child.on("error", (error) =>
        answer(new messages.RunResponse().setError(`node could not be started: ${error.message}`)),
    );
    // Not "exit": what the program wrote last is to be shown first.
    child.on("close", (code, signal) => {
        const response = new messages.RunResponse();
        if (code === TOLD_ALREADY) response.setBail(true);
        else if (signal) response.setError(`Program was ended by ${signal}`);
        else if (code) response.setError(`Program exited with non-zero exit code: ${code}`);
        answer(response);
    });
}

function runPlugin(call: ServerWritableStream<messages.RunPluginRequest, messages.RunPluginResponse>) {
    const request = call.request;
    const info = request.getInfo()!;
    const folder = info.getProgramDirectory();
    const isPack = request.getKind() === "analyzer";
    const { nodeArgs, env } = programOptions(info.getOptions());

    for (const entry of request.getEnvList()) {
        const at = entry.indexOf("=");
        env[entry.slice(0, at)] = entry.slice(at + 1);
    }

    let child: ChildProcess;
    try {
        // A pack starts in its own folder, for the SDK reads the version that it reports from the package.json there.
        child = start(
            [
                ...nodeArgs,
                sdkModule(folder, isPack ? "run-policy-pack" : "run-plugin"),
                ...request.getArgsList(),
                folder,
            ],
            isPack ? folder : request.getPwd(),
            { ...process.env, ...env },
        );
    } catch (error) {
        call.emit("error", { code: status.FAILED_PRECONDITION, details: `${folder}: ${(error as Error).message}` });
        return;
    }
    child.stdout!.on("data", (data: Buffer) => call.write(new messages.RunPluginResponse().setStdout(data)));
    child.stderr!.on("data", (data: Buffer) => call.write(new messages.RunPluginResponse().setStderr(data)));
    child.on("error", (error) => call.emit("error", { code: status.UNKNOWN, details: error.message }));
    child.on("close", (code) => {
        call.write(new messages.RunPluginResponse().setExitcode(code ?? 1));
        call.end();
    });
    call.on("cancelled", () => child.kill("SIGKILL"));
}

const answers =
    <Response>(make: () => Response) =>
    (_call: unknown, callback: sendUnaryData<Response>) =>
        callback(null, make());

const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
});
server.addService(LanguageRuntimeService, {
    handshake: (
        call: ServerUnaryCall<messages.LanguageHandshakeRequest, messages.LanguageHandshakeResponse>,
        callback: sendUnaryData<messages.LanguageHandshakeResponse>,
    ) => {
        engineAddress = call.request.getEngineAddress() || engineAddress;
        callback(null, new messages.LanguageHandshakeResponse());
    },
    getPluginInfo: answers(() => new PluginInfo().setVersion(version)),
    // The SDK names each provider's version with each resource, so there is nothing to announce.
    getRequiredPackages: answers(() => new messages.GetRequiredPackagesResponse()),
    getRequiredPlugins: answers(() => new messages.GetRequiredPluginsResponse()),
    about: answers(() => new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    getProgramDependencies: answers(() => new messages.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: answers(() => new messages.RuntimeOptionsResponse()),
    installDependencies: (call: ServerWritableStream<unknown, unknown>) => call.end(),
    cancel: answers(() => new Empty()),
    run,
    runPlugin,
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
});
