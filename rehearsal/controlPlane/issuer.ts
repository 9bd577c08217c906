import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { SignIn } from "../kubelogin/token";
import type { CertificateFiles } from "./flags";
import { readJson } from "./folder";

export interface IssuerFacts extends CertificateFiles {
    port: number;
    /** Path of `sign-in.json`, which is read at each request: keys come and go while this runs. */
    signIn: string;
}

/** A directory of Entra's, or `rehearsal`: the one that stands for whoever answers for AKS. */
const tenant = /^(rehearsal|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * A stand-in for Entra: serves the two public documents by which an API server checks a person's token, with the paths,
 * fields and caching of Entra's. Simulated; every directory is there, and all have the same keys.
 */
export function serveIssuer({ port, certificate, key, signIn }: IssuerFacts): Promise<Server> {
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
        const answer = (code: number, document: object, headers: Record<string, string> = {}): void => {
            response.writeHead(code, { "content-type": "application/json; charset=utf-8", ...headers });
            response.end(JSON.stringify(document));
        };
        const [, directory, what] = /^\/([^/?]+)\/([^?]+)/.exec(request.url ?? "") ?? [];
        const state = readJson<SignIn>(signIn)!;
        const headers = { "cache-control": `max-age=${state.keysMaxAgeSeconds ?? 86_400}, private` };
        if (!tenant.test(directory ?? "")) return answer(400, { error: "invalid_tenant" });
        if (what === "v2.0/.well-known/openid-configuration")
            return answer(200, configuration(`https://${request.headers.host}/${directory}`), headers);
        if (what === "discovery/v2.0/keys") return answer(200, { keys: keysOf(state) }, headers);
        answer(404, { error: "not_found" });
    });
    return new Promise((resolve, reject) => {
        server.on("error", reject);
        server.listen(port, "127.0.0.1", () => resolve(server));
    });
}

function configuration(authority: string): object {
    return {
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        jwks_uri: `${authority}/discovery/v2.0/keys`,
        response_modes_supported: ["query", "fragment", "form_post"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
        scopes_supported: ["openid", "profile", "email", "offline_access"],
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        device_authorization_endpoint: `${authority}/oauth2/v2.0/devicecode`,
        tenant_region_scope: "EU",
        cloud_instance_name: "microsoftonline.com",
    };
}

/** Without `alg`, as Entra's keys are; the certificates that Entra adds to them are left out. */
function keysOf(state: SignIn): object[] {
    return [state, ...(state.formerKeys ?? [])].map(({ keyId, privateKey }) => ({
        ...createPublicKey(readFileSync(privateKey)).export({ format: "jwk" }),
        use: "sig",
        kid: keyId,
        cloud_instance_name: "microsoftonline.com",
    }));
}
