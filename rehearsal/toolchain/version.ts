import { execFile } from "node:child_process";
import type { ToolPin } from "./pins";

/** The first `N.N.N` in a program's answer, or `undefined`. */
export function versionIn(answer: string): string | undefined {
    return /(?<![\d.])\d+\.\d+\.\d+/.exec(answer)?.[0];
}

/** Negative where `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
    const [left, right] = [a, b].map((version) => version.split(".").map(Number));
    for (let place = 0; place < 3; place++) {
        const difference = (left[place] ?? 0) - (right[place] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}

/** Why a version on PATH will not do, in words that end the sentence “kubectl 1.32.4 on PATH is …”; `undefined` where it will. */
export function whyRefused(pin: Pick<ToolPin, "minimum" | "same" | "version">, version: string): string | undefined {
    if (compareVersions(version, pin.minimum) < 0) return `older than ${pin.minimum}`;
    const places = pin.same === "major" ? 1 : 2;
    const series = (of: string): string => of.split(".").slice(0, places).join(".");
    if (series(version) !== series(pin.version)) return `not of the ${pin.same} version ${series(pin.version)}`;
    return undefined;
}

/** Asks the program itself. `undefined` where it does not run or does not say. */
export function askVersion(path: string, pin: Pick<ToolPin, "versionArguments">): Promise<string | undefined> {
    return new Promise((resolve) => {
        // Pulumi would ask its site whether there is a newer one.
        const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
        execFile(path, pin.versionArguments, { timeout: 15_000, env }, (_error, stdout, stderr) => {
            resolve(versionIn(stdout) ?? versionIn(stderr));
        }).stdin?.end();
    });
}
