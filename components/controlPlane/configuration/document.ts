import { stringify } from "yaml";

/** Objects as one YAML text; the same objects always give the same text. */
export function documents(...objects: object[]): string {
    return objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n");
}
