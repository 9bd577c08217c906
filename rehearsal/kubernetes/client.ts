import https from "node:https";
import { ProxyAgent } from "./proxyAgent";

/** How to reach an API server, and as whom. Certificates and keys are PEM. */
export interface Connection {
    /** `https://host:port` */
    server: string;
    authority?: string;
    /** Name to expect in the server's certificate, where it differs from the host. */
    serverName?: string;
    skipVerification?: boolean;
    /** `http://host:port` of a proxy that is asked by CONNECT. */
    proxy?: string;
    certificate?: string;
    key?: string;
    token?: string;
}

/** What a Kubernetes API server answers when it refuses. */
export interface Status {
    kind?: string;
    message?: string;
    reason?: string;
    code?: number;
    details?: { causes?: { reason?: string; message?: string; field?: string }[] };
}

/** An answer of the API server that is not a success; the message is the server's own. */
export class ApiError extends Error {
    constructor(
        readonly code: number,
        readonly status: Status,
    ) {
        super(status.message ?? `the API server answered ${code}`);
    }

    get reason(): string {
        return this.status.reason ?? "";
    }
}

/** The API server cannot be talked to at all. */
export class UnreachableError extends Error {}

export interface Answer {
    code: number;
    body: any;
}

export interface RequestOptions {
    query?: Record<string, string | undefined>;
    /** Text is sent as it is, anything else as JSON. */
    body?: unknown;
    contentType?: string;
    accept?: string;
    signal?: AbortSignal;
}

/** What is asked of an API server, over connections that stay open. */
export class KubernetesClient {
    private readonly agent: https.Agent;

    constructor(readonly connection: Connection) {
        const options = {
            keepAlive: true,
            maxSockets: 32,
            ca: connection.authority,
            cert: connection.certificate,
            key: connection.key,
            servername: connection.serverName,
            rejectUnauthorized: !connection.skipVerification,
        };
        this.agent = connection.proxy ? new ProxyAgent(connection.proxy, options) : new https.Agent(options);
    }

    async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
        const url = new URL(this.connection.server.replace(/\/$/, "") + path);
        for (const [name, value] of Object.entries(options.query ?? {}))
            if (value !== undefined) url.searchParams.set(name, value);

        const payload = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
        const headers: Record<string, string> = { accept: options.accept ?? "application/json" };
        if (payload !== undefined) {
            headers["content-type"] = options.contentType ?? "application/json";
            headers["content-length"] = String(Buffer.byteLength(payload)); // Node leaves it out of a DELETE
        }
        if (this.connection.token) headers.authorization = `Bearer ${this.connection.token}`;

        const { code, text } = await this.send(url, method, headers, payload, options.signal);
        const body = parse(text);
        if (code < 200 || code > 299) throw new ApiError(code, typeof body === "string" ? { message: body } : body);
        return { code, body };
    }

    async get(path: string, query?: RequestOptions["query"], signal?: AbortSignal): Promise<any> {
        return (await this.request("GET", path, { query, signal })).body;
    }

    /** An object's metadata alone: definitions are large. `undefined` for what is not there. */
    async findMetadata(path: string): Promise<any | undefined> {
        const accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        return this.undefinedIfGone(this.request("GET", path, { accept }));
    }

    /** Like {@link get}, with `undefined` for what is not there. */
    async find(path: string, query?: RequestOptions["query"], signal?: AbortSignal): Promise<any | undefined> {
        return this.undefinedIfGone(this.request("GET", path, { query, signal }));
    }

    /** Server-side apply. */
    async apply(path: string, object: unknown, fieldManager: string, query: Record<string, string | undefined> = {}) {
        return this.request("PATCH", path, {
            query: { fieldManager, ...query },
            body: object,
            contentType: "application/apply-patch+yaml", // JSON is YAML
        });
    }

    close(): void {
        this.agent.destroy();
    }

    private async undefinedIfGone(answer: Promise<Answer>): Promise<any | undefined> {
        try {
            return (await answer).body;
        } catch (error) {
            if (error instanceof ApiError && error.code === 404) return undefined;
            throw error;
        }
    }

    private send(
        url: URL,
        method: string,
        headers: Record<string, string>,
        payload: string | undefined,
        signal: AbortSignal | undefined,
    ): Promise<{ code: number; text: string }> {
        return new Promise((resolve, reject) => {
            const request = https.request(url, { method, headers, agent: this.agent, signal }, (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () =>
                    resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
                );
            });
            request.on("error", (error: NodeJS.ErrnoException) => {
                if (signal?.aborted) reject(error);
                // A kept-alive connection that the server closed while we wrote to it: nothing was carried out.
                else if (error.code === "ECONNRESET" && request.reusedSocket)
                    this.send(url, method, headers, payload, signal).then(resolve, reject);
                else reject(new UnreachableError(`the API server ${url.origin} cannot be reached: ${error.message}`));
            });
            request.end(payload);
        });
    }
}

function parse(text: string): any {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
