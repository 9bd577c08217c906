import { access } from "../access";
import { api, cluster as clusterShape, maintenance, systemPool, upgrades, userPool } from "../cluster";
import { controlPlane } from "../controlPlane";
import { tags, zones } from "../environment";
import { images } from "../images";
import { network } from "../network";
import type { Problem } from "../problem";
import type { Settings } from "../schema";
import { accessRules } from "./access";
import { apiRules } from "./api";
import { capacityRules } from "./capacity";
import { controlPlaneRules } from "./controlPlane";
import { tagRules, zoneRules } from "./environment";
import { imageRules } from "./images";
import { windowRules } from "./maintenance";
import { addressRules, openingRules } from "./network";
import { part } from "./part";
import { systemPoolRules, userPoolRules } from "./pools";
import { readTenants, tenantRules } from "./tenants";

/** Where the parts stand that rules speak of. */
type Raw = Record<string, any>;

/**
 * Rules between settings. Each looks at the parts that it needs, and is left out while one of them has a wrong shape: so a
 * slip in one place does not hide what is wrong in another.
 *
 * @param today - `YYYY-MM-DD`: exceptions end
 * @param whole - the settings, where no shape is wrong: hundreds of tenants need not be read again
 */
export function ruleProblems(raw: Raw, today: string, whole?: Settings): Problem[] {
    const cluster: Raw = isRecord(raw.cluster) ? raw.cluster : {};
    const { shape } = clusterShape;
    const parts = {
        kind: part(shape.kind, cluster.kind),
        kubernetesVersion: part(shape.kubernetesVersion, cluster.kubernetesVersion),
        registry: part(shape.registry, cluster.registry),
        controlPlane: part(controlPlane, raw.controlPlane),
        zones: part(zones, raw.zones),
        tags: part(tags, raw.tags),
        access: part(access, raw.access),
        images: part(images, raw.images),
        tenants: whole ? new Map(Object.entries(whole.tenants)) : readTenants(isRecord(raw.tenants) ? raw.tenants : {}),
        network: part(network, raw.network),
        api: part(api, cluster.api),
        systemPool: part(systemPool, cluster.systemPool),
        userPools: Array.isArray(cluster.userPools)
            ? (cluster.userPools as unknown[]).map((pool) => part(userPool, pool))
            : undefined,
        upgrades: part(upgrades, cluster.upgrades),
        maintenance: part(maintenance, cluster.maintenance),
    };
    return [
        ...zoneRules(parts.zones),
        ...tagRules(parts.tags),
        ...addressRules(parts.network),
        ...openingRules(parts.network),
        ...apiRules(parts.api),
        ...systemPoolRules(parts.systemPool, parts.zones),
        ...userPoolRules(parts.userPools),
        ...capacityRules(parts),
        ...windowRules(parts.maintenance),
        ...controlPlaneRules({ ...parts, given: raw.controlPlane !== undefined }),
        ...accessRules(parts.access),
        ...imageRules(parts.images, cluster.registry !== undefined),
        ...tenantRules(parts.tenants, parts.network, today),
    ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
