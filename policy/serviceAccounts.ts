import { checklist } from "./checklist";
import { shown } from "./finding";
import { isPatch, withPatches } from "./kubernetesKinds";
import { isPodHolder, podKinds, podOf } from "./pods";
import { resourceRule } from "./rule";

export const defaultAccountTokensUnmounted = resourceRule({
    name: "default-account-tokens-unmounted",
    item: checklist.access,
    title: "Pods are given no token of a default service account",
    severity: "medium",
    why: "A token in a pod that never calls the API serves only whoever breaks into the pod.",
    mend: "Set automountServiceAccountToken: false, or give the workload a service account of its own.",
    kinds: [...podKinds, ...withPatches(["kubernetes:core/v1:ServiceAccount"])],
    check(resource, judge) {
        if (isPodHolder(resource)) {
            const { pod, path } = podOf(resource, judge);
            const account = pod.serviceAccountName ?? pod.serviceAccount ?? (isPatch(resource) ? undefined : "default");
            const given = pod.automountServiceAccountToken;
            if (account !== "default" || given === false) return;
            judge.refuse({ at: `${path}automountServiceAccountToken`, given: shown(given), allowed: "false" });
            return;
        }
        const { props } = resource;
        if (props.metadata?.name !== "default") judge.notConcerned("It is no default account");
        const given = props.automountServiceAccountToken;
        if (given === false || (given === undefined && isPatch(resource))) return;
        judge.refuse({ at: "automountServiceAccountToken", given: shown(given), allowed: "false" });
    },
});
