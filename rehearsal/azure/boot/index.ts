/** Starts of machines: what happens when the extension that carries a boot's result is created or updated. */
import { dirname, join } from "node:path";
import { askToBoot, doorOf } from "../../controlPlane/door/client";
import { readBundle } from "../../controlPlane/machine/bundle";
import { readFacts } from "../../controlPlane/machine/facts";
import type { Properties } from "../../provider/values";
import { Cloud } from "../state/cloud";
import { noteUnjudged } from "../unjudged";

export interface BootRequest {
    /** ARM ID of the machine. */
    vmId: string;
    /** ARM ID of the extension. */
    extensionId: string;
    /** The extension's inputs. */
    inputs: Properties;
    /** The simulated Azure's folder. */
    cloudFolder: string;
}

/**
 * Boots a control-plane machine of the rehearsal: its API server comes up with the program's own keys, flags and files,
 * or goes on as it is where they have not changed. A machine without a bundle of that role has nothing to boot, and
 * answers an empty line at once.
 *
 * @throws with the boot's last line
 */
export async function bootMachine({ vmId, extensionId, cloudFolder }: BootRequest): Promise<{ lastLine: string }> {
    const machine = new Cloud(cloudFolder).get(vmId);
    const bundle = readBundle(machine?.inputs.userData);
    if (!bundle || readFacts(bundle)?.ROLE !== "control-plane") return { lastLine: "" };
    const door = doorOf(join(dirname(cloudFolder), "cluster"));
    if (!door) {
        const why = "no control plane runs in this rehearsal: the machine was not booted";
        noteUnjudged(cloudFolder, { urn: machine?.urn ?? "", what: extensionId, why });
        return { lastLine: "" };
    }
    return { lastLine: await askToBoot(door, vmId) };
}
