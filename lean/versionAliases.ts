import type * as pulumi from "@pulumi/pulumi";
import { registerStackTransformation } from "@pulumi/pulumi/runtime/stack";

/** Azure's API version in a type name, as in `azure-native:network/v20240501:LoadBalancer`. */
const AZURE_VERSION = /^azure-native:[^:]+\/v\d{8}[a-z]*:/;

/** Kubernetes' group and version in a type name, as in `kubernetes:apps/v1beta1:Deployment`. */
const KUBERNETES_VERSION = /^kubernetes:[^:]+\/v\d+[a-z\d]*:/;

/**
 * Drops the aliases that the SDKs add for every API version a resource's type was ever known under: 40 and more a
 * resource in azure-native, up to five in Kubernetes. The engine would look each of them up in the state; a stack that
 * started with this program has none of them.
 *
 * Aliases that users give stay, a version alias too: as the SDK gives it once more, the user's is the one that comes
 * twice. So a stack that does come from an old type name takes `aliases: [{ type: "azure-native:network/v20200601:LoadBalancer" }]`.
 */
export function dropVersionAliases(): void {
    try {
        registerStackTransformation(({ type, props, opts }) => {
            const aliases = withoutVersionAliases(type, opts.aliases);
            return aliases === opts.aliases ? undefined : { props, opts: { ...opts, aliases } };
        });
    } catch {
        // No stack: the program's parts are being tested without an engine.
    }
}

type Aliases = pulumi.ResourceOptions["aliases"];

/** The aliases of a resource of this type without those that its SDK added for other API versions. */
export function withoutVersionAliases(resourceType: string, aliases: Aliases): Aliases {
    const version = resourceType.startsWith("azure-native:")
        ? AZURE_VERSION
        : resourceType.startsWith("kubernetes:")
          ? KUBERNETES_VERSION
          : undefined;
    // Promises and outputs are never the SDKs'.
    if (!version || !Array.isArray(aliases)) return aliases;

    const seen = new Set<string>();
    const kept = aliases.filter((alias: unknown) => {
        const type = soleType(alias);
        if (type === undefined || !version.test(type)) return true;
        const fromUser = seen.has(type);
        seen.add(type);
        return fromUser;
    });
    return kept.length === aliases.length ? aliases : kept;
}

/** The type of an alias that says nothing but a type, which is how the SDKs write theirs. */
function soleType(alias: unknown): string | undefined {
    if (typeof alias !== "object" || alias === null) return undefined;
    const keys = Object.keys(alias);
    const type = (alias as pulumi.Alias).type;
    return keys.length === 1 && typeof type === "string" ? type : undefined;
}
