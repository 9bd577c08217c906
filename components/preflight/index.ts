/** Preflight: what the subscription lacks, all at once, before the first resource. */
export { preflight, type PreflightArgs, PreflightError, type Subscription } from "./preflight";
