import type { Flags } from "./flags";
import { jwksUri } from "./issuer";
import { apiServerFolder, auditLogFolder } from "./paths";
import type { ClusterPlan } from "./plan";
import { apiServerTls } from "./tls";

/** Beyond what kubeadm sets. docs/control-plane.md says why of each. */
export function apiServerFlags(plan: ClusterPlan): Flags {
    return {
        ...apiServerTls,
        // No flag about anonymous requests: the file says which paths are open to them.
        "authentication-config": `${apiServerFolder}/authentication.yaml`,
        "enable-admission-plugins": ["NodeRestriction", "DenyServiceExternalIPs"],
        "admission-control-config-file": `${apiServerFolder}/admission.yaml`,
        "encryption-provider-config": `${apiServerFolder}/encryption.yaml`,
        "encryption-provider-config-automatic-reload": true,
        "audit-policy-file": `${apiServerFolder}/audit-policy.yaml`,
        "audit-log-path": `${auditLogFolder}/audit.log`,
        // Days, files, and mebibytes of a file: a gibibyte at the most.
        "audit-log-maxage": 30,
        "audit-log-maxbackup": 10,
        "audit-log-maxsize": 100,
        // Kubelets' serving certificates are signed by the cluster's authority, once approved.
        "kubelet-certificate-authority": "/etc/kubernetes/pki/ca.crt",
        "service-account-issuer": plan.issuerUrl,
        "service-account-jwks-uri": jwksUri(plan.issuerUrl),
        "service-account-extend-token-expiration": false,
        // One request in a thousand has its connection moved, so that kept ones spread over the servers again.
        "goaway-chance": 0.001,
        // Longer than the balancer's probe (5 s) needs to fail twice: it sends nobody here any more when the port closes.
        "shutdown-delay-duration": "15s",
        profiling: false,
    };
}

/** What the flags name has to be in the container too. */
export const apiServerVolumes = [
    { name: "mainstay", path: apiServerFolder, readOnly: true, pathType: "Directory" },
    { name: "audit-log", path: auditLogFolder, readOnly: false, pathType: "DirectoryOrCreate" },
].map(({ path, ...volume }) => ({ ...volume, hostPath: path, mountPath: path }));
