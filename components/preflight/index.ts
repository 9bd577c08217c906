/** Preflight: what the subscription lacks, all at once, before the first resource. */
export type { Lack } from "./judgements";
export { preflight, type PreflightArgs, PreflightError, type Question, type Subscription } from "./preflight";
