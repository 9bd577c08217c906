import { z } from "zod";
import { access } from "./access";
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
    access,
});

export type Settings = z.output<typeof schema>;
