import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";

export interface IssuerFacts {
    /** Path of the issuer, such as `https://127.0.0.1:40001/rehearsal/v2.0`. */
    issuer: string;
    certificate: string;
    key: string;
    signInPublicKey: string;
    keyId: string;
}

/** Serves what an API server needs to check a person's token: a stand-in for Entra's two public documents, simulated. */
export function serveIssuer(facts: IssuerFacts): Promise<Server> {
    const { port, pathname } = new URL(facts.issuer);
    const key = createPublicKey(readFileSync(facts.signInPublicKey)).export({ format: "jwk" });
    const documents: Record<string, unknown> = {
        [`${pathname}/.well-known/openid-configuration`]: {
            issuer: facts.issuer,
            jwks_uri: `${facts.issuer}/keys`,
            id_token_signing_alg_values_supported: ["RS256"],
            response_types_supported: ["id_token"],
            subject_types_supported: ["pairwise"],
        },
        [`${pathname}/keys`]: { keys: [{ ...key, use: "sig", alg: "RS256", kid: facts.keyId }] },
    };
    const server = createServer(
        { cert: readFileSync(facts.certificate), key: readFileSync(facts.key) },
        (request, response) => {
            const document = documents[request.url ?? ""];
            response.writeHead(document ? 200 : 404, { "content-type": "application/json" });
            response.end(JSON.stringify(document ?? {}));
        },
    );
    return new Promise((resolve, reject) => {
        server.on("error", reject);
        server.listen(Number(port), "127.0.0.1", () => resolve(server));
    });
}
