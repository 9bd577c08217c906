import { join } from "node:path";
import type { Progress } from "../../../rehearsal/progress";
import { builtPrograms, type GoModule, reasonNotBuilt } from "../goModule";

/** Where the client's Go module is. */
export const programFolder = join(__dirname, "program");

const goModule: GoModule<"client"> = {
    name: "proof-client",
    folder: programFolder,
    packages: { client: "." },
    usual: "usually 1 min, seconds where kubectl was built before",
};

/**
 * Why the client cannot be had on this machine, for a test to be skipped by; `undefined` where it is built already or
 * there is Go to build it.
 */
export function reasonNoClient(): Promise<string | undefined> {
    return reasonNotBuilt(goModule);
}

/** Path of the client. */
export async function clientProgram(progress?: Progress): Promise<string> {
    return (await builtPrograms(goModule, progress)).client;
}
