import type { KubernetesMinor } from "./components/controlPlane/boot/versions";
import { type Registry, registryHost } from "./components/controlPlane/registry";
import { addressAt, parseRange } from "./components/network/addressPlan";
import type { Environment } from "./components/site";
import type { Tenant } from "./components/tenants";
import type { Problem } from "./settings/problem";
import { type Deployment, readRaw, refuse } from "./settings/raw";
import { ruleProblems } from "./settings/rules";
import type { AccessSettings } from "./settings/access";
import type { ClusterSettings } from "./settings/cluster";
import type { ControlPlaneSettings } from "./settings/controlPlane";
import { withTenantsFile } from "./settings/tenantsFile";
import { schema, type Settings as StackSettings } from "./settings/schema";
import { readShape } from "./settings/shape";

export { SettingsError } from "./settings/raw";

/** Settings of a stack, checked, with everything filled in that was left out. */
export interface Settings {
    environment: Environment;
    network: Required<StackSettings["network"]>;
    cluster: ClusterSettings;
    /** Where the cluster is self-managed, and only there; with what rules have found of the cluster's settings. */
    controlPlane?: ControlPlaneSettings & { kubernetesVersion: KubernetesMinor; registry: Registry | undefined };
    access: AccessSettings;
    /** Where images may come from; the cluster's own registry is among them. */
    images: { registries: string[] };
    /** By name. */
    tenants: Tenant[];
}

/** The stack's settings. @throws SettingsError with every problem at once, before anything is registered. */
export function readSettings(): Settings {
    const { raw, deployment } = readRaw();
    return checkSettings({ ...raw, tenants: withTenantsFile(raw.tenants, __dirname) }, deployment);
}

/**
 * Plain values to settings.
 *
 * @param today - `YYYY-MM-DD`: exceptions end
 */
export function checkSettings(
    raw: Record<string, unknown>,
    deployment: Deployment,
    today = new Date().toISOString().slice(0, 10),
): Settings {
    const { project, stack } = deployment;
    const { settings, problems } = readShape(schema, raw);
    refuse(deployment, [...nameProblems(project, stack), ...problems, ...ruleProblems(raw, today, settings)]);
    return complete(settings!, deployment);
}

/** What was left out, and what follows from the rest. */
function complete(settings: StackSettings, { project, stack }: Deployment): Settings {
    const { owner, location, zones, tags, network, cluster, controlPlane, access, images, tenants } = settings;
    return {
        environment: {
            prefix: `${project}-${stack}`,
            location,
            zones,
            tags: { ...tags, owner, environment: stack, project, "managed-by": "pulumi" },
        },
        network: { ...network, dnsServiceIP: network.dnsServiceIP ?? addressAt(parseRange(network.serviceCidr), 10) },
        cluster,
        controlPlane:
            cluster.kind === "selfManaged" && controlPlane
                ? {
                      ...controlPlane,
                      kubernetesVersion: cluster.kubernetesVersion as KubernetesMinor,
                      registry: cluster.registry as Registry | undefined,
                  }
                : undefined,
        access,
        images: {
            registries: [
                ...new Set([...images.registries, ...(cluster.registry ? [registryHost(cluster.registry)] : [])]),
            ],
        },
        tenants: Object.entries(tenants)
            .map(([name, { namespaces = [name], ...tenant }]) => ({ name, namespaces, ...tenant }))
            .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
}

/** Azure's names are made of the project's and the stack's: the strictest of them decides what those may be. */
function nameProblems(project: string, stack: string): Problem[] {
    const prefix = `${project}-${stack}`;
    if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(prefix) && prefix.length <= 32) return [];
    return [
        {
            path: "the stack's name",
            given: stack,
            allowed: `a name that makes ${project}-NAME at most 32 lower-case letters, digits and single hyphens`,
            mend: "name the stack so: pulumi stack rename",
        },
    ];
}
