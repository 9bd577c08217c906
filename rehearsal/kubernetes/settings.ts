import { UNKNOWN, type Properties } from "../provider";

/** What a program may set on `kubernetes.Provider`, as far as a rehearsal follows it. */
export interface Settings {
    /** Content or path; UNKNOWN while the cluster is not there; absent: the user's own. */
    kubeconfig?: string | typeof UNKNOWN;
    context?: string;
    cluster?: string;
    namespace?: string;
    enableConfigMapMutable: boolean;
    enableSecretMutable: boolean;
    enablePatchForce: boolean;
    upsertExistingObjects: boolean;
    deleteUnreachable: boolean;
}

/** @throws for what a rehearsal cannot do, rather than doing something else */
export function readSettings(properties: Properties): Settings {
    if (properties.renderYamlToDirectory)
        throw new Error("renderYamlToDirectory: a rehearsal applies to an API server; it does not render YAML");
    const text = (name: string) => (typeof properties[name] === "string" ? (properties[name] as string) : undefined);
    // Settings of a provider may reach it as JSON text.
    const flag = (name: string, variable: string) =>
        String(properties[name] ?? process.env[`PULUMI_K8S_${variable}`] ?? false) === "true";
    return {
        kubeconfig: properties.kubeconfig === UNKNOWN ? UNKNOWN : kubeconfigText(properties.kubeconfig),
        context: text("context"),
        cluster: text("cluster"),
        namespace: text("namespace"),
        enableConfigMapMutable: flag("enableConfigMapMutable", "ENABLE_CONFIGMAP_MUTABLE"),
        enableSecretMutable: flag("enableSecretMutable", "ENABLE_SECRET_MUTABLE"),
        enablePatchForce: flag("enablePatchForce", "ENABLE_PATCH_FORCE"),
        upsertExistingObjects: flag("upsertExistingObjects", "UPSERT_EXISTING_OBJECTS"),
        deleteUnreachable: flag("deleteUnreachable", "DELETE_UNREACHABLE"),
    };
}

/** Programs hand over text or, with types cast away, the object itself. */
function kubeconfigText(value: Properties[string] | undefined): string | undefined {
    if (value === undefined || value === null || value === "") return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
}
