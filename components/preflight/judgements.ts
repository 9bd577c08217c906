/** Machines that a deployment may need at the most. */
export interface MachineNeed {
    /** What they are for, as the settings call it: `cluster.systemPool`. */
    setting: string;
    /** Virtual machine size, such as `Standard_D4ds_v5`. */
    size: string;
    /** Zones that they are placed in. */
    zones: string[];
    /** Most machines, with those that an upgrade adds. */
    machines: number;
    /** Ephemeral OS disk, in GiB; absent where machines have a disk that outlives their host. */
    osDiskGiB?: number;
    /** Whether they start by trusted launch. @default false */
    trustedLaunch?: boolean;
}

/** What a subscription lacks, and how it is mended. */
export interface Lack {
    what: string;
    mend: string;
}

/** A resource provider, as `GET /subscriptions/{id}/providers` lists it. */
export interface ResourceProvider {
    namespace: string;
    registrationState: string;
}

/** A size, as `Microsoft.Compute/skus` lists it. */
export interface Sku {
    resourceType: string;
    name: string;
    family: string;
    locationInfo?: { location: string; zones?: string[] }[];
    capabilities?: { name: string; value: string }[];
    restrictions?: {
        type: string;
        reasonCode?: string;
        restrictionInfo?: { locations?: string[]; zones?: string[] };
    }[];
}

/** A quota, as `Microsoft.Compute/locations/{location}/usages` lists it. */
export interface Usage {
    name: { value: string; localizedValue?: string };
    currentValue: number;
    limit: number;
}

/** Machines that exist already. */
export interface ExistingPool {
    vmSize?: string;
    count?: number;
}

/** Namespaces whose resources the program makes, whichever kind the cluster is. */
export const NAMESPACES = [
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.Insights",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
];

/** @param more - namespaces that only this kind of cluster needs */
export function judgeProviders(providers: ResourceProvider[], more: string[] = []): Lack[] {
    const state = new Map(providers.map((provider) => [provider.namespace.toLowerCase(), provider.registrationState]));
    return [...NAMESPACES, ...more].flatMap((namespace) => {
        const registration = state.get(namespace.toLowerCase()) ?? "NotRegistered";
        if (registration === "Registered") return [];
        return [
            {
                what: `the resource provider ${namespace} is not registered (${registration})`,
                mend: `az provider register --namespace ${namespace} --wait`,
            },
        ];
    });
}

export function judgeFeature(state: string | undefined): Lack[] {
    if (state === "Registered") return [];
    return [
        {
            what: `the feature Microsoft.Compute/EncryptionAtHost is not registered (${state ?? "NotRegistered"}), and nodes encrypt their disks on the host`,
            mend: "az feature register --namespace Microsoft.Compute --name EncryptionAtHost, and when it says Registered: az provider register --namespace Microsoft.Compute",
        },
    ];
}

/** Is each size offered in its zones, and can it do what nodes need? */
export function judgeSizes(needs: MachineNeed[], skus: Sku[], location: string): Lack[] {
    return needs.flatMap((need) => {
        const sku = findSku(need.size, skus);
        const choose = `set mainstay:${need.setting}.size to another size: az vm list-skus --location ${location} --zone --output table`;
        if (!sku) return [{ what: `${need.size} (${need.setting}) is not offered in ${location}`, mend: choose }];

        const restrictions = sku.restrictions ?? [];
        const closed = restrictions.find((restriction) => restriction.type === "Location");
        if (closed) {
            return [
                {
                    what: `${need.size} (${need.setting}) is closed to this subscription in ${location}${closed.reasonCode ? ` (${closed.reasonCode})` : ""}`,
                    mend: `${choose}, or ask Azure support to open it`,
                },
            ];
        }
        const closedZones = restrictions
            .filter(({ type }) => type === "Zone")
            .flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []);
        const zones = (sku.locationInfo?.find((info) => info.location.toLowerCase() === location)?.zones ?? []).filter(
            (zone) => !closedZones.includes(zone),
        );
        const missing = need.zones.filter((zone) => !zones.includes(zone));
        const lacks: Lack[] = [];
        if (missing.length > 0) {
            lacks.push({
                what: `${need.size} (${need.setting}) is not offered in zone ${missing.join(" and ")} of ${location}, only in ${zones.join(" and ") || "no zone"}`,
                mend: choose,
            });
        }
        if (capability(sku, "EncryptionAtHostSupported") === "False") {
            lacks.push({ what: `${need.size} (${need.setting}) cannot encrypt its disks on the host`, mend: choose });
        }
        if (need.trustedLaunch && capability(sku, "TrustedLaunchDisabled") === "True") {
            lacks.push({ what: `${need.size} (${need.setting}) cannot start by trusted launch`, mend: choose });
        }
        if (need.osDiskGiB !== undefined && localDiskGiB(sku) < need.osDiskGiB) {
            lacks.push({
                what: `${need.size} (${need.setting}) has room for an ephemeral OS disk of ${localDiskGiB(sku)} GiB, not of ${need.osDiskGiB} GiB`,
                mend: `lower mainstay:${need.setting}.osDiskGiB, or ${choose}`,
            });
        }
        return lacks;
    });
}

/** Does the quota hold all machines at once? Those that the cluster has already are in its usage, and not counted twice. */
export function judgeQuota(
    needs: MachineNeed[],
    skus: Sku[],
    usages: Usage[],
    existing: ExistingPool[],
    location: string,
): Lack[] {
    const TOTAL = "cores";
    const wanted = new Map<string, number>();
    const add = (family: string, cores: number) => wanted.set(family, (wanted.get(family) ?? 0) + cores);
    const count = (size: string, machines: number) => {
        const sku = findSku(size, skus);
        // A size that is not offered has been reported as such.
        if (!sku) return;
        const cores = Number(capability(sku, "vCPUs") ?? 0) * machines;
        add(sku.family, cores);
        add(TOTAL, cores);
    };
    for (const { size, machines } of needs) count(size, machines);
    for (const pool of existing) if (pool.vmSize) count(pool.vmSize, -(pool.count ?? 0));

    return [...wanted].flatMap(([family, cores]) => {
        const usage = usages.find(({ name }) => name.value.toLowerCase() === family.toLowerCase());
        if (!usage) return [];
        const free = usage.limit - usage.currentValue;
        if (cores <= free) return [];
        const title = usage.name.localizedValue ?? family;
        return [
            {
                what: `${title} in ${location}: up to ${cores} more cores are needed at the pools' maxima with surge, ${free} of ${usage.limit} are free`,
                mend: `ask for a quota of ${usage.currentValue + cores} (az quota update, or the portal's Quotas page), or lower the pools' maxima`,
            },
        ];
    });
}

function findSku(size: string, skus: Sku[]): Sku | undefined {
    return skus.find((sku) => sku.resourceType === "virtualMachines" && sku.name.toLowerCase() === size.toLowerCase());
}

function capability(sku: Sku, name: string): string | undefined {
    return sku.capabilities?.find((one) => one.name === name)?.value;
}

/** Where an ephemeral OS disk can go: the cache, the temporary disk or the NVMe disk, whichever is larger. */
function localDiskGiB(sku: Sku): number {
    const GiB = 2 ** 30;
    const sizes = [
        Number(capability(sku, "CachedDiskBytes") ?? 0) / GiB,
        Number(capability(sku, "MaxResourceVolumeMB") ?? 0) / 1024,
        Number(capability(sku, "NvmeDiskSizeInMiB") ?? 0) / 1024,
    ];
    return capability(sku, "EphemeralOSDiskSupported") === "False" ? 0 : Math.floor(Math.max(...sizes));
}
