import { createWriteStream } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { pipeline } from "node:stream/promises";

/** The host could not be reached, now or earlier in this process. */
export class Unreachable extends Error {}

/** How long a host may take to accept a connection, its name looked up included. */
const connectWithinMs = 3_000;
/** How long a host that answered may be silent. */
const silentForMs = 30_000;
const mostRedirects = 5;

/** Hosts that are not asked again in this process, and why. */
const givenUp = new Map<string, string>();
const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };

/** Fetches a URL into a file, which may be left half-written when that fails. */
export async function download(url: string, file: string): Promise<void> {
    await pipeline(await get(url), createWriteStream(file));
}

export async function downloadText(url: string): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of await get(url)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
}

async function get(url: string): Promise<http.IncomingMessage> {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
        const response = await request(new URL(url));
        const { statusCode = 0, headers } = response;
        if (statusCode === 200) return response;
        response.resume();
        if (statusCode < 300 || statusCode >= 400 || !headers.location)
            throw new Error(`${url} answered ${statusCode}`);
        const next = new URL(headers.location, url);
        if (url.startsWith("https:") && next.protocol !== "https:") throw new Error(`${url} leads to ${next.protocol}`);
        url = next.href;
    }
    throw new Error(`${url} redirects more than ${mostRedirects} times`);
}

function request(url: URL): Promise<http.IncomingMessage> {
    const earlier = givenUp.get(url.host);
    if (earlier) return Promise.reject(new Unreachable(`${url.host} ${earlier}`));
    return new Promise((resolve, reject) => {
        const secure = url.protocol === "https:";
        // GitHub's API refuses whoever does not say a name.
        const options = { agent: agents[secure ? "https:" : "http:"], headers: { "user-agent": "mainstay" } };
        const asked = (secure ? https : http).get(url, options, resolve);
        const timer = setTimeout(() => {
            asked.destroy(new Error(`did not answer within ${connectWithinMs / 1000} s`));
        }, connectWithinMs);
        asked.on("socket", (socket) => {
            if (socket.connecting) socket.once(secure ? "secureConnect" : "connect", () => clearTimeout(timer));
            else clearTimeout(timer);
        });
        asked.setTimeout(silentForMs, () => asked.destroy(new Error(`was silent for ${silentForMs / 1000} s`)));
        asked.on("error", (error: NodeJS.ErrnoException) => {
            clearTimeout(timer);
            const reason = error.code ? `cannot be reached (${error.code})` : error.message;
            givenUp.set(url.host, reason);
            reject(new Unreachable(`${url.host} ${reason}`));
        });
    });
}
