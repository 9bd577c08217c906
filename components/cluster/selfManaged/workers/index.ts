/** Workers: pools by zone, each a scale set that the autoscaler may grow. */
export { describePools, MODE_LABEL, planPools, type WorkerPool } from "./pools";
export { computerNamePrefix } from "./scaleSet";
export { createWorkers, type WorkersArgs, workersSecurityGroup } from "./workers";
