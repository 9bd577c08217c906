import assert from "node:assert/strict";
import * as path from "node:path";
import { Rehearsal, type InlineProgram } from "../../rehearsal/engine";

const root = path.join(__dirname, "../..");

/** A program in TypeScript whose first import is lean, as in the platform's own. */
function leanProgram(text: string): InlineProgram {
    return { "index.ts": `import ${JSON.stringify(path.join(root, "lean"))};\n${text}` };
}

/** Line, counted from one, of the text that is marked `HERE`. */
function markedLine(program: InlineProgram): number {
    return program["index.ts"].split("\n").findIndex((line) => line.includes("HERE")) + 1;
}

describe("lean in the engine: an error keeps its file and line", () => {
    const errors = {
        "thrown by the program": `
            import * as pulumi from "@pulumi/pulumi";
            new pulumi.ComponentResource("test:index:Group", "group");
            function broken(): void {
                throw new Error("the message"); // HERE
            }
            broken();`,
        "thrown in an apply on a resource": `
            import * as pulumi from "@pulumi/pulumi";
            const group = new pulumi.ComponentResource("test:index:Group", "group");
            group.urn.apply((urn) => {
                if (urn) throw new Error("the message"); // HERE
            });`,
        "that rejects a promise nobody awaits": `
            import * as pulumi from "@pulumi/pulumi";
            new pulumi.ComponentResource("test:index:Group", "group");
            async function later(): Promise<void> {
                await new Promise((resolve) => setTimeout(resolve, 10));
                throw new Error("the message"); // HERE
            }
            void later();`,
        "that rejects a promise given as an input": `
            import * as pulumi from "@pulumi/pulumi";
            async function later(): Promise<string> {
                await new Promise((resolve) => setTimeout(resolve, 10));
                throw new Error("the message"); // HERE
            }
            class Group extends pulumi.ComponentResource {
                constructor(name: string) {
                    super("test:index:Group", name);
                    this.registerOutputs({ later: later() });
                }
            }
            new Group("group");`,
        "of an argument that a resource's class refuses": `
            import { LoadBalancer } from "@pulumi/azure-native/network/loadBalancer";
            new LoadBalancer("balancer", {} as never); // HERE`,
    };
    for (const [kind, text] of Object.entries(errors)) {
        it(kind, async () => {
            const program = leanProgram(text);
            const rehearsal = new Rehearsal({ program });
            try {
                const { exitCode, diagnostics } = await rehearsal.preview();
                assert.notEqual(exitCode, 0);
                const shown = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
                const place = `index.ts:${markedLine(program)}:`;
                assert.ok(
                    shown.some((message) => message.includes(place)),
                    `no error names ${place}\n${shown.join("\n")}`,
                );
            } finally {
                await rehearsal.remove();
            }
        });
    }
}).timeout(120_000);

describe("lean in the engine: aliases of users", () => {
    /** One resource group, and in it a component with one load balancer. */
    function names(
        group: string,
        component: string,
        options: { group?: string; component?: string } = {},
    ): InlineProgram {
        return leanProgram(`
            import * as pulumi from "@pulumi/pulumi";
            import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
            import { LoadBalancer } from "@pulumi/azure-native/network/loadBalancer";
            const group = new ResourceGroup(
                "${group}",
                { resourceGroupName: "rehearsed", location: "westeurope" },
                ${options.group ?? "{}"},
            );
            class Balancers extends pulumi.ComponentResource {
                constructor(name: string, options?: pulumi.ComponentResourceOptions) {
                    super("test:index:Balancers", name, {}, options);
                    new LoadBalancer(
                        \`\${name}-balancer\`,
                        { loadBalancerName: "balancer", resourceGroupName: group.name, location: "westeurope", sku: { name: "Standard" } },
                        { parent: this },
                    );
                    this.registerOutputs({});
                }
            }
            new Balancers("${component}", ${options.component ?? "{}"});`);
    }

    it("let a resource and a component be renamed without being replaced", async () => {
        const rehearsal = new Rehearsal({ program: names("old", "old-balancers") });
        try {
            const made = await rehearsal.up();
            assert.equal(made.exitCode, 0, made.stdout + made.stderr);

            await rehearsal.change(names("new", "new-balancers"));
            const withoutAlias = await rehearsal.preview();
            assert.ok(
                (withoutAlias.changes.delete ?? 0) > 0,
                "the rename says nothing: it is no replacement without an alias either",
            );

            await rehearsal.change(
                names("new", "new-balancers", {
                    group: `{ aliases: [{ name: "old" }] }`,
                    component: `{ aliases: [{ name: "old-balancers" }] }`,
                }),
            );
            const renamed = await rehearsal.up();
            assert.equal(renamed.exitCode, 0, renamed.stdout + renamed.stderr);
            assert.deepEqual(Object.keys(renamed.changes), ["same"]);
            const urns = (await rehearsal.state()).deployment.resources!.map(({ urn }) => urn.split("::").pop());
            assert.ok(urns.includes("new") && urns.includes("new-balancers-balancer") && !urns.includes("old"));
        } finally {
            await rehearsal.remove();
        }
    });
}).timeout(120_000);
