import { checklist } from "./checklist";
import { eachPoolOf, poolKinds } from "./nodePools";
import { some } from "./reading";
import { resourceRule } from "./rule";
import { systemScaleSetsTainted } from "./scaleSets";

const systemPoolTainted = resourceRule({
    name: "system-pool-tainted",
    item: checklist.placement,
    title: "System pools take no applications",
    severity: "high",
    why: "An application that eats a system node's memory takes DNS and the network's agents with it, for the whole cluster.",
    mend: 'Set nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"].',
    kinds: poolKinds,
    check(holder, judge) {
        eachPoolOf("System", holder, judge, (pool, path) => {
            const tainted = some(pool.nodeTaints, (taint) =>
                /^CriticalAddonsOnly=true:No(Schedule|Execute)$/.test(taint),
            );
            if (tainted) return;
            judge.refuse({
                at: `${path}nodeTaints`,
                given: "no such taint",
                allowed: "CriticalAddonsOnly=true:NoSchedule (or NoExecute) among them",
            });
        });
    },
});

export const scheduling = [systemPoolTainted, systemScaleSetsTainted];
