import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { NoWay } from "./frontends";

export interface DoorFacts {
    port: number;
    token: string;
}

export interface DoorHandlers {
    /** The port here to which `host:port` leads. @throws NoWay */
    way(host: string, port: number): Promise<number>;
    /** Boots a machine and answers the last line. */
    boot(vmId: string): Promise<string>;
    /** Groups that may do everything in the cluster. */
    administrators(): Promise<string[]>;
    log(line: string): void;
}

/**
 * What other processes ask of the supervisor, on loopback: a CONNECT proxy that stands for the balancers of the simulated
 * Azure and for Entra and leads nowhere else, `POST /boot`, and `GET /administrators`.
 */
export function openDoor({ port, token }: DoorFacts, handlers: DoorHandlers): Promise<Server> {
    const server = createServer((request, response) => void answer(request, response, token, handlers));
    // A boot takes as long as it takes.
    server.requestTimeout = 0;
    server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
        socket.on("error", () => socket.destroy());
        void lead(request.url ?? "", socket, head, handlers);
    });
    return new Promise((resolve, reject) => {
        server.on("error", reject);
        server.listen(port, "127.0.0.1", () => resolve(server));
    });
}

async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    token: string,
    { boot, administrators }: DoorHandlers,
): Promise<void> {
    const finish = (code: number, line: string): void => void response.writeHead(code).end(line);
    const asked: Record<string, (body: string) => Promise<string>> = {
        "POST /boot": (body) => boot((JSON.parse(body) as { vmId: string }).vmId),
        "GET /administrators": async () => JSON.stringify(await administrators()),
    };
    const handle = asked[`${request.method} ${request.url}`];
    if (!handle) return finish(404, "this is a proxy: ask by CONNECT");
    if (request.headers.authorization !== `Bearer ${token}`) return finish(401, "who asks?");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
        finish(200, await handle(Buffer.concat(chunks).toString("utf8")));
    } catch (error) {
        finish(500, (error as Error).message);
    }
}

async function lead(authority: string, socket: Socket, head: Buffer, { way, log }: DoorHandlers): Promise<void> {
    const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(authority) ?? [];
    try {
        if (!host) throw new NoWay(`${authority} is no host and port`);
        const here = connect(await way(host, Number(port)), "127.0.0.1");
        here.once("connect", () => {
            socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
            if (head.length > 0) here.write(head);
            socket.pipe(here).pipe(socket);
        });
        const both = (): void => {
            here.destroy();
            socket.destroy();
        };
        for (const end of [here, socket]) end.on("error", both).on("close", both);
    } catch (error) {
        const why = (error as Error).message.replaceAll(/\s+/g, " ");
        log(`${authority}: ${why}`);
        // In the status line, since that is what kubectl and others show of a proxy's refusal.
        const reason = why.replace(/[^\x20-\x7e]/g, "?");
        socket.end(`HTTP/1.1 403 ${reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    }
}
