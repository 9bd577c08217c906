import { spawn } from "node:child_process";

/**
 * Runs one of the system's programs, with a text on its standard input.
 *
 * @throws Error with the command and what it said, if it fails
 */
export function command(program: string, args: string[], input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
        let stdout = "";
        let stderr = "";
        child.stdout.on("data", (data) => (stdout += data));
        child.stderr.on("data", (data) => (stderr += data));
        // A program that fails early leaves its input unread: its exit code says more.
        child.stdin.on("error", () => {});
        child.once("error", reject);
        child.once("close", (code) =>
            code === 0
                ? resolve(stdout)
                : reject(new Error(`${program} ${args.join(" ")} (exit ${code}): ${stderr.trim()}\n${input}`)),
        );
        child.stdin.end(input);
    });
}
