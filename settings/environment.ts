import { z } from "zod";
import { guided, text } from "./guidance";

export const owner = guided(
    z.string().trim().min(1).max(256),
    "the team or address that answers for this environment, at most 256 characters",
    "platform@example.com",
).describe("Who answers for this environment. Goes on every Azure resource as the tag `owner`.");

export const location = text(
    /^[a-z]+[a-z0-9]*$/,
    "a region's programmatic name: lower-case letters and digits",
    "westeurope",
    "write the name as `az account list-locations --query [].name` lists it, such as westeurope",
).describe("The Azure region. It needs availability zones.");

export const zones = guided(
    z.array(guided(z.enum(["1", "2", "3"]), 'one of "1", "2", "3" (in quotes)', "1", 'write the zone in quotes: "1"')),
    "two or three different zones of the region",
    ["1", "2", "3"],
)
    .min(2)
    .max(3)
    .default(["1", "2", "3"])
    .describe("Availability zones to spread over.");

export const tags = guided(
    z.record(
        guided(
            z.string().regex(/^[^<>%&\\?/]{1,512}$/),
            "a tag name of up to 512 characters without < > % & \\ ? /",
            "cost-center",
            "rename the tag",
        ),
        guided(z.string().max(256), "text of up to 256 characters", "4711", "put the value in quotes"),
    ),
    "names and values of tags, all text",
    { "cost-center": "4711" },
)
    .default({})
    .describe("More tags for every Azure resource, beside owner, environment, project and managed-by.");
