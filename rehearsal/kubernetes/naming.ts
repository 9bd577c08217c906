import { createHash, randomBytes } from "node:crypto";
import { UNKNOWN, type Properties } from "../provider";
import { at, isAnnotatedTrue, withAnnotation, withMetadata } from "./objects";

export const autonamedAnnotation = "pulumi.com/autonamed";

/** `web` → `web-1f0c9a7b`; the same for the same seed. */
export function uniqueName(name: string, seed: Buffer): string {
    const digest = createHash("sha256")
        .update(seed.length > 0 ? seed : randomBytes(16))
        .update(name)
        .digest("hex");
    return `${name}-${digest.slice(0, 8)}`;
}

/** Gives an object without a name the one it had, or a new one, and says so in an annotation. */
export function withName(
    inputs: Properties,
    oldInputs: Properties | undefined,
    name: string,
    seed: Buffer,
): Properties {
    if (inputs.metadata === UNKNOWN || at(inputs, "metadata", "name")) return inputs;
    const adopted = oldInputs && isAnnotatedTrue(oldInputs, autonamedAnnotation) && at(oldInputs, "metadata", "name");
    return withAnnotation(withMetadata(inputs, "name", adopted || uniqueName(name, seed)), autonamedAnnotation, "true");
}
