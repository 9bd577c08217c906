import { z } from "zod";
import { cluster } from "./cluster";
import { controlPlane } from "./controlPlane";
import { location, owner, tags, zones } from "./environment";
import { network } from "./network";

/** What a stack may set, each key under `mainstay:` in the stack file. */
export const schema = z.strictObject({
    owner,
    location,
    zones,
    tags,
    network,
    cluster,
    controlPlane: controlPlane.optional(),
});

export type Settings = z.output<typeof schema>;
