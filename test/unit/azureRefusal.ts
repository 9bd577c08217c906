import assert from "node:assert/strict";
import { contractsFolder } from "../../rehearsal/contracts";
import type { Properties } from "../../rehearsal/provider/values";
import { type AzureRun, changed } from "./azureRun";

/** One thing that Azure refuses: inputs that it takes, with one path changed. */
export interface Refusal<Good> {
    what: string;
    type: string;
    /** Starts from inputs that Azure takes: one path is set, or taken out by `undefined`. */
    from: (good: Good) => Properties;
    set: [path: string, value: unknown];
    /** Where it is said, and what is said of it. */
    property: string;
    says: RegExp;
    /** Whether ARM's schemas are what refuses it. */
    bySchema?: true;
}

/** A test for each refusal. `SUB` in a value stands for the subscription's ID. */
export function itRefuses<Good extends { subscription: string }>(
    refusals: readonly Refusal<Good>[],
    cloud: () => { run: AzureRun; good: Good },
): void {
    for (const { what, type, from, set, property, says, bySchema } of refusals) {
        it(what, async function () {
            if (bySchema && !contractsFolder()) this.skip();
            const { run, good } = cloud();
            const inputs = JSON.parse(
                JSON.stringify(changed(from(good), ...set)).replaceAll("/SUB/", `/${good.subscription}/`),
            ) as Properties;
            const { failures } = await run.check(type, inputs);
            const found = failures.find((failure) => failure.property === property && says.test(failure.reason));
            assert.ok(found, `expected ${property} ${says}, got ${JSON.stringify(failures, null, 1)}`);
            // What names the property to a machine names it to a person, too.
            assert.ok(found.reason.includes(property.replace(/\[".*$/, "")), found.reason);
        });
    }
}

/** Nothing is refused of inputs that Azure takes. */
export async function assertTaken(run: AzureRun, all: readonly [type: string, inputs: Properties][]): Promise<void> {
    for (const [type, inputs] of all) {
        const { failures } = await run.check(type, inputs);
        assert.deepEqual(failures, [], type);
    }
}
