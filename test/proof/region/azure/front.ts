import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { KeyPair } from "../../../../rehearsal/controlPlane/certificates";
import type { Answer, Asked } from "./answer";

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Front {
    close(): Promise<void>;
}

/** Listens on an address; by TLS when there is a certificate to serve with. */
export async function listen(address: string, port: number, handler: Handler, serving?: KeyPair): Promise<Front> {
    const handle = (request: IncomingMessage, response: ServerResponse) =>
        void handler(request, response).catch((error: Error) => {
            // Whoever asked has gone, or asked nonsense: the service goes on.
            if (response.headersSent) response.destroy();
            else response.writeHead(400).end(error.message);
        });
    const server = serving
        ? createServer({ cert: serving.certificate, key: serving.key }, handle)
        : createPlainServer(handle);
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, address, resolve);
    });
    return {
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

export async function readAsked(request: IncomingMessage): Promise<Asked> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://service");
    return {
        method: request.method ?? "",
        path: decodeURIComponent(url.pathname).slice(1),
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
    };
}

export function send(response: ServerResponse, { code, headers, body }: Answer): void {
    response.writeHead(code, headers);
    response.end(body);
}
