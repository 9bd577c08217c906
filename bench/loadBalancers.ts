import * as path from "node:path";
import { Rehearsal, root, type CommandOptions, type CommandResult, type RehearsalOptions } from "../rehearsal/engine";
import { watchCost } from "./processCost";

/** One command on a program of load balancers. */
export interface Cost {
    seconds: number;
    /** User and system time of the engine and everything that it started. */
    cpuSeconds: number;
}

export type Way = "lean" | "default";

const BALANCER = `{
        loadBalancerName: \`balancer-\${number}\`,
        resourceGroupName: group.name,
        location: "westeurope",
        sku: { name: "Standard" },
        backendAddressPools: [{ name: "machines" }],
        probes: [{ name: "alive", protocol: "Tcp", port: 6443, intervalInSeconds: 5 }],
        tags: { owner: "bench", environment: "bench" },
    }`;

/** The same resources, written and run in the project's way and in the way that documentation and templates show. */
function program(count: number, way: Way): Record<string, string> {
    const text = way === "lean" ? leanText(count) : defaultText(count);
    const compilerOptions = {
        target: "es2022",
        module: "commonjs",
        moduleResolution: "node",
        strict: true,
        skipLibCheck: true,
        sourceMap: true,
        ...(way === "lean" ? { noCheck: true } : {}),
    };
    return { "index.ts": text, "tsconfig.json": JSON.stringify({ compilerOptions, files: ["index.ts"] }) };
}

function leanText(count: number): string {
    return `import ${JSON.stringify(path.join(root, "lean"))};
import { LoadBalancer } from "@pulumi/azure-native/network/loadBalancer";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";

const group = new ResourceGroup("group", { resourceGroupName: "bench", location: "westeurope" });
for (let number = 1; number <= ${count}; number++) new LoadBalancer(\`balancer-\${number}\`, ${BALANCER});
`;
}

function defaultText(count: number): string {
    return `import * as azure from "@pulumi/azure-native";

const group = new azure.resources.ResourceGroup("group", { resourceGroupName: "bench", location: "westeurope" });
for (let number = 1; number <= ${count}; number++) new azure.network.LoadBalancer(\`balancer-\${number}\`, ${BALANCER});
`;
}

/** Runs one command on a fresh stack of `count` load balancers, on the real engine and the simulated Azure. */
export async function onLoadBalancers(
    command: "preview" | "up",
    count: number,
    way: Way,
    options: Pick<RehearsalOptions, "policyPacks" | "checkpoints"> = {},
): Promise<Cost> {
    const env = { MAINSTAY_LEAN: way === "lean" ? "on" : "off" };
    const rehearsal = new Rehearsal({ program: program(count, way), stack: "bench", env, ...options });
    try {
        let watch: ReturnType<typeof watchCost> | undefined;
        const run: CommandOptions = { onStart: (pid) => (watch = watchCost(pid)), signal: stopped.signal };
        const result = await rehearsal[command](run);
        const cpuSeconds = watch?.stop() ?? 0;
        assertAllMade(result, command, count);
        return { seconds: result.seconds, cpuSeconds };
    } finally {
        await rehearsal.remove();
    }
}

/** A fast failure is not a fast deployment. The pack may refuse these load balancers, which are no cluster: it still ran. */
function assertAllMade(result: CommandResult, command: string, count: number): void {
    const created = result.steps.filter(({ op, type }) => op === "create" && type.endsWith(":LoadBalancer")).length;
    const refused = result.violations.some(({ level }) => level === "mandatory");
    if (created === count && (result.exitCode === 0 || refused)) return;
    throw new Error(
        `${command} made ${created} of ${count} load balancers and ended with ${result.exitCode}\n` +
            `${result.stdout.slice(-2000)}${result.stderr.slice(-2000)}`,
    );
}

const stopped = new AbortController();

/** Lets what runs end as Ctrl-C does, and remove what it made. */
export function stop(): void {
    stopped.abort();
}

export const showCost = ({ seconds, cpuSeconds }: Cost): string =>
    `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU`;
