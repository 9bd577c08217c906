import { checklist } from "./checklist";
import type { Kind, Kinds, Tagged } from "./kinds";
import { resourceRule, typeRule, type Rule } from "./rule";

const item = checklist.everyDeployment;

type TaggedKind = {
    [k in keyof Kinds]: Kinds[k] extends Tagged ? ("tags" extends keyof Kinds[k] ? k : never) : never;
}[keyof Kinds];

const requiredTags = resourceRule({
    name: "required-tags",
    item,
    title: "Azure resources carry the tags that say whose they are",
    severity: "medium",
    why: "A resource without them is nobody's: nobody pays for it, and nobody dares to delete it.",
    mend: "Add them, best for all resources at once where the program makes its tags.",
    config: {
        tags: {
            type: "array",
            items: { type: "string" },
            default: ["environment", "owner"],
            description: "Tags that every resource carries. Azure compares names of tags without case.",
        },
    },
    kinds: [
        "azure-native:compute:Disk",
        "azure-native:compute:VirtualMachine",
        "azure-native:compute:VirtualMachineExtension",
        "azure-native:compute:VirtualMachineScaleSet",
        "azure-native:containerservice:AgentPool",
        "azure-native:containerservice:ManagedCluster",
        "azure-native:keyvault:Vault",
        "azure-native:managedidentity:UserAssignedIdentity",
        "azure-native:monitor:DataCollectionRule",
        "azure-native:network:LoadBalancer",
        "azure-native:network:NatGateway",
        "azure-native:network:NetworkInterface",
        "azure-native:network:NetworkSecurityGroup",
        "azure-native:network:PrivateEndpoint",
        "azure-native:network:PublicIPAddress",
        "azure-native:network:VirtualNetwork",
        "azure-native:operationalinsights:Workspace",
        "azure-native:privatedns:PrivateZone",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:StorageAccount",
    ] satisfies TaggedKind[],
    check({ props }, judge) {
        const { tags } = judge.config<{ tags: string[] }>();
        const given = Object.keys((props as Tagged).tags ?? {}).map((name) => name.toLowerCase());
        const missing = tags.filter((name) => !given.includes(name.toLowerCase()));
        if (missing.length === 0) return;
        judge.refuse({ at: "tags", given: `no ${missing.join(", no ")}`, allowed: tags.join(", ") });
    },
});

/** Refuses what would pass unread: the same kinds under the name of another API version, or many of them as a list. */
export function judgedApiVersions(rules: Rule[]): Rule {
    const kinds = [...new Set(rules.flatMap((rule) => rule.kinds))].sort();
    const judged = new Map<string, Kind>(kinds.map((kind) => [withoutVersion(kind), kind]));
    return typeRule({
        name: "judged-api-versions",
        item,
        title: "What a rule concerns is declared in the API version that the rules read, one by one",
        severity: "high",
        why: "Rules know a resource by its type; the type of another API version, or of a list, would pass by all of them.",
        mend: "Use the SDK's default API version, and a resource for each object.",
        kinds,
        check(type) {
            const name = withoutVersion(type);
            const kind = judged.get(name) ?? judged.get(name.replace(/List$/, ""));
            if (kind === undefined || kind === type) return undefined;
            return { at: "type", given: type, allowed: kind };
        },
    });
}

/**
 * The forms are `azure-native:network/v20240501:Subnet` and, from SDKs made for one version,
 * `azure-native_network_v20240501:network:Subnet`; `kubernetes:GROUP/v1beta1:KIND` and, of a CustomResource with
 * `apiVersion: v1`, `kubernetes:v1:KIND`.
 */
function withoutVersion(type: string): string {
    return type
        .replace(/^azure-native_[a-z]+_v\d{8}\w*:/, "azure-native:")
        .replace(/^(azure-native:\w+)\/v\d{8}\w*:/, "$1:")
        .replace(/^kubernetes:v\d\w*:/, "kubernetes:core:")
        .replace(/^(kubernetes:[\w.]+)\/v\d\w*:/, "$1:");
}

export const inventory = [requiredTags];
