import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { command } from "../region/fabric/command";

const programs = join(__dirname, "ends");

/** Of the interface that the node has to everybody outside of it. */
export const device = "eth0";

const GATEWAY = "10.64.0.1";
const WORLD = "world";

/**
 * Makes this network namespace a node, and behind its interface a namespace that answers for everybody else: other nodes, Azure's own
 * addresses, the internet.
 */
export async function wireNode(address: string, others: string[], podCidr: string): Promise<void> {
    const ip = (line: string) => command("ip", line.split(" "));
    await command("mount", ["-t", "tmpfs", "tmpfs", "/run"]); // For names of namespaces, and for the agent's socket.
    await ip("link set lo up");
    await ip(`netns add ${WORLD}`);
    await ip(`link add ${device} type veth peer name outside netns ${WORLD}`);
    await ip(`addr add ${address}/16 dev ${device}`);
    await ip(`link set ${device} up`);
    await ip(`-n ${WORLD} link set lo up`);
    await ip(`-n ${WORLD} addr add ${GATEWAY}/16 dev outside`);
    await ip(`-n ${WORLD} link set outside up`);
    for (const other of new Set(others)) if (other !== GATEWAY) await ip(`-n ${WORLD} addr add ${other}/32 dev lo`);
    await ip(`-n ${WORLD} route add ${podCidr} via ${address}`);
    await ip(`route add default via ${GATEWAY}`);
}

export interface Connection {
    address: string;
    port: number;
    /** One of the end's own addresses. */
    from?: string;
}

export interface Asked {
    /** `null` where nobody answered. */
    addresses: (string[] | null)[];
    /** `0` or `1` for each connection. */
    opened: string;
}

/** A network namespace: who serves in it, and who asks from it. */
export class Place {
    private constructor(private readonly enter: string[]) {}

    static readonly node = new Place([]);
    static readonly world = new Place(["ip", "netns", "exec", WORLD]);

    static async forPod(name: string): Promise<Place> {
        await command("ip", ["netns", "add", name]);
        return new Place(["ip", "netns", "exec", name]);
    }

    async serve(ports: number[]): Promise<void> {
        await listening(this.start(process.execPath, join(programs, "serve.cjs"), ...ports.map(String)));
    }

    /** A DNS server that knows these names, and refuses others. */
    async serveNames(addresses: Record<string, string>): Promise<void> {
        const hosts = Object.entries(addresses).map(([name, address]) => `--address=/${name}/${address}`);
        const options = ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root"];
        this.start("dnsmasq", ...options, ...hosts);
    }

    async ask(
        lookups: { name: string; resolver: string }[],
        tries: Connection[],
        patienceMilliseconds: number,
    ): Promise<Asked> {
        const child = this.start(process.execPath, join(programs, "ask.cjs"));
        const answered = new Promise<Asked>((resolve, reject) => {
            createInterface({ input: child.stdout }).on("line", (line) => {
                if (line !== "listening") resolve(JSON.parse(line));
            });
            child.on("close", (code) => reject(new Error(`who asks ended with ${code}`)));
        });
        child.stdin.end(JSON.stringify({ lookups, tries, patience: patienceMilliseconds }) + "\n");
        return answered;
    }

    /** They end with the namespaces. */
    private start(program: string, ...args: string[]): ChildProcessWithoutNullStreams {
        const [first, ...rest] = [...this.enter, program, ...args];
        const child = spawn(first, rest, { stdio: ["pipe", "pipe", "pipe"] });
        child.stderr.pipe(process.stderr);
        child.stdin.on("error", () => undefined);
        return child;
    }
}

function listening(child: ChildProcessWithoutNullStreams): Promise<void> {
    return new Promise((resolve, reject) => {
        child.stdout.once("data", () => resolve());
        child.once("close", (code) => reject(new Error(`a server ended with ${code}`)));
    });
}
