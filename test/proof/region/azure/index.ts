/** What machines of a region ask of Azure: metadata, tokens, secrets, blobs and names; blobs by Azurite, the rest simulated. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { textAt } from "../../../../rehearsal/azure/rules/rule";
import type { Cloud } from "../../../../rehearsal/azure/state/cloud";
import { type Authority, createAuthority } from "../../../../rehearsal/controlPlane/certificates";
import { json, storageError } from "./answer";
import { type BlobStorage, startBlobStorage } from "./blobs";
import type { Child } from "./child";
import { type Front, listen, readAsked, send } from "./front";
import { answerMetadata } from "./metadata";
import { type Endpoint, endpointsOf, recordsOf } from "./names";
import { resolverAddress, startResolver } from "./resolver";
import { identitiesOf, isGranted, rolesThat } from "./roles";
import { type Claims, TokenIssuer } from "./tokens";
import { answerVault, type SecretStore } from "./vault";

export { resolverAddress } from "./resolver";

/** Where every machine of Azure has its metadata service. */
export const metadataAddress = "169.254.169.254";

/** A machine as the metadata service describes it. Read at each request, so a test may change it at any time. */
export interface KnownMachine {
    /** As in its resource, whose identity it has. */
    name: string;
    /** Base64. */
    userData: string;
    /** Scheduled events. @default none */
    events?: Record<string, unknown>[];
}

export interface ServicesOptions {
    /** The rehearsed Azure, read at each request: secrets, identities and roles that change there change here. */
    cloud: Cloud;
    /** By address. */
    machines: Map<string, KnownMachine>;
    /** For Azurite's data and the authority's certificate. */
    folder: string;
    /** Who signs the services' certificate. @default a new one */
    authority?: Authority;
    /** Makes an address one of the fabric's own. @default on the loopback interface */
    addOwnAddress?: (address: string) => Promise<void>;
}

export interface ServedRequest {
    at: number;
    /** Name of the machine that asked, else its address. */
    from: string;
    host: string;
    method: string;
    /** With its query. */
    path: string;
    code: number;
}

export interface Services {
    /** PEM of the authority whose certificates machines have to trust. */
    authority: string;
    /** The same as a file. */
    authorityFile: string;
    endpoints: Endpoint[];
    /** What machines wrote into vaults: `<vault>/<secret>` → value. Goes before what the program wrote. */
    written: Map<string, string>;
    /** IDs of scheduled events that machines let start. */
    approved: string[];
    /** Everything that was asked for, in order. */
    requests: ServedRequest[];
    close(): Promise<void>;
}

const run = promisify(execFile);
const vaultAudience = /^https:\/\/vault\.azure\.net\/?$/;
const storageAudience = /^https:\/\/storage\.azure\.com\/?$/;

/**
 * Starts them in the network namespace of this process.
 *
 * @throws when something of it does not start; what had started is stopped
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
    const { cloud, folder } = options;
    const addOwnAddress = options.addOwnAddress ?? addToLoopback;
    const authority = options.authority ?? (await createAuthority("Region of a proof"));
    const authorityFile = join(folder, "authority.pem");
    await writeFile(authorityFile, authority.certificate);

    const issuer = new TokenIssuer();
    const endpoints = endpointsOf(cloud);
    const serving = await authority.sign({
        commonName: "Services of a region",
        names: endpoints.map(({ host }) => host),
    });
    const state = { written: new Map<string, string>(), approved: [] as string[], requests: [] as ServedRequest[] };
    const started: (() => Promise<void>)[] = [];
    const close = async () => {
        for (const stop of started.splice(0).reverse()) await stop();
    };
    try {
        const addresses = [...new Set([metadataAddress, resolverAddress, ...endpoints.map(({ address }) => address)])];
        for (const address of addresses) await addOwnAddress(address);
        const resolver: Child = await startResolver(endpoints, recordsOf(cloud));
        started.push(() => resolver.stop());

        const token = issuer.issue({ aud: "https://storage.azure.com", oid: "containers", tid: "region" });
        const data = join(folder, "azurite");
        const blobs = await startBlobStorage({ cloud, folder: data, serving, authority: authority.certificate, token });
        started.push(() => blobs.stop());

        const context: Context = { ...options, ...state, issuer, endpoints, blobs };
        const fronts: Promise<Front>[] = [listen(metadataAddress, 80, (...call) => serveMetadata(context, ...call))];
        for (const address of new Set(endpoints.map(({ address }) => address)))
            fronts.push(listen(address, 443, (...call) => serveNamed(context, ...call), serving));
        for (const front of fronts) started.push(async () => (await front).close());
        await Promise.all(fronts);
    } catch (error) {
        await close().catch(() => undefined);
        throw error;
    }
    return { ...state, authority: authority.certificate, authorityFile, endpoints, close };
}

interface Context extends ServicesOptions, Pick<Services, "written" | "approved" | "requests" | "endpoints"> {
    issuer: TokenIssuer;
    blobs: BlobStorage;
}

async function serveMetadata(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readAsked(request);
    const machine = context.machines.get(addressOf(request));
    note(context, request, response);
    if (!machine || !asked.path.startsWith("metadata/")) return send(response, json(404, { error: "Not found" }));
    const answer = answerMetadata(
        { ...asked, path: asked.path.slice("metadata/".length) },
        {
            name: machine.name,
            userData: machine.userData,
            events: machine.events ?? [],
            approve: (id) => context.approved.push(id),
            token: (resource, clientId) => tokenFor(context, machine.name, resource, clientId),
        },
    );
    send(response, answer);
}

/** Of its only identity, or of the one that it asks for. */
function tokenFor({ cloud, issuer }: Context, name: string, aud: string, clientId?: string): string | undefined {
    const resource = cloud.list("Microsoft.Compute/virtualMachines").find((one) => one.name === name);
    const identities = resource ? identitiesOf(cloud, resource) : [];
    const chosen = clientId ? identities.filter((one) => one.clientId === clientId) : identities;
    if (chosen.length !== 1 || !(vaultAudience.test(aud) || storageAudience.test(aud))) return undefined;
    return issuer.issue({ aud, oid: chosen[0].principalId, tid: chosen[0].tenantId });
}

/** Vaults and accounts, by the name that was asked for. */
async function serveNamed(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
    note(context, request, response);
    const host = hostOf(request);
    const endpoint = context.endpoints.find((one) => one.host === host);
    if (!endpoint) return send(response, { code: 404 });
    const claims = context.issuer.read(request.headers.authorization);
    if (endpoint.kind === "blob") return serveBlob(context, endpoint, claims, request, response);

    const asked = await readAsked(request);
    const isRead = asked.method === "GET";
    const roles = isRead ? rolesThat.readSecrets : rolesThat.writeSecrets;
    const { id, name } = endpoint.service;
    if (!claims || !vaultAudience.test(claims.aud))
        return send(response, json(401, { error: { code: "Unauthorized" } }));
    if (!isGranted(context.cloud, claims.oid, roles, `${id}/${asked.path}`))
        return send(response, json(403, { error: { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } } }));
    send(response, answerVault(asked, name, secretsOf(context, endpoint)));
}

async function serveBlob(
    { cloud, blobs }: Context,
    { service }: Endpoint,
    claims: Claims | undefined,
    request: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    if (!claims || !storageAudience.test(claims.aud))
        return send(response, storageError(401, "InvalidAuthenticationInfo"));
    const [, container] = decodeURIComponent(new URL(request.url ?? "/", "http://service").pathname).split("/");
    const scope = `${service.id}/blobServices/default/containers/${container}`;
    const roles = /^(GET|HEAD)$/.test(request.method ?? "") ? rolesThat.readBlobs : rolesThat.writeBlobs;
    if (!isGranted(cloud, claims.oid, roles, scope))
        return send(response, storageError(403, "AuthorizationPermissionMismatch"));
    await blobs.forward(request, response);
}

function secretsOf({ cloud, written }: Context, { service }: Endpoint): SecretStore {
    return {
        get: (name) =>
            written.get(`${service.name}/${name}`) ??
            textAt(cloud.get(`${service.id}/secrets/${name}`)?.inputs, "properties", "value"),
        set: (name, value) => void written.set(`${service.name}/${name}`, value),
    };
}

function note(context: Context, request: IncomingMessage, response: ServerResponse): void {
    const address = addressOf(request);
    const [from, at] = [context.machines.get(address)?.name ?? address, Date.now()];
    const [host, method, path] = [hostOf(request), request.method ?? "", request.url ?? ""];
    response.once("close", () => context.requests.push({ at, from, host, method, path, code: response.statusCode }));
}

const hostOf = (request: IncomingMessage) => (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
const addressOf = (request: IncomingMessage) => (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");

async function addToLoopback(address: string): Promise<void> {
    await run("ip", ["link", "set", "lo", "up"]);
    await run("ip", ["address", "replace", `${address}/32`, "dev", "lo"]);
}
