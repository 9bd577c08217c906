import { spawn } from "node:child_process";
import { root } from "../rehearsal/engine";
import type { Progress } from "../rehearsal/progress";
import { atMost, type Measured } from "./figure";
import { inTurns } from "./rounds";

/** `npm start` of staging on a fresh stack, with tools and packages there already: one run that counts for nothing comes first. */
export async function warmStart(progress: Progress): Promise<Measured[]> {
    const warmUp = progress.step("npm start, for the tools to be there");
    await npmStart();
    warmUp.done();
    const { ours } = await inTurns(
        { ours: { title: "npm start of staging, warm", runs: 3, measure: npmStart } },
        progress,
        (seconds) => `${seconds.toFixed(1)} s`,
    );
    return [atMost("npm-start-warm", "s", ours, 60)];
}

async function npmStart(): Promise<number> {
    const began = performance.now();
    const child = spawn("npm", ["start", "--", "staging"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    const code = await new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    if (code !== 0) throw new Error(`npm start ended with ${code}\n${output.slice(-3000)}`);
    return (performance.now() - began) / 1000;
}
