import { admissionConfiguration } from "./admission";
import { auditPolicy } from "./audit";
import { authenticationConfiguration } from "./authentication";
import { documents } from "./document";
import { imageCredentialFiles } from "./imageCredentials";
import { discoveryDocument } from "./issuer";
import {
    clusterConfiguration,
    initConfiguration,
    machineJoinConfiguration,
    patchesFolder,
    workerJoinConfiguration,
} from "./kubeadm";
import { kubeletConfiguration, kubeletPatch } from "./kubelet";
import { forbiddenNodeLabels } from "./nodeLabels";
import type { ClusterPlan, Machine, WorkerPool } from "./plan";

/** Files of a control-plane machine's bundle, by path. The keys of the issuer (`issuer/jwks`) are for the caller to add. */
export function controlPlaneFiles(plan: ClusterPlan, machine: Machine): Record<string, string> {
    return {
        "kubernetes/kubeadm-init.yaml": documents(
            initConfiguration(plan, machine),
            clusterConfiguration(plan),
            kubeletConfiguration(plan),
        ),
        "kubernetes/kubeadm-join.yaml": documents(machineJoinConfiguration(plan, machine)),
        "kubernetes/files/audit-policy.yaml": auditPolicy(),
        "kubernetes/files/authentication.yaml": authenticationConfiguration(plan),
        "kubernetes/files/admission.yaml": admissionConfiguration(),
        "issuer/openid-configuration": discoveryDocument(plan.issuerUrl),
        ...imageCredentialFiles(plan.registry, plan.tenantId),
    };
}

/**
 * Files of the bundle that all workers of a pool share, by path.
 *
 * @throws Error when a label is one that no kubelet may give itself, or a taint cannot be read
 */
export function workerFiles(plan: Pick<ClusterPlan, "tenantId">, pool: WorkerPool): Record<string, string> {
    const forbidden = forbiddenNodeLabels(pool.labels);
    if (forbidden.length > 0)
        throw new Error(
            `pool ${pool.name}: a node may not give itself the label ${forbidden.join(", ")}; ` +
                "take a name outside kubernetes.io and k8s.io",
        );
    return {
        "kubernetes/kubeadm-join.yaml": documents(workerJoinConfiguration(pool)),
        // kubeadm knows by its name what it patches, and how.
        [`${patchesFolder}/kubeletconfiguration0+merge.yaml`]: documents(kubeletPatch(pool)),
        ...imageCredentialFiles(pool.registry, plan.tenantId),
    };
}
