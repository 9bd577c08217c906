import { documents } from "./document";

/**
 * Namespaces that no label can open and no default closes. kube-system alone: the network, the disks' driver and the
 * control plane itself run in there, some before there is anybody to label it.
 */
const EXEMPT_NAMESPACES = ["kube-system"];

/** Pod Security for every namespace that says nothing of its own by labels. */
export function admissionConfiguration(): string {
    return documents({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "AdmissionConfiguration",
        plugins: [
            {
                name: "PodSecurity",
                configuration: {
                    apiVersion: "pod-security.admission.config.k8s.io/v1",
                    kind: "PodSecurityConfiguration",
                    defaults: {
                        enforce: "baseline",
                        "enforce-version": "latest",
                        audit: "restricted",
                        "audit-version": "latest",
                        warn: "restricted",
                        "warn-version": "latest",
                    },
                    exemptions: { usernames: [], runtimeClasses: [], namespaces: EXEMPT_NAMESPACES },
                },
            },
        ],
    });
}
