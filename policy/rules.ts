import { access } from "./access";
import { autoscaling } from "./autoscaling";
import { controlPlane } from "./controlPlane";
import { inventory, judgedApiVersions } from "./inventory";
import { loadBalancer } from "./loadBalancer";
import { networkPolicies } from "./networkPolicies";
import { observability } from "./observability";
import { perimeter } from "./perimeter";
import type { Rule } from "./rule";
import { scheduling } from "./scheduling";
import { secrets } from "./secrets";
import { upkeep } from "./upkeep";
import { zones } from "./zones";

const onTheirKinds: Rule[] = [
    // One checklist item a file
    ...access,
    ...networkPolicies,
    ...controlPlane,
    ...loadBalancer,
    ...zones,
    ...autoscaling,
    ...observability,
    ...scheduling,
    // "all of it, on every deployment": what every cluster needs besides
    ...perimeter,
    ...secrets,
    ...upkeep,
    ...inventory,
];

/** Every rule of the pack, in the checklist's order. */
export const rules: Rule[] = [...onTheirKinds, judgedApiVersions(onTheirKinds)];
