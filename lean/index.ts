/**
 * Makes registering resources fast: a preview of 1,000 Azure resources takes seconds instead of more than a minute.
 *
 * Two things of the SDKs cost most of a large preview, and neither gives a new program anything (docs/performance.md has
 * the figures): aliases for type names of the past, and a stack trace taken for every promise. Each file here removes one
 * of them and says what for. Has to be the program's first import, so that it stands before the first resource.
 *
 * `MAINSTAY_LEAN=off` leaves the SDKs as they come.
 */
import { dropVersionAliases } from "./versionAliases";
import { stopPromiseStackTraces } from "./promiseStackTraces";

if (process.env.MAINSTAY_LEAN !== "off") {
    dropVersionAliases();
    stopPromiseStackTraces();
}
