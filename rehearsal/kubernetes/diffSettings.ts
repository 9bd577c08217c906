import { diffProperties, UNKNOWN, type Diff, type Properties } from "../provider";
import { readKubeconfig } from "./kubeconfig";
import { readSettings } from "./settings";

/**
 * A provider is replaced, and all its objects with it, when it comes to mean another cluster. `clusterIdentifier` says
 * which one it means; without it the address and authority in the kubeconfig have to do.
 */
export function diffOfSettings(before: Properties, after: Properties): Diff {
    const entries = diffProperties(before, after);
    const changed = (name: string) =>
        Object.keys(entries).filter((path) => path === name || path.startsWith(`${name}.`));
    const identified = before.clusterIdentifier && after.clusterIdentifier;
    if (identified) {
        if (before.clusterIdentifier !== after.clusterIdentifier) replace(["clusterIdentifier"]);
        return { entries };
    }
    const names = ["kubeconfig", "context", "cluster"];
    const unknown = names.filter((name) => after[name] === UNKNOWN);
    if (unknown.length > 0) replace(unknown);
    else if (clusterOf(before) !== clusterOf(after)) replace(names.flatMap(changed));
    return { entries };

    function replace(paths: string[]): void {
        for (const path of paths) if (entries[path]) entries[path] = { ...entries[path], replace: true };
    }
}

/** The active cluster as text; `undefined` where the kubeconfig cannot be read. */
function clusterOf(properties: Properties): string | undefined {
    const settings = readSettings(properties);
    if (settings.kubeconfig === UNKNOWN || settings.kubeconfig === undefined) return undefined;
    try {
        return JSON.stringify(readKubeconfig(settings.kubeconfig, settings).cluster);
    } catch {
        return undefined;
    }
}
