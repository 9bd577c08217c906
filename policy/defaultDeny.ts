import { checklist } from "./checklist";
import { exceptions, isExcepted } from "./exceptions";
import type { CiliumPolicy, LabelSelector, NetworkPolicy } from "./kubernetesKinds";
import { byNamespace, namespaceOf } from "./namespaces";
import { allOf, each, holdTogether, ifKnown, some } from "./reading";
import { stackRule, type Member, type StackJudge } from "./rule";
import { selectsAll, selectsNamespace } from "./selectors";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const STANDARD = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CILIUM = "kubernetes:cilium.io/v2:CiliumNetworkPolicy";
const CLUSTERWIDE = "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy";

const directions = ["ingress", "egress"] as const;
type Direction = (typeof directions)[number];

export const namespacesDenyByDefault = stackRule({
    name: "namespaces-deny-by-default",
    item: checklist.networkPolicies,
    title: "What no network policy of a namespace allows is denied, in and out",
    severity: "critical",
    why: "A pod that no policy selects talks to every pod of every team, to nodes, to the metadata service and to the internet; one who breaks into it does so, too.",
    mend: 'Make a NetworkPolicy in it with podSelector: {} and policyTypes: ["Ingress", "Egress"], or a policy of Cilium\'s that selects all of its pods.',
    config: exceptions("namespaces", ["kube-system"]),
    kind: NAMESPACE,
    reads: [STANDARD, CILIUM, CLUSTERWIDE],
    check(stack) {
        const denials = denialsIn(stack);
        each(stack.all(NAMESPACE), (namespace) =>
            allOf(
                ...directions.map((direction) => () => {
                    if (some(denials(namespace), (isDenied) => isDenied(direction))) return;
                    if (isExcepted(namespace.props, stack)) return;
                    stack.refuse(namespace, {
                        at: "its network policies",
                        given: `none that denies ${direction === "ingress" ? "what comes in" : "what goes out"} by default`,
                        allowed: "one for all of its pods",
                    });
                }),
            ),
        );
    },
});

/** Asks one policy whether it denies by default, for all pods of a namespace. */
type Denial = (direction: Direction) => boolean;

function denialsIn(stack: StackJudge): (namespace: Member<typeof NAMESPACE>) => Denial[] {
    const own = [
        ...stack.all(STANDARD).map((policy) => ({ ...policy, denies: denialOf(policy.props) })),
        ...stack.all(CILIUM).map((policy) => ({ ...policy, denies: denialOfCilium(policy.props, selectsAll) })),
    ];
    const sorted = byNamespace(stack, own);
    const clusterwide = stack.all(CLUSTERWIDE);
    // Any namespace may be the one that it is in, so one is enough.
    const unplaced = (direction: Direction) =>
        sorted.unplaced.find(({ denies }) => ifKnown(() => denies(direction)) !== false);
    const unplacedOf = { ingress: unplaced("ingress"), egress: unplaced("egress") };
    return (namespace) => [
        ...sorted.in(namespace).map(({ denies }) => denies),
        ...clusterwide.map(({ props }) => denialOfCilium(props, (pods) => selectsNamespace(pods, namespace.props))),
        (direction) => {
            const policy = unplacedOf[direction];
            return policy !== undefined && namespaceOf(policy) === namespace.props.metadata?.name;
        },
    ];
}

/** It is the policy's type that isolates pods; what its rules allow comes after that. */
function denialOf({ spec }: NetworkPolicy): Denial {
    return (direction) =>
        holdTogether(
            () => selectsAll(spec?.podSelector),
            () => {
                const types = spec?.policyTypes;
                if (types?.length) return some(types, (type) => type.toLowerCase() === direction);
                return direction === "ingress" || (spec?.egress?.length ?? 0) > 0;
            },
        );
}

/** Cilium isolates pods in each direction for which a rule has a section that is not empty. */
function denialOfCilium({ spec, specs }: CiliumPolicy, selects: (pods: LabelSelector) => boolean): Denial {
    return (direction) =>
        some([...(spec ? [spec] : []), ...(specs ?? [])], (rule) =>
            holdTogether(
                () => rule.endpointSelector !== undefined && selects(rule.endpointSelector),
                () =>
                    rule.enableDefaultDeny?.[direction] ??
                    (rule[direction]?.length ?? 0) + (rule[`${direction}Deny`]?.length ?? 0) > 0,
            ),
        );
}
