import type { LabelSelector, Named } from "./kubernetesKinds";
import { holdTogether, some } from "./reading";

/** An empty selector selects everything; so does one that is left out, where the API lets it be. */
export function selectsAll(selector: LabelSelector | undefined): boolean {
    return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions?.length ?? 0) === 0;
}

/** Whether all pods of a namespace are selected by what Cilium tells pods of their namespace: its name and its labels. */
export function selectsNamespace({ matchLabels, matchExpressions }: LabelSelector, namespace: Named): boolean {
    return holdTogether(
        ...Object.keys(matchLabels ?? {}).map((key) => () => {
            const label = labelOf(namespace, key);
            return label?.value !== undefined && label.value === matchLabels?.[key];
        }),
        ...Array.from({ length: matchExpressions?.length ?? 0 }, (_, index) => () => {
            const { key, operator, values } = matchExpressions![index];
            const label = labelOf(namespace, key);
            if (!label) return false;
            switch (operator) {
                case "Exists":
                    return label.value !== undefined;
                case "DoesNotExist":
                    return label.value === undefined;
                case "In":
                    return some(values, (value) => value === label.value);
                case "NotIn":
                    return !some(values, (value) => value === label.value);
                default:
                    return false;
            }
        }),
    );
}

/** The label that all pods of a namespace have from it; of a label of the pods' own it tells nothing. */
function labelOf({ metadata }: Named, key: string): { value: string | undefined } | undefined {
    const name = key.replace(/^(k8s|any):/, "");
    if (name === "io.kubernetes.pod.namespace") return { value: metadata?.name ?? "" };
    const own = /^io\.cilium\.k8s\.namespace\.labels\.(.*)$/.exec(name)?.[1];
    if (own === undefined) return undefined;
    return { value: own === "kubernetes.io/metadata.name" ? metadata?.name : metadata?.labels?.[own] };
}
