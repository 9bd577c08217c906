import { z } from "zod";
import { access } from "./access";
import { cluster } from "./cluster";
import { controlPlane } from "./controlPlane";
import { location, owner, tags, zones } from "./environment";
import { images } from "./images";
import { network } from "./network";
import { tenants } from "./tenants";

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
    images,
    tenants,
});

export type Settings = z.output<typeof schema>;
