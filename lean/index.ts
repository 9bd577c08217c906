/**
 * Makes registering resources fast: a preview of 1,000 Azure resources takes seconds instead of more than a minute.
 *
 * Three things of the SDKs cost most of the time and give a new program nothing (docs/performance.md has the figures):
 * aliases for type names of the past, a stack trace taken for every promise, and modules loaded that are seldom used.
 * Each file here removes one of them and says why that is safe; `transpiler.cjs` remembers what unchanged TypeScript
 * files became. Has to be the program's first import, before the SDK is loaded whole and before the first resource.
 *
 * `MAINSTAY_LEAN=off` leaves the SDKs as they come.
 */
import { deferSeldomUsedModules } from "./deferredModules";
import { dropVersionAliases } from "./versionAliases";
import { stopPromiseStackTraces } from "./promiseStackTraces";

if (process.env.MAINSTAY_LEAN !== "off") {
    deferSeldomUsedModules();
    dropVersionAliases();
    stopPromiseStackTraces();
}
