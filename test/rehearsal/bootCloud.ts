import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, type Asked, storageError } from "../proof/region/azure/answer";
import { answerMetadata } from "../proof/region/azure/metadata";
import { answerVault, type SecretStore } from "../proof/region/azure/vault";

interface Blob {
    content: Buffer;
    headers: Record<string, string>;
    lease?: { id: string; until: number };
}

/** What Azure answers machines, simulated on one loopback port: metadata service, Key Vault, Blob storage. */
export interface BootCloud {
    /** Everything is below it: the metadata service itself, `/vault/<name>`, `/blob/<container>`. */
    url: string;
    vault(name: string): string;
    container(name: string): string;
    /** `<vault>/<secret>` → value. */
    secrets: Map<string, string>;
    /** `<container>/<blob>` → what is stored. */
    blobs: Map<string, Blob>;
    metadata: { name: string; userData: string };
    /** What the metadata service lists as ScheduledEvents. */
    events: Record<string, unknown>[];
    /** IDs of events that the machine let start. */
    started: string[];
    /** `METHOD path?query`, in order. */
    requests: string[];
    /** Answers in place of the service, for as long as it gives an answer. */
    fault?: (method: string, path: string) => Answer | undefined;
    close(): Promise<void>;
}

const tokens: Record<string, string> = { vault: "token-of-vault", storage: "token-of-storage" };

/** As strict as the services are in what scripts easily forget: the token of the right audience, versions, blob types. */
export async function startBootCloud(): Promise<BootCloud> {
    const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const url = new URL(request.url ?? "/", "http://cloud");
        cloud.requests.push(`${request.method} ${url.pathname}${url.search}`);
        const answer =
            cloud.fault?.(request.method ?? "", url.pathname) ?? route(cloud, request, url, Buffer.concat(chunks));
        response.writeHead(answer.code, answer.headers);
        response.end(request.method === "HEAD" ? undefined : answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cloud: BootCloud = {
        url,
        vault: (name) => `${url}/vault/${name}`,
        container: (name) => `${url}/blob/${name}`,
        secrets: new Map(),
        blobs: new Map(),
        metadata: { name: "machine", userData: "" },
        events: [],
        started: [],
        requests: [],
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
    return cloud;
}

function route(cloud: BootCloud, request: IncomingMessage, url: URL, body: Buffer): Answer {
    const [, service, ...rest] = decodeURIComponent(url.pathname).split("/");
    switch (service) {
        case "metadata":
            return answerMetadata(asked(request, url, rest, body), {
                ...cloud.metadata,
                events: cloud.events,
                approve: (id) => cloud.started.push(id),
                token: tokenFor,
            });
        case "vault":
            if (request.headers.authorization !== `Bearer ${tokens.vault}`) return { code: 401, body: "Unauthorized" };
            return answerVault(asked(request, url, rest.slice(1), body), rest[0], vaultSecrets(cloud, rest[0]));
        case "blob":
            if (request.headers.authorization !== `Bearer ${tokens.storage}`)
                return storageError(401, "NoAuthenticationInformation");
            if (!request.headers["x-ms-version"]) return storageError(400, "MissingRequiredHeader");
            return blob(cloud, request, url, rest, body);
        default:
            return { code: 404 };
    }
}

function asked({ method = "", headers }: IncomingMessage, url: URL, path: string[], body: Buffer): Asked {
    return { method, path: path.join("/"), query: url.searchParams, headers, body };
}

function tokenFor(resource: string): string | undefined {
    if (/vault\.azure\.net/.test(resource)) return tokens.vault;
    return /storage\.azure\.com/.test(resource) ? tokens.storage : undefined;
}

function vaultSecrets(cloud: BootCloud, vault: string): SecretStore {
    return {
        get: (name) => cloud.secrets.get(`${vault}/${name}`),
        set: (name, value) => void cloud.secrets.set(`${vault}/${name}`, value),
    };
}

function blob(
    cloud: BootCloud,
    request: IncomingMessage,
    url: URL,
    [container, ...path]: string[],
    body: Buffer,
): Answer {
    const { method = "", headers } = request;
    if (url.searchParams.get("comp") === "list") return list(cloud, container, url);
    const name = `${container}/${path.join("/")}`;
    const found = cloud.blobs.get(name);
    const held = found?.lease && found.lease.until > Date.now() ? found.lease : undefined;
    const leaseId = headers["x-ms-lease-id"];

    if (url.searchParams.get("comp") === "lease") {
        if (!found) return storageError(404, "BlobNotFound");
        const seconds = Number(headers["x-ms-lease-duration"] ?? 60);
        switch (headers["x-ms-lease-action"]) {
            case "acquire": {
                if (held) return storageError(409, "LeaseAlreadyPresent");
                if (seconds !== -1 && (seconds < 15 || seconds > 60)) return storageError(400, "InvalidHeaderValue");
                const id = (headers["x-ms-proposed-lease-id"] as string) ?? randomUUID();
                found.lease = { id, until: seconds === -1 ? Infinity : Date.now() + seconds * 1000 };
                return { code: 201, headers: { "x-ms-lease-id": id } };
            }
            case "renew":
                if (found.lease?.id !== leaseId) return storageError(409, "LeaseIdMismatchWithLeaseOperation");
                found.lease!.until = Date.now() + 60_000;
                return { code: 200, headers: { "x-ms-lease-id": String(leaseId) } };
            case "release":
                if (found.lease?.id !== leaseId) return storageError(409, "LeaseIdMismatchWithLeaseOperation");
                found.lease = undefined;
                return { code: 200 };
            default:
                return storageError(400, "InvalidHeaderValue");
        }
    }
    if (method === "PUT") {
        if (headers["content-length"] === undefined) return storageError(411, "MissingContentLengthHeader");
        if (headers["x-ms-blob-type"] !== "BlockBlob") return storageError(400, "InvalidHeaderValue");
        if (headers["if-none-match"] === "*" && found) return storageError(409, "BlobAlreadyExists");
        if (held && leaseId !== held.id) return storageError(412, "LeaseIdMissing");
        const kept = Object.entries(headers).filter(([header]) => header.startsWith("x-ms-blob-"));
        cloud.blobs.set(name, {
            content: body,
            headers: Object.fromEntries(kept) as Record<string, string>,
            lease: held,
        });
        return { code: 201, headers: { "Content-MD5": md5(body), ETag: '"1"' } };
    }
    if (!found) return storageError(404, "BlobNotFound");
    if (method === "DELETE") {
        if (held && leaseId !== held.id) return storageError(412, "LeaseIdMissing");
        cloud.blobs.delete(name);
        return { code: 202 };
    }
    const about = { "Content-Length": String(found.content.length), "Content-MD5": md5(found.content), ETag: '"1"' };
    return { code: 200, headers: about, body: found.content };
}

/** Pages of ten names, so that whoever forgets the marker is found out. */
function list(cloud: BootCloud, container: string, url: URL): Answer {
    const prefix = `${container}/${url.searchParams.get("prefix") ?? ""}`;
    const names = [...cloud.blobs.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(container.length + 1))
        .sort();
    const from = Number(url.searchParams.get("marker") ?? 0);
    const page = names.slice(from, from + 10);
    const next = from + 10 < names.length ? String(from + 10) : "";
    const entries = page.map((name) => `<Blob><Name>${name}</Name><Properties /></Blob>`).join("");
    const body = `\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="${container}"><Blobs>${entries}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
    return { code: 200, headers: { "Content-Type": "application/xml" }, body };
}

const md5 = (content: Buffer) => createHash("md5").update(content).digest("base64");
