import { z } from "zod";
import { schema } from "./schema";

/** JSON Schema of a stack file, for editors: `# yaml-language-server: $schema=./docs/settings.schema.json`. */
export function stackFileSchema(): object {
    const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
    const names = Object.keys(properties);
    const inFile = { type: "string", pattern: "\\.ya?ml$" };
    const values: Record<string, unknown> = { ...properties, tenants: { anyOf: [properties.tenants, inFile] } };
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "A stack of Mainstay",
        description: "Made from settings/ by `npm run settings`.",
        type: "object",
        required: ["config"],
        properties: {
            config: {
                type: "object",
                required: required.map((name) => `mainstay:${name}`),
                properties: Object.fromEntries(names.map((name) => [`mainstay:${name}`, values[name]])),
                // Other namespaces are others' business; in ours nothing else may stand.
                patternProperties: { [`^mainstay:(?!(${names.join("|")})$)`]: false },
            },
        },
    };
}
