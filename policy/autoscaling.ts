import { autoscalerChart } from "./charts";
import { checklist } from "./checklist";
import { shown } from "./finding";
import { eachPoolOf, poolKinds } from "./nodePools";
import { resourceRule } from "./rule";
import { scaleSetsAutoscaled } from "./scaleSets";

const item = checklist.autoscaling;

const userPoolsAutoscaled = resourceRule({
    name: "user-pools-autoscaled",
    item,
    title: "User pools grow and shrink by themselves, between two limits",
    severity: "high",
    why: "A pool of fixed size is too small in the peak and paid for in the night; equal limits are a fixed size.",
    mend: "Set enableAutoScaling: true with minCount below maxCount.",
    kinds: poolKinds,
    check(holder, judge) {
        eachPoolOf("User", holder, judge, (pool, path) => {
            if (pool.enableAutoScaling !== true) {
                judge.refuse({
                    at: `${path}enableAutoScaling`,
                    given: shown(pool.enableAutoScaling),
                    allowed: "true",
                });
                return;
            }
            const { minCount, maxCount } = pool;
            if (minCount !== undefined && maxCount !== undefined && minCount < maxCount) return;
            judge.refuse({
                at: `${path}minCount and maxCount`,
                given: `${shown(minCount)} and ${shown(maxCount)}`,
                allowed: "both, the first below the second",
            });
        });
    },
});

const balancedNodeGroups = resourceRule({
    name: "balanced-node-groups",
    item,
    title: "The autoscaler keeps similar pools at the same size",
    severity: "medium",
    why: "With a pool a zone the autoscaler otherwise grows one of them alone, and all new nodes stand in one zone.",
    mend: 'Set autoScalerProfile: { balanceSimilarNodeGroups: "true" }.',
    kinds: ["azure-native:containerservice:ManagedCluster"],
    check({ props }, judge) {
        const given = props.autoScalerProfile?.balanceSimilarNodeGroups;
        if (given === "true") return;
        judge.refuse({ at: "autoScalerProfile.balanceSimilarNodeGroups", given: shown(given), allowed: '"true"' });
    },
});

export const autoscaling = [userPoolsAutoscaled, balancedNodeGroups, scaleSetsAutoscaled, autoscalerChart];
