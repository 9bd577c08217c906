/**
 * A stand-in for `kubelogin`, the sign-in plugin that kubeconfigs call for people of Entra ID. The sign-in is simulated: no
 * person is asked for anything. The token is a real one, signed, short-lived, and checked by the rehearsal's API server.
 */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Door } from "../controlPlane/door/client";
import { aksServerApplication, personClaims, signToken, type SignIn } from "./token";

/** Put in when the file is bundled. */
declare const CLUSTER_FOLDER: string;

/** Groups that the person is a member of, instead of the administrators': object IDs, with commas between; may be empty. */
const GROUPS = "MAINSTAY_SIGN_IN_GROUPS";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function main(args: string[]): Promise<void> {
    if (args[0] === "--version" || args[0] === "version") {
        console.log("kubelogin stand-in of the Mainstay rehearsal (simulated sign-in)");
        return;
    }
    if (args[0] !== "get-token") throw new Error(`knows only "get-token", was given ${JSON.stringify(args[0] ?? "")}`);
    const given = (name: string, otherwise: string): string => {
        const value = option(args, name) ?? otherwise;
        if (!guid.test(value)) throw new Error(`${name} takes a GUID, was given ${JSON.stringify(value)}`);
        return value;
    };
    const audience = given("--server-id", aksServerApplication);
    const clientId = given("--client-id", audience);
    const tenantId = given("--tenant-id", "00000000-0000-0000-0000-000000000000");

    const signIn = JSON.parse(readFileSync(join(CLUSTER_FOLDER, "sign-in.json"), "utf8")) as SignIn;
    const claims = personClaims(signIn, { audience, clientId, tenantId }, groupsGiven() ?? (await administrators()));
    const credential = {
        apiVersion: requestedVersion(),
        kind: "ExecCredential",
        status: {
            token: signToken(signIn, claims),
            expirationTimestamp: new Date(Number(claims.exp) * 1000).toISOString(),
        },
    };
    process.stdout.write(JSON.stringify(credential) + "\n");
}

/** The caller says which version of the answer it reads. */
function requestedVersion(): string {
    const info = process.env.KUBERNETES_EXEC_INFO;
    return (info && (JSON.parse(info) as { apiVersion?: string }).apiVersion) || "client.authentication.k8s.io/v1beta1";
}

function groupsGiven(): string[] | undefined {
    const groups = process.env[GROUPS]?.split(",")
        .map((group) => group.trim())
        .filter(Boolean);
    const wrong = groups?.find((group) => !guid.test(group));
    if (wrong) throw new Error(`${GROUPS} takes object IDs of groups, as Entra gives them out; was given ${wrong}`);
    return groups;
}

/** The person who rehearses is a member of the groups that may do everything in the cluster. */
async function administrators(): Promise<string[]> {
    let door: Door;
    try {
        door = JSON.parse(readFileSync(join(CLUSTER_FOLDER, "door.json"), "utf8")) as Door;
    } catch {
        throw new Error("the rehearsal's control plane does not run");
    }
    return new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${door.token}` };
        const asked = request(`${door.address}/administrators`, { agent: false, headers }, (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk) => chunks.push(chunk));
            answer.on("error", reject);
            answer.on("end", () => {
                const text = Buffer.concat(chunks).toString("utf8");
                if (answer.statusCode === 200) resolve(JSON.parse(text) as string[]);
                else reject(new Error(`the rehearsal does not say who administrates the cluster: ${text}`));
            });
        });
        asked.on("error", (error) => reject(new Error(`the rehearsal's control plane has ended: ${error.message}`)));
        asked.end();
    });
}

function option(args: string[], name: string): string | undefined {
    const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
    if (at < 0) return undefined;
    return args[at].includes("=") ? args[at].slice(args[at].indexOf("=") + 1) : args[at + 1];
}

main(process.argv.slice(2)).catch((error: Error) => {
    console.error(`kubelogin stand-in (simulated sign-in): ${error.message}`);
    process.exit(1);
});
