/**
 * Programs on the real engine, with the rehearsal's providers, from a few lines:
 *
 * @example
 * const rehearsal = new Rehearsal({ program: "/path/of/program", stack: "staging", policyPacks: ["policy"] });
 * try {
 *     const preview = await rehearsal.preview(); // preview.exitCode, .changes, .diagnostics, .violations, .undecided
 *     const up = await rehearsal.up(); // … and .outputs, .evaluations, .steps, .stdout
 *     await rehearsal.destroy();
 * } finally {
 *     await rehearsal.remove(); // the run folder and all in it
 * }
 *
 * @example A small program of a test, which finds the project's own packages
 * const rehearsal = new Rehearsal({ program: { "index.js": `
 *     const random = require("@pulumi/random");
 *     exports.name = new random.RandomPet("name").id;
 * ` } });
 * await rehearsal.change({ "index.js": "…" }); // between two commands
 *
 * Every process of a run finds `MAINSTAY_REHEARSAL` (the run folder) and `MAINSTAY_ROOT` (the project's folder) in its
 * environment: providers are bundled, so `__dirname` tells them nothing.
 */
export type * from "./events";
export { killTree, processTree } from "./processTree";
export { pluginsFolder, type Plugin } from "./home";
export { readStackConfig, type Config, type InlineProgram } from "./project";
export {
    Rehearsal,
    type CommandOptions,
    type CommandResult,
    type RehearsalOptions,
    type StateResource,
    type UpResult,
} from "./rehearsal";
export { root } from "./root";
export { runFolderOf, temporaryRunFolder } from "./runFolder";
export { runPulumi, type PulumiOptions, type PulumiResult } from "./runPulumi";
export { summarize, type Evaluation, type Summary, type Violation } from "./summary";
