/**
 * A stand-in for `kubelogin`, the sign-in plugin that an AKS kubeconfig without local accounts calls. The sign-in is
 * simulated: no person is asked for anything. The token is a real one, signed, short-lived, and checked by the
 * rehearsal's API server against the rehearsal's issuer.
 */
import { createPrivateKey, createSign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SignIn } from "../controlPlane/material";

/** Put in when the file is bundled. */
declare const CLUSTER_FOLDER: string;

const lifetimeSeconds = 60 * 60;

function main(args: string[]): void {
    if (args[0] === "--version" || args[0] === "version") {
        console.log("kubelogin stand-in of the Mainstay rehearsal (simulated sign-in)");
        return;
    }
    if (args[0] !== "get-token") fail(`knows only "get-token", was given ${JSON.stringify(args[0] ?? "")}`);
    const signIn = JSON.parse(readFileSync(join(CLUSTER_FOLDER, "sign-in.json"), "utf8")) as SignIn;
    const audience = option(args, "--server-id") ?? signIn.audience;
    if (audience !== signIn.audience)
        fail(`--server-id is ${audience}; AKS's server application is ${signIn.audience}, and no other is simulated`);

    const now = Math.floor(Date.now() / 1000);
    const token = sign(signIn, {
        iss: signIn.issuer,
        aud: signIn.audience,
        sub: signIn.user,
        upn: signIn.user,
        groups: [...signIn.groups, ...adminGroupsOfClusters(signIn.azureFolder)],
        iat: now,
        nbf: now - 60,
        exp: now + lifetimeSeconds,
    });
    const credential = {
        apiVersion: requestedVersion(),
        kind: "ExecCredential",
        status: { token, expirationTimestamp: new Date((now + lifetimeSeconds) * 1000).toISOString() },
    };
    process.stdout.write(JSON.stringify(credential) + "\n");
}

/** The caller says which version of the answer it reads. */
function requestedVersion(): string {
    const info = process.env.KUBERNETES_EXEC_INFO;
    return (info && (JSON.parse(info) as { apiVersion?: string }).apiVersion) || "client.authentication.k8s.io/v1beta1";
}

/** The person who rehearses is a member of the admin groups of every cluster in the rehearsal. */
function adminGroupsOfClusters(azureFolder: string): string[] {
    let names: string[];
    try {
        names = readdirSync(azureFolder, { recursive: true, encoding: "utf8" });
    } catch {
        return [];
    }
    const groups = names
        .filter((name) => name.endsWith(".json"))
        .flatMap((name) => groupsIn(readFileSync(join(azureFolder, name), "utf8")));
    return [...new Set(groups)];
}

function groupsIn(text: string): string[] {
    if (!text.includes("adminGroupObjectIDs")) return [];
    const found: string[] = [];
    JSON.parse(text, (key, value) => {
        if (key === "adminGroupObjectIDs" && Array.isArray(value)) found.push(...value.map(String));
        return value;
    });
    return found;
}

function sign(signIn: SignIn, claims: Record<string, unknown>): string {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const content = `${encode({ alg: "RS256", typ: "JWT", kid: signIn.keyId })}.${encode(claims)}`;
    const key = createPrivateKey(readFileSync(signIn.privateKey));
    return `${content}.${createSign("RSA-SHA256").update(content).sign(key, "base64url")}`;
}

function option(args: string[], name: string): string | undefined {
    const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
    if (at < 0) return undefined;
    return args[at].includes("=") ? args[at].slice(args[at].indexOf("=") + 1) : args[at + 1];
}

function fail(message: string): never {
    console.error(`kubelogin stand-in (simulated sign-in): ${message}`);
    process.exit(1);
}

main(process.argv.slice(2));
