/**
 * A program of one load balancer against the SDK's mocks. Prints, as JSON, how many stack traces `debuggablePromise`
 * took for it and which aliases reached its registration. A process of its own, since what is patched is the SDK of the
 * whole process.
 */
import * as pulumi from "@pulumi/pulumi";

const internal = require("@pulumi/pulumi/runtime/debuggable");
const { debuggablePromise } = internal;

let traces = 0;
const prepare = Error.prepareStackTrace;
Error.prepareStackTrace = (error, frames) => {
    if (frames[0]?.getFunctionName() === "debuggablePromise") traces++;
    return prepare?.(error, frames) ?? String(error);
};

async function main(): Promise<void> {
    await pulumi.runtime.setMocks({
        newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
        call: ({ inputs }) => inputs,
    });
    // The stack that transformations are registered with; the engine's host makes it in a real run.
    const { runInPulumiStack } = require("@pulumi/pulumi/runtime/stack");
    let aliases: unknown[] = [];
    await runInPulumiStack(async () => {
        if (process.argv.includes("internal-moved")) delete internal.debuggablePromise;
        if (process.argv.includes("internal-sealed")) Object.freeze(internal);
        require("../../../lean");
        if (process.argv.includes("internal-moved")) internal.debuggablePromise = debuggablePromise;
        traces = 0;
        const { LoadBalancer } = require("@pulumi/azure-native/network/loadBalancer");
        const balancer = new LoadBalancer(
            "balancer",
            { resourceGroupName: "group" },
            { aliases: [{ name: "old-name" }, "urn:pulumi:s::p::a:b:C::whole", { type: "azure-native:network:Old" }] },
        );
        aliases = await Promise.all(balancer.__aliases.map((alias: pulumi.Output<string>) => promiseOf(alias)));
        await promiseOf(balancer.urn);
    });
    console.log(JSON.stringify({ traces, aliases }));
}

function promiseOf<T>(value: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => pulumi.output(value).apply((known) => resolve(known as T)));
}

void main();
