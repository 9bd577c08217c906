import type { Properties } from "../../provider/values";
import { AzureError } from "../error";
import { textAt } from "../rules/rule";
import type { CloudResource } from "../state/cloud";

/** What a machine does when an extension is put on it. Throws an error whose message is the run's last line. */
export type RunOnMachine = (request: {
    vmId: string;
    extensionId: string;
    inputs: Properties;
    cloudFolder: string;
}) => Promise<unknown>;

const EXTENSION = "microsoft.compute/virtualmachines/extensions";

/**
 * Whether the machine runs the extension's command for this write. Azure runs a configuration once: settings or
 * `forceUpdateTag` have to change for another run (github.com/Azure/custom-script-extension-linux, issues 79 and 95).
 * What failed is run again with the same configuration, too. Real machines may not do that, and go on to report the
 * failure: a program that counts on it puts something that changes into the settings.
 */
export function runsCommand(resource: CloudResource, current: CloudResource | undefined): boolean {
    if (resource.type.toLowerCase() !== EXTENSION || !isCustomScript(resource.inputs)) return false;
    if (!current || current.outputs.provisioningState !== "Succeeded") return true;
    return ["settings", "protectedSettings", "forceUpdateTag"].some(
        (key) => JSON.stringify(current.inputs[key]) !== JSON.stringify(resource.inputs[key]),
    );
}

/** Runs it on the machine and waits. What it throws is what Azure's long-running operation ends with. */
export async function runCommand(resource: CloudResource, cloudFolder: string, run: RunOnMachine): Promise<void> {
    const { id, inputs, name } = resource;
    try {
        await run({ vmId: id.split("/extensions/")[0], extensionId: id, inputs, cloudFolder });
    } catch (error) {
        if (inputs.suppressFailures === true) return;
        const line = error instanceof Error ? error.message : String(error);
        // The operation's own status is read with 200; the failure is in what is read.
        throw new AzureError(
            200,
            "VMExtensionProvisioningError",
            `VM has reported a failure when processing extension '${name}' (publisher '${textAt(inputs, "publisher")}' and type '${textAt(inputs, "type")}'). Error message: 'Enable failed: failed to execute command: command terminated with exit status=1\n[stdout]\n\n[stderr]\n${line}\n'. More information on troubleshooting is available at https://aka.ms/VMExtensionCSELinuxTroubleshoot.`,
        );
    }
}

/** The same resource in another state of provisioning. */
export function inState(resource: CloudResource, provisioningState: "Creating" | "Updating" | "Failed"): CloudResource {
    return { ...resource, outputs: { ...resource.outputs, provisioningState } };
}

export function isCustomScript(inputs: Properties): boolean {
    return /^customscript(extension)?$/i.test(textAt(inputs, "type") ?? "");
}
