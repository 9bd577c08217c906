/** What the program deploys: the real engine, the simulated Azure, and what is read out of it. */
import { join } from "node:path";
import { Cloud } from "../../../rehearsal/azure/state/cloud";
import { type ControlPlane, startControlPlane } from "../../../rehearsal/controlPlane";
import { type Config, readStackConfig, Rehearsal, root } from "../../../rehearsal/engine";
import { objectsAt, textAt } from "../../../rehearsal/azure/rules/rule";

export interface PlannedMachine {
    name: string;
    address: string;
    customData: string;
    userData: string;
}

export class Program {
    private readonly runFolder = join(process.env.MAINSTAY_REGION!, "program");
    private controlPlane: ControlPlane | undefined;

    constructor(private readonly stack: string) {}

    /** Deploys the stack with these settings in place of the file's: the first time all of it, then what changed. */
    async up(settings: Config = {}): Promise<void> {
        const { stack, runFolder } = this;
        const foundation = new Rehearsal({ program: join(root, "foundation"), stack: "shared", runFolder });
        await done(foundation.up());
        this.controlPlane = await startControlPlane(join(runFolder, "cluster"));
        try {
            await done(new Rehearsal({ program: root, stack, runFolder, config: settings }).up());
        } finally {
            // What it deployed is read from its files; the real control plane needs the machine.
            await this.controlPlane.stop();
        }
    }

    /** Settings of the stack's file with these parts in place of its own. */
    async settings(parts: Record<string, object>): Promise<Config> {
        const own = await readStackConfig(root, this.stack);
        return Object.fromEntries(
            Object.entries(parts).map(([name, part]) => [name, { ...(own[name] as object), ...part }]),
        );
    }

    get cloud(): Cloud {
        return new Cloud(join(this.runFolder, "azure"));
    }

    machines(): PlannedMachine[] {
        const { cloud } = this;
        return cloud.list("Microsoft.Compute/virtualMachines").map(({ name, inputs }) => {
            const [reference] = objectsAt(inputs, "networkProfile", "networkInterfaces");
            const [configuration] = objectsAt(cloud.get(textAt(reference, "id")!)?.inputs, "ipConfigurations");
            return {
                name,
                address: textAt(configuration, "privateIPAddress")!,
                customData: textAt(inputs, "osProfile", "customData")!,
                userData: textAt(inputs, "userData")!,
            };
        });
    }
}

async function done(running: Promise<{ exitCode: number; stdout: string; stderr: string }>): Promise<void> {
    const { exitCode, stdout, stderr } = await running;
    if (exitCode !== 0) throw new Error(`the rehearsed program fails: ${stdout}${stderr}`);
}
