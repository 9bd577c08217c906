/** The platform's own namespaces: what they are for, and what their pods need. */
export { PlatformNamespaces, type PlatformNamespacesArgs } from "./platformNamespaces";
export { type PlatformNamespace, platformNamespaces } from "./namespaces";
