/** One region for all proofs of a run: the program is deployed once, and the cluster that one proof leaves whole the next one breaks. */
import { skip } from "../../skip";
import { Region } from ".";
import { reasonNoNodeTools } from "./artifacts";
import { reasonNotHere } from "./supported";

let opened: Promise<Region> | undefined;

// Once for the whole run, whichever files it has.
after("the region is taken down", async function () {
    this.timeout(60_000);
    await opened?.then((region) => region.close());
});

/** The region, its machines as the last proof left them. Where none can be made, the test is skipped and says why. */
export async function sharedRegion(context: Mocha.Context): Promise<Region> {
    const outside = process.env.MAINSTAY_REGION ? undefined : "it is not inside test/proof/region/enter.sh";
    const reason = reasonNotHere() ?? (await reasonNoNodeTools()) ?? outside;
    if (reason) skip(context, reason);
    const region = await (opened ??= Region.open());
    await region.heal();
    return region;
}

/** The region with all its machines on, members of one cluster, and behind the balancer. */
export async function wholeRegion(context: Mocha.Context): Promise<Region> {
    const region = await sharedRegion(context);
    const off = region.machines.filter(({ isOn }) => !isOn);
    if (off.length > 0) await region.boot(off);
    await region.whole();
    return region;
}
