import type { PropertyPath } from "../provider";
import type { Kind } from "./kinds";
import { at } from "./objects";
import type { Settings } from "./settings";

/**
 * Fields whose change replaces the object: those that @pulumi/kubernetes 4.34 lists, no more and no less. Where a field
 * is immutable and not listed, production gets the server's refusal, and so does a rehearsal.
 */
const workloadSelector = ["spec.selector"];
const replacing: Record<string, string[]> = {
    "apps/DaemonSet": workloadSelector,
    "apps/Deployment": workloadSelector,
    "apps/StatefulSet": [
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ],
    "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
    "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
    "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
    "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
    "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
    "/ResourceQuota": ["spec.scopes"],
    "/Service": ["spec.clusterIP"],
};

const volumeSources =
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume";
replacing["/PersistentVolume"] = volumeSources.split(" ").map((source) => `spec.${source}`);

/** Of a pod next to nothing may change, so what may is shorter to say. */
const changeableInPod = new Set(["spec.activeDeadlineSeconds", "spec.tolerations", "spec.schedulingGates"]);

/** Whether a change at the path needs a new object. `inputs` are the new ones. */
export function forcesReplacement(kind: Kind, inputs: unknown, settings: Settings, path: PropertyPath): boolean {
    const named = path.filter((part) => typeof part === "string").join(".");
    if (named === "kind" || named === "metadata.name" || named === "metadata.namespace") return true;
    if (named === "metadata") return true; // it becomes unknown or goes: the name may be another
    if (kind.patch) return false;

    const type = `${kind.group}/${kind.kind}`;
    const isUnder = (field: string) =>
        named === field || named.startsWith(`${field}.`) || field.startsWith(`${named}.`);
    if (type === "/Pod") return isUnder("spec") && !changeableInPod.has(path.slice(0, 2).join("."));
    if (type === "/ConfigMap" && (!settings.enableConfigMapMutable || at(inputs, "immutable") === true))
        return ["data", "binaryData"].some(isUnder);
    if (type === "/Secret" && (!settings.enableSecretMutable || at(inputs, "immutable") === true))
        return ["type", "data", "stringData"].some(isUnder);
    if (type === "/Secret") return isUnder("type");
    return (replacing[type] ?? []).some(isUnder);
}
