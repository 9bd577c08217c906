import { UNKNOWN } from "../provider";
import type { KubernetesClient } from "./client";
import { UnreachableError } from "./client";
import { Definitions } from "./definitions";
import { Discovery } from "./discovery";
import { connect, readKubeconfig } from "./kubeconfig";
import type { Settings } from "./settings";

/** An API server that answers, and what is known of it. */
export class Cluster {
    readonly discovery: Discovery;
    readonly definitions: Definitions;

    private constructor(readonly client: KubernetesClient) {
        this.discovery = new Discovery(client);
        this.definitions = new Definitions(client, this.discovery);
    }

    /**
     * `undefined` while the kubeconfig is unknown.
     * @throws UnreachableError when nobody answers, any other error when the kubeconfig is no good
     */
    static async open(settings: Settings): Promise<Cluster | undefined> {
        if (settings.kubeconfig === UNKNOWN) return undefined;
        const client = await connect(readKubeconfig(settings.kubeconfig, settings));
        try {
            await client.get("/version");
        } catch (error) {
            client.close();
            throw error;
        }
        return new Cluster(client);
    }
}

/** Namespace of objects that name none: the provider's, else the kubeconfig's, else `default`. */
export function defaultNamespace(settings: Settings): string {
    if (settings.namespace) return settings.namespace;
    if (settings.kubeconfig === UNKNOWN) return "default";
    return readKubeconfig(settings.kubeconfig, settings).namespace ?? "default";
}

export { UnreachableError };
