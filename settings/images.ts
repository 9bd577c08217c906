import { z } from "zod";
import { guided, text } from "./guidance";

const label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
const component = "[a-z0-9]+([._-]+[a-z0-9]+)*";

const registry = text(
    new RegExp(`^${label}(\\.${label})+(:\\d{1,5})?(/${component})*$`),
    "a registry's host, alone or with the path that images begin with: lower case, no https://, no tag, no slash at the end",
    "mcr.microsoft.com",
    "write the host as image names begin with it, such as mcr.microsoft.com or registry.example.com/team",
);

export const images = guided(
    z.strictObject({
        registries: guided(z.array(registry).max(50), "a list of up to 50 registries", ["mcr.microsoft.com"])
            .default(["mcr.microsoft.com"])
            .describe(
                "Where images in tenants' namespaces may come from: hosts, or hosts with a path. The registry of `mainstay:cluster.registry` is added. Images are named by digest, always.",
            ),
    }),
    "the registries that images may come from",
    { registries: ["mcr.microsoft.com"] },
)
    .prefault({})
    .describe("Which images tenants may run.");
