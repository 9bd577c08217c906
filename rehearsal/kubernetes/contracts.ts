import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contractsFolder } from "../contracts";

/** A definition as its owner published it, and the little of it that must be known without reading it all. */
export interface ContractDefinition {
    yaml: string;
    /** `<plural>.<group>` */
    name: string;
    namespaced: boolean;
}

const found = new Map<string, ContractDefinition | undefined>();

/** The published definition of a custom kind, `undefined` where there is none. */
export function contractDefinition(group: string, kind: string): ContractDefinition | undefined {
    const key = `${group}/${kind}`;
    if (!found.has(key)) found.set(key, lookUp(group, kind));
    return found.get(key);
}

function lookUp(group: string, kind: string): ContractDefinition | undefined {
    const folder = folderBelow("crds");
    if (!folder) return undefined;
    for (const file of readdirSync(folder).filter((name) => name.startsWith(`${group}-`))) {
        for (const yaml of readFileSync(join(folder, file), "utf8").split(/^---.*$/m)) {
            // Looked at by pattern, since some take a second to parse; the API server reads the text as it is.
            const own = (key: string) => new RegExp(`^ {2,4}${key}: *"?([^"\\s]+)"?$`, "m").exec(yaml)?.[1];
            if (own("kind") !== kind || own("group") !== group) continue;
            return { yaml, name: `${own("plural")}.${group}`, namespaced: own("scope") !== "Cluster" };
        }
    }
    return undefined;
}

/** Where the contract of a chart lies, `undefined` where there is none. */
export function chartContract(chart: string): string | undefined {
    return folderBelow("charts", chart);
}

function folderBelow(...below: string[]): string | undefined {
    const contracts = contractsFolder();
    const folder = contracts && join(contracts.path, ...below);
    return folder && existsSync(folder) ? folder : undefined;
}
