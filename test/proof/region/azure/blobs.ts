import { mkdir, writeFile } from "node:fs/promises";
import { Agent, request as httpsRequest } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { textAt } from "../../../../rehearsal/azure/rules/rule";
import type { Cloud } from "../../../../rehearsal/azure/state/cloud";
import type { KeyPair } from "../../../../rehearsal/controlPlane/certificates";
import { startChild } from "./child";

/** Blob storage by Azurite, Microsoft's own emulator, behind the region's front. */
export interface BlobStorage {
    /** Hands a request over as it is, and the answer back; 503 while Azurite does not answer. */
    forward(request: IncomingMessage, response: ServerResponse): Promise<void>;
    stop(): Promise<void>;
}

export interface BlobStorageOptions {
    cloud: Cloud;
    /** Azurite's data; keeps blobs for as long as it exists. */
    folder: string;
    serving: KeyPair;
    /** PEM of who signed `serving`. */
    authority: string;
    /** A token that Azurite lets in, to make containers with. */
    token: string;
}

const host = "127.0.0.1";
const port = 10_000;
const main = join(dirname(require.resolve("azurite/package.json")), "dist/src/blob/main.js");

/** Starts Azurite with the program's accounts and containers. Azurite knows no roles: who may do what is the front's to ask. */
export async function startBlobStorage(options: BlobStorageOptions): Promise<BlobStorage> {
    const { cloud, folder, serving } = options;
    await mkdir(folder, { recursive: true });
    const [certificate, key] = [join(folder, "serving.pem"), join(folder, "serving.key")];
    await writeFile(certificate, serving.certificate);
    await writeFile(key, serving.key, { mode: 0o600 });

    const accounts = cloud.list("Microsoft.Storage/storageAccounts").map(({ name }) => name);
    // Azurite wants keys; accounts of the program allow none, and the front lets none through.
    const environment = { AZURITE_ACCOUNTS: accounts.map((name) => `${name}:bm9ib2R5IHVzZXMgaXQ=`).join(";") };
    const args = [
        ...[main, "--silent", "--disableTelemetry", "--oauth", "basic", "--location", join(folder, "data")],
        ...["--blobHost", host, "--blobPort", String(port), "--cert", certificate, "--key", key],
    ];
    const child = await startChild(process.execPath, args, environment, (said) =>
        said.includes("successfully listens"),
    );
    const agent = new Agent({ keepAlive: true, ca: options.authority });

    const send = (method: string, account: string, path: string, headers: IncomingMessage["headers"]) =>
        httpsRequest({ host, port, agent, servername: account, method, path, headers });
    try {
        for (const { account, container } of containersOf(cloud)) {
            const request = send("PUT", `${account}.blob.core.windows.net`, `/${container}?restype=container`, {
                host: `${account}.blob.core.windows.net`,
                authorization: `Bearer ${options.token}`,
                "x-ms-version": "2023-11-03",
                "content-length": "0",
            });
            request.end();
            const [answer] = (await once(request, "response")) as [IncomingMessage];
            answer.resume();
            if (answer.statusCode !== 201 && answer.statusCode !== 409)
                throw new Error(`container ${account}/${container}: Azurite answers ${answer.statusCode}`);
        }
    } catch (error) {
        agent.destroy();
        await child.stop();
        throw error;
    }
    return {
        async forward(request, response) {
            const onward = send(request.method!, request.headers.host!, request.url!, request.headers);
            const answered = once(onward, "response") as Promise<[IncomingMessage]>;
            // Both at once: Azurite may refuse before it has read everything.
            const sent = pipeline(request, onward).catch(() => undefined);
            try {
                const [answer] = await answered;
                response.writeHead(answer.statusCode!, answer.rawHeaders);
                await pipeline(answer, response);
            } catch {
                if (response.headersSent) response.destroy();
                else response.writeHead(503).end();
            }
            await sent;
        },
        async stop() {
            agent.destroy();
            await child.stop();
        },
    };
}

/** Containers that the program made, and the one that a static website is. */
function containersOf(cloud: Cloud): { account: string; container: string }[] {
    const made = cloud.list("Microsoft.Storage/storageAccounts/blobServices/containers").map(({ name, inputs }) => ({
        account: textAt(inputs, "accountName")!,
        container: name,
    }));
    const websites = cloud
        .list("Microsoft.Storage/storageAccounts/staticWebsite")
        .map(({ inputs }) => ({ account: textAt(inputs, "accountName")!, container: "$web" }));
    return [...made, ...websites];
}
