import { createHash, randomBytes } from "node:crypto";
import type { ArmType } from "./arm/armType";

/** The name that azure-native gives where the program gives none. */
export function autoname(type: ArmType, pulumiName: string, seed: Buffer): { name: string; random: boolean } {
    const hex = createHash("sha256")
        .update(seed.length > 0 ? seed : randomBytes(32))
        .update(pulumiName)
        .digest("hex");
    switch (type.autoname) {
        case "copy":
            return { name: pulumiName, random: false };
        case "uuid":
            return {
                name: hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
                random: true,
            };
        case "random":
            return { name: pulumiName + hex.slice(0, 8), random: true };
    }
}
