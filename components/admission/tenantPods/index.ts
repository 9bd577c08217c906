import { ofTenants, type Policy, where } from "../policy";
import { imageRules, imageVariables } from "./images";
import { placementRules } from "./placement";
import { shapes } from "./shapes";
import { tokenRules, tokenVariables } from "./tokens";

/** What tenants' pods may be. */
export function tenantPods(registries: string[]): Policy[] {
    return shapes.map(({ name, resources, path }) => ({
        name,
        resources,
        operations: ["CREATE", "UPDATE"],
        namespaces: ofTenants,
        // A pod from before the policy keeps its labels and loses its finalizers as ever; it is judged when it changes.
        conditions: [{ name: "pod-changed", expression: `oldObject == null || object.${path} != oldObject.${path}` }],
        variables: [
            where,
            { name: "pod", expression: `object.${path}` },
            ...imageVariables(registries),
            ...tokenVariables,
        ],
        rules: [...imageRules(registries), ...tokenRules, ...placementRules],
    }));
}
