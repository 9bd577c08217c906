import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/** Answers plain HTTP on one address until the returned function is called, which also ends what is under way. */
export async function listen(
    host: string,
    port: number,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<() => Promise<void>> {
    const server = createServer(answer);
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, resolve);
    });
    return () =>
        new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
        });
}

/** Sends a file; to `HEAD` only what it would be. */
export function sendFile(
    request: IncomingMessage,
    response: ServerResponse,
    file: { path: string; bytes: number; headers: Record<string, string> },
): void {
    response.writeHead(200, { ...file.headers, "content-length": file.bytes });
    if (request.method === "HEAD") return void response.end();
    // An asker that goes away, as a machine that is switched off does, is none of our errors.
    pipeline(createReadStream(file.path), response).catch(() => response.destroy());
}
