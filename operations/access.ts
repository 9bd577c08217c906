/*
 * npm run access -- audit [--kubeconfig FILE] [--context NAME] [--json]
 *
 * Lists who has rights in a running cluster without being a group of Entra's, and what to put in its place. It changes
 * nothing. Exit code: 0 nobody, 1 somebody, 2 it could not look.
 */
import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import { toolPath } from "../rehearsal/toolchain";
import { audit, type Binding, type Namespace } from "./accessAudit";
import { reportJson, reportText } from "./accessReport";

const USAGE = "npm run access -- audit [--kubeconfig FILE] [--context NAME] [--json]";

class Refused extends Error {}

function readArguments() {
    try {
        const { values, positionals } = parseArgs({
            allowPositionals: true,
            options: {
                kubeconfig: { type: "string" },
                context: { type: "string" },
                json: { type: "boolean", default: false },
            },
        });
        if (positionals.length === 1 && positionals[0] === "audit") return values;
    } catch (error) {
        throw new Refused(`${(error as Error).message}\n${USAGE}`);
    }
    throw new Refused(USAGE);
}

async function main(): Promise<number> {
    const { kubeconfig, context, json } = readArguments();
    const target = [
        ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
        ...(context === undefined ? [] : ["--context", context]),
    ];
    const items = await read(target);
    const result = audit(
        items.filter((item): item is Binding => item.kind === "ClusterRoleBinding" || item.kind === "RoleBinding"),
        items.filter((item): item is Namespace & { kind: string } => item.kind === "Namespace"),
    );
    const kubectl = ["kubectl", ...target];
    console.log(json ? JSON.stringify(reportJson(result, kubectl), undefined, 4) : reportText(result, kubectl));
    return result.findings.length === 0 ? 0 : 1;
}

/** By the user's own kubeconfig and sign-in; an auditor may read all of it. */
async function read(target: string[]): Promise<(Binding | (Namespace & { kind: string }))[]> {
    const group = "rbac.authorization.k8s.io";
    const kinds = `clusterrolebindings.${group},rolebindings.${group},namespaces`;
    const args = [...target, "get", kinds, "--all-namespaces", "--output", "json"];
    try {
        const { stdout } = await promisify(execFile)(await toolPath("kubectl"), args, { maxBuffer: 2 ** 28 });
        return JSON.parse(stdout).items;
    } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        throw new Refused(`the cluster's bindings could not be read: ${(stderr || message).trim()}`);
    }
}

main().then(
    (code) => process.exit(code),
    (error: Error) => {
        console.error(`mainstay: ${error instanceof Refused ? error.message : (error.stack ?? error.message)}`);
        process.exit(2);
    },
);
