import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Custom data of every machine, base64: the one thing that Azure never changes on a machine, so it says nothing that could have to
 * change. It installs the fetching of user data, which does change, and a unit that goes on until the machine has booted.
 */
export const customData: string = readFileSync(join(__dirname, "stub.yaml")).toString("base64");

/**
 * What the VM extension runs: fetches user data again and boots, after a boot that is under way. Its exit code and last line are the
 * result. cloud-init is waited for, since the extension may come before the stub is written.
 */
export const bootCommand = "cloud-init status --wait > /dev/null; /usr/local/sbin/mainstay-boot";
