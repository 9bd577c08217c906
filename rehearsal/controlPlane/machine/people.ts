import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { signInHost } from "../../kubelogin/token";
import type { Program } from "../plan";

/**
 * Arguments by which kubelogin gets a token that a machine's API server takes: its own AuthenticationConfiguration says which.
 * `undefined` where it takes none of Entra's.
 */
export function signInArguments(programs: Program[]): string[] | undefined {
    const flag = "--authentication-config=";
    const apiServer = programs.find(({ name }) => name === "kube-apiserver");
    const path = apiServer?.args.find((argument) => argument.startsWith(flag))?.slice(flag.length);
    const issuers: { url: string; audiences: string[] }[] = path
        ? (parse(readFileSync(path, "utf8")).jwt ?? []).map(({ issuer }: any) => issuer)
        : [];
    for (const { url, audiences } of issuers) {
        const { hostname, pathname } = new URL(url);
        const [, tenantId] = /^\/([^/]+)\/v2\.0$/.exec(pathname) ?? [];
        if (hostname !== signInHost || !tenantId) continue;
        const application = ["--server-id", audiences[0], "--client-id", audiences[0]];
        return ["get-token", "--login", "azurecli", ...application, "--tenant-id", tenantId];
    }
    return undefined;
}
