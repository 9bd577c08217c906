/** What a machine runs when it starts: scripts, the user data that carries them, the custom data that fetches it, pinned downloads. */
export { controlPlaneBundle, readBundle, USER_DATA_LIMIT, workerBundle } from "./bundle";
export type { ControlPlaneFacts, WorkerFacts } from "./facts";
export { bootCommand, customData } from "./stub";
export { type Download, type KubernetesMinor, type Release, releases } from "./versions";
