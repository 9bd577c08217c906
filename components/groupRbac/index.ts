/** Access by groups of Entra ID: roles as data, bindings by plain functions. What each may do stands in docs/access.md. */
export type { PlatformGroups } from "./bindings";
export { GroupRbac, type GroupRbacArgs } from "./groupRbac";
