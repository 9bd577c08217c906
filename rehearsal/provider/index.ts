/**
 * gRPC spoken once for every provider of the rehearsal. A provider is an object that implements {@link Provider}; its
 * `main.ts` is one call:
 *
 * @example
 * serveProvider(new AzureProvider(), { name: "azure-native", version });
 */
export { logToEngine, type Severity } from "./engineLog";
export { logicalProvider, type LogicalResource } from "./logicalProvider";
export { diffProperties, formatPath, type DiffOptions, type PropertyPath } from "./propertyPath";
export * from "./provider";
export { serveProvider, type ServeOptions } from "./serveProvider";
export { hasUnknown, UNKNOWN, type Properties, type Value } from "./values";
