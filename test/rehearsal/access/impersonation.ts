import https from "node:https";
import type { KubernetesClient } from "../../../rehearsal/kubernetes/client";
import type { Person } from "./people";

export interface Answer {
    code: number;
    /** The server's own words, where it refuses. */
    message: string;
    body: any;
}

/** Requests as somebody else, by the headers that an administrator may send. */
export class Impersonation {
    private readonly agent: https.Agent;
    private readonly server: string;
    private readonly token?: string;

    constructor({ connection }: KubernetesClient) {
        const { authority, certificate, key, server, token } = connection;
        this.server = server;
        this.token = token;
        this.agent = new https.Agent({ keepAlive: true, ca: authority, cert: certificate, key });
    }

    /** @param headers - more of them, or others in place of the person's own */
    request(
        person: Person,
        method: string,
        path: string,
        body?: unknown,
        headers: Record<string, string | string[]> = {},
    ): Promise<Answer> {
        const payload = body === undefined ? undefined : JSON.stringify(body);
        const contentType = method === "PATCH" ? "application/strategic-merge-patch+json" : "application/json";
        return new Promise((resolve, reject) => {
            const request = https.request(
                this.server + path,
                {
                    agent: this.agent,
                    method,
                    headers: {
                        ...(this.token && { authorization: `Bearer ${this.token}` }),
                        "impersonate-user": person.user,
                        // The server adds system:authenticated itself.
                        "impersonate-group": person.groups.filter((group) => group !== "system:authenticated"),
                        "content-type": contentType,
                        ...(payload && { "content-length": Buffer.byteLength(payload) }),
                        ...headers,
                    },
                },
                (response) => {
                    const chunks: Buffer[] = [];
                    response.on("data", (chunk) => chunks.push(chunk));
                    response.on("error", reject);
                    response.on("end", () => resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks))));
                },
            );
            request.on("error", reject);
            request.end(payload);
        });
    }

    close(): void {
        this.agent.destroy();
    }
}

function answerOf(code: number, content: Buffer): Answer {
    const text = content.toString("utf8");
    try {
        const body = JSON.parse(text);
        return { code, message: body.message ?? "", body };
    } catch {
        return { code, message: text, body: text };
    }
}
