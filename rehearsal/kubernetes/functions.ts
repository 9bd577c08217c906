import { parseAllDocuments } from "yaml";
import type { Properties } from "../provider";

/** `kubernetes:yaml:decode`: the objects of a YAML text, with which `ConfigFile` and `ConfigGroup` begin. */
export function decodeYaml(args: Properties): Properties {
    const text = typeof args.text === "string" ? args.text : "";
    const objects = parseAllDocuments(text).map((document) => {
        if (document.errors.length > 0) throw new Error(`the YAML cannot be read: ${document.errors[0].message}`);
        return document.toJS();
    });
    return { result: objects.filter((object) => object !== null && object !== undefined) };
}
