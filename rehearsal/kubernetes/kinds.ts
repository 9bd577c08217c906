import type { Properties } from "../provider";

/** Which sort of object a resource is. */
export interface Kind {
    /** As in a manifest: `v1`, `apps/v1`. */
    apiVersion: string;
    /** Empty for the core group. */
    group: string;
    version: string;
    kind: string;
    /** A `…Patch` resource: manages some fields of an object that belongs to somebody else. */
    patch: boolean;
}

/**
 * Reads a type token such as `kubernetes:apps/v1:Deployment`. What the inputs say wins, since the SDK writes
 * `apiVersion` and `kind` into them and only there tells `DeploymentPatch` from a kind of that name.
 */
export function kindOf(token: string, inputs?: Properties): Kind {
    const [, groupVersion = "", typeName = ""] = token.split(":");
    const slash = groupVersion.lastIndexOf("/");
    const fromToken = groupVersion.startsWith("core/") ? groupVersion.slice(slash + 1) : groupVersion;
    const apiVersion = typeof inputs?.apiVersion === "string" ? inputs.apiVersion : fromToken;
    const givenKind = typeof inputs?.kind === "string" ? inputs.kind : undefined;
    const patch = givenKind === undefined ? isPatchOfBuiltIn(typeName) : typeName === `${givenKind}Patch`;
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    return { apiVersion, group, version, kind: givenKind ?? (patch ? typeName.slice(0, -5) : typeName), patch };
}

function isPatchOfBuiltIn(typeName: string): boolean {
    return typeName.endsWith("Patch") && typeName !== "Patch";
}

/** `DeploymentList` and the like, which exist for the sake of YAML files. */
export function isList(token: string): boolean {
    const [, groupVersion = "", typeName = ""] = token.split(":");
    return typeName.endsWith("List") && isBuiltInGroup(groupVersion.replace(/^core\//, "").replace(/\/?v[^/]*$/, ""));
}

const ownGroups = new Set(["", "core", "apps", "autoscaling", "batch", "extensions", "policy"]);
const ownDottedGroups = new Set(
    [
        "admissionregistration",
        "apiextensions",
        "apiregistration",
        "authentication",
        "authorization",
        "certificates",
        "coordination",
        "discovery",
        "events",
        "flowcontrol.apiserver",
        "internal.apiserver",
        "networking",
        "node",
        "rbac.authorization",
        "resource",
        "scheduling",
        "storage",
        "storagemigration",
    ].map((name) => `${name}.k8s.io`),
);

/** Whether Kubernetes itself serves the group, so that no definition can add kinds to it. */
export function isBuiltInGroup(group: string): boolean {
    return ownGroups.has(group) || ownDottedGroups.has(group);
}

/** Kubernetes' own kinds that live in no namespace; needed where no server can be asked. */
const clusterKinds = new Set([
    "APIService",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CSIDriver",
    "CSINode",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IngressClass",
    "IPAddress",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
]);

export function isClusterKind({ group, kind }: Kind): boolean {
    return isBuiltInGroup(group) && clusterKinds.has(kind);
}
