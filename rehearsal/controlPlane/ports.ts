import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** Ports by number, both ends included. */
export type PortRange = [first: number, last: number];

/** Above what services are registered for and people use by habit, below where systems begin with outgoing connections. */
const candidates: PortRange = [10_000, 31_999];

/** From what the system takes the port of an outgoing connection where it does not say: IANA's range, which macOS has. */
const dynamicPorts: PortRange = [49_152, 65_535];

const attemptsAPort = 200;

/**
 * Ports of this machine's loopback that nobody listens at, for programs that are started a while later. None is of those
 * that the system gives to outgoing connections: one of these may be gone before the program listens.
 */
export async function freePorts(count: number): Promise<number[]> {
    const range = ephemeralRange();
    const held: Listener[] = [];
    try {
        // All are held until the last is found: otherwise one could be found twice.
        for (let attempt = 0; held.length < count; attempt++) {
            if (attempt === count * attemptsAPort)
                throw new Error(`no ${count} free ports on 127.0.0.1 between ${candidates[0]} and ${candidates[1]}`);
            const listener = await listen(portOutside(range, randomInt));
            if (listener) held.push(listener);
        }
        return held.map(({ port }) => port);
    } finally {
        await Promise.all(held.map((listener) => listener.close()));
    }
}

/** Whether nobody listens at the port of this machine's loopback. */
export async function isFree(port: number): Promise<boolean> {
    const listener = await listen(port);
    await listener?.close();
    return listener !== undefined;
}

/**
 * @param ephemeral - what the system gives to outgoing connections
 * @param random - a number of at least the first and below the second
 */
export function portOutside(ephemeral: PortRange, random: (from: number, below: number) => number): number {
    const [first, last] = candidates;
    const below = Math.max(0, Math.min(ephemeral[0], last + 1) - first);
    const above = Math.max(0, last - Math.max(ephemeral[1], first - 1));
    // Somebody gave the system all of them: then there are no better ones.
    if (below + above === 0) return random(first, last + 1);
    const chosen = random(0, below + above);
    return chosen < below ? first + chosen : last + 1 - above + (chosen - below);
}

/** Linux says it, of the network namespace that asks. */
function ephemeralRange(): PortRange {
    try {
        const [first, last] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/);
        return [Number(first), Number(last)];
    } catch {
        return dynamicPorts;
    }
}

interface Listener {
    port: number;
    close(): Promise<void>;
}

/** `undefined` where somebody listens already. */
function listen(port: number): Promise<Listener | undefined> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.on("error", (error: NodeJS.ErrnoException) =>
            error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(undefined) : reject(error),
        );
        server.listen(port, "127.0.0.1", () =>
            resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) }),
        );
    });
}
