import { celList, type Expression, type Rule } from "../policy";

/**
 * How images begin that come from a registry. A host alone is followed by a slash: `HOST@sha256:…` would be a picture of
 * that name in Docker's registry, and `HOST.example.com/…` somebody else's host.
 */
export function beginnings(registries: string[]): string[] {
    return registries.flatMap((registry) =>
        registry.includes("/") ? [`${registry}/`, `${registry}@`, `${registry}:`] : [`${registry}/`],
    );
}

const list = (field: string) => `variables.pod.?${field}.orValue([]).map(c, c.?image.orValue(''))`;

/** Every image, whatever brings it; a volume can be one. */
export const imageVariables = (registries: string[]): Expression[] => [
    {
        name: "images",
        expression: [
            "variables.pod.containers.map(c, c.?image.orValue(''))",
            list("initContainers"),
            list("ephemeralContainers"),
            "variables.pod.?volumes.orValue([]).filter(v, has(v.image)).map(v, v.image.?reference.orValue(''))",
        ].join(" + "),
    },
    { name: "beginnings", expression: celList(beginnings(registries)) },
    {
        name: "foreign",
        expression: "variables.images.filter(i, !variables.beginnings.exists(b, i.startsWith(b)))",
    },
    { name: "unpinned", expression: "variables.images.filter(i, !i.matches('^[^@]+@sha256:[0-9a-f]{64}$'))" },
];

export const imageRules = (registries: string[]): Rule[] => [
    {
        expression: "size(variables.foreign) == 0",
        message:
            "variables.where + ': images from registries that are not allowed: ' + variables.foreign.join(', ') + '. " +
            `Allowed: ' + ${JSON.stringify(registries.join(", ") || "none")} + '. Copy them to one of these and name them with its host, or add the registry to mainstay:images.registries'`,
    },
    {
        expression: "size(variables.unpinned) == 0",
        message:
            "variables.where + ': images that are not named by digest: ' + variables.unpinned.join(', ') + '. " +
            "A tag can be moved to other contents: write HOST/NAME@sha256:DIGEST (or NAME:TAG@sha256:DIGEST), as docker buildx imagetools inspect shows it'",
    },
];
