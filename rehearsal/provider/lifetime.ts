import { fstatSync } from "node:fs";

/**
 * Calls `leave` when a plugin has nobody left to serve: the engine says so, or is no more. The engine holds the other end
 * of standard input, so its death, also by `kill -9`, shows there at once; the parent's number is for engines that do not.
 */
export function watchEngine(leave: () => void): void {
    process.once("SIGINT", leave);
    process.once("SIGTERM", leave);
    process.once("SIGHUP", leave);
    const stdin = fstatSync(0);
    if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on("end", leave).on("error", leave).resume();
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && leave(), 1000).unref();
}
