import { access } from "./access";
import { admission } from "./admission";
import { autoscaling } from "./autoscaling";
import { certificates } from "./certificates";
import { controlPlane } from "./controlPlane";
import { inventory, judgedApiVersions } from "./inventory";
import { loadBalancer } from "./loadBalancer";
import { machineHardening } from "./machineHardening";
import { networkPolicies } from "./networkPolicies";
import { observability } from "./observability";
import { perimeter } from "./perimeter";
import type { Rule } from "./rule";
import { scheduling } from "./scheduling";
import { secrets } from "./secrets";
import { snapshots } from "./snapshots";
import { storage } from "./storage";
import { upkeep } from "./upkeep";
import { userData } from "./userData";
import { vaults } from "./vaults";
import { zones } from "./zones";

const onTheirKinds: Rule[] = [
    // One checklist item a file
    ...access,
    ...certificates,
    ...networkPolicies,
    ...controlPlane,
    ...loadBalancer,
    ...zones,
    ...autoscaling,
    ...observability,
    ...snapshots,
    ...scheduling,
    // "all of it, on every deployment": what every cluster needs besides
    ...perimeter,
    ...machineHardening,
    ...userData,
    ...admission,
    ...secrets,
    ...vaults,
    ...storage,
    ...upkeep,
    ...inventory,
];

/** Every rule of the pack, in the checklist's order. */
export const rules: Rule[] = [...onTheirKinds, judgedApiVersions(onTheirKinds)];
