import { checklist } from "./checklist";
import { resourceRule } from "./rule";

const MASTERS = "system:masters";

const noSystemMasters = resourceRule({
    name: "no-system-masters",
    item: checklist.access,
    title: "No certificate is one of system:masters",
    severity: "critical",
    why: "The API server asks nobody about that group: whoever has such a certificate may do everything until it ends, whatever is revoked.",
    mend: "Sign for a group that a role binding gives its rights, such as kubeadm:cluster-admins: without the binding it can do nothing.",
    kinds: [
        "tls:index/certRequest:CertRequest",
        "tls:index/locallySignedCert:LocallySignedCert",
        "tls:index/selfSignedCert:SelfSignedCert",
    ],
    check(resource, judge) {
        if (resource.kind === "tls:index/locallySignedCert:LocallySignedCert") {
            // A request is DER inside, where a name stands as it is written.
            const request = Buffer.from(
                (resource.props.certRequestPem ?? "").replace(/-----[^-]*-----/g, ""),
                "base64",
            );
            if (!request.includes(MASTERS)) return;
            judge.refuse({ at: "certRequestPem", given: `a request of ${MASTERS}`, allowed: "another group" });
            return;
        }
        if (resource.props.subject?.organization !== MASTERS) return;
        judge.refuse({ at: "subject.organization", given: MASTERS, allowed: "another group" });
    },
});

export const certificates = [noSystemMasters];
