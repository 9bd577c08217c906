import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergeFaults, parseFault, writeFaults, type Faults } from "../../rehearsal/azure";
import type { Properties } from "../../rehearsal/provider/values";
import { AzureRun, base, changed, CLUSTER, identity, POOL } from "../unit/azureRun";

describe("faults of the simulated Azure", function () {
    this.timeout(60_000);

    it("are read from the command line", () => {
        const cases: [string, Faults][] = [
            ["throttle=0.2", { throttle: 0.2 }],
            ["conflict=0.1", { conflict: 0.1 }],
            ["latency=200", { latencyMilliseconds: 200 }],
            ["quota=standardDDSv5Family:0", { quota: { standardDDSv5Family: 0 } }],
            ["zone=westeurope-2", { zonesDown: ["westeurope-2"] }],
            ["crash=after:17", { crash: { when: "after", write: 17 } }],
            ["unregistered=Microsoft.Insights", { unregistered: ["Microsoft.Insights"] }],
            ["seed=7", { seed: 7 }],
        ];
        for (const [text, faults] of cases) assert.deepEqual(parseFault(text), faults, text);
        assert.deepEqual(
            mergeFaults([{ quota: { a: 1 } }, { quota: { b: 2 }, zonesDown: ["x-1"] }, { zonesDown: ["x-2"] }]),
            {
                quota: { a: 1, b: 2 },
                zonesDown: ["x-1", "x-2"],
            },
        );
    });

    it("are read from a file, which is refused when it names what there is not", () => {
        const folder = mkdtempSync(join(tmpdir(), "mainstay-faults-"));
        try {
            const file = join(folder, "faults.json");
            writeFileSync(file, JSON.stringify({ throttle: 0.2, zonesDown: ["westeurope-2"] }));
            assert.deepEqual(parseFault(file), { throttle: 0.2, zonesDown: ["westeurope-2"] });
            writeFileSync(file, JSON.stringify({ throtle: 0.2 }));
            assert.throws(() => parseFault(file), /unknown fault throtle\. Known: seed, throttle/);
            assert.throws(() => parseFault(join(folder, "absent.json")), /absent\.json cannot be read/);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("are refused with what is known, when they are none", () => {
        for (const text of [
            "throttle",
            "throttle=",
            "throttle=2",
            "throttle=often",
            "crash=17",
            "crash=after:0",
            "quota=10",
            "zone=westeurope",
            "thrrottle=0.1",
            "latency=-1",
        ]) {
            assert.throws(
                () => parseFault(text),
                (error: Error) => error.message.includes(`--fault ${text}`) && error.message.includes("crash=after:17"),
                text,
            );
        }
    });

    describe("on a cloud:", () => {
        let run: AzureRun;
        let good: Awaited<ReturnType<typeof base>>;
        beforeEach(async () => {
            run = new AzureRun();
            good = await base(run);
        });
        afterEach(() => run.end());
        const set = (faults: Faults) => writeFaults(run.folder, faults);
        const balancers = (count: number) =>
            Promise.all(
                Array.from({ length: count }, (_, index) =>
                    run.make("network:LoadBalancer", { ...good.balancer, loadBalancerName: `lb${index}` }),
                ),
            );

        it("a throttled request is repeated after the time that it is told, and given up in the end", async () => {
            set({ throttle: 0.5, retryAfterSeconds: 0.01 });
            const results = await Promise.allSettled(
                Array.from({ length: 20 }, (_, index) =>
                    run.make("network:LoadBalancer", { ...good.balancer, loadBalancerName: `lb${index}` }),
                ),
            );
            assert.ok(results.filter(({ status }) => status === "fulfilled").length > 15);
            set({ throttle: 1, retryAfterSeconds: 0.01 });
            await assert.rejects(
                run.make("network:LoadBalancer", good.balancer),
                /Status=429 Code="TooManyRequests".*Retry-After/,
            );
        });

        it("the same seed hits the same requests", async () => {
            const outcome = async (seed: number) => {
                set({ throttle: 0.8, retryAfterSeconds: 0.001, seed });
                const made = Array.from({ length: 12 }, async (_, index) => {
                    const inputs = { ...good.balancer, loadBalancerName: `lb${index}` };
                    const created = await run.make("network:LoadBalancer", inputs).catch(() => undefined);
                    return created !== undefined;
                });
                const results = await Promise.all(made);
                run.end();
                run = new AzureRun();
                good = await base(run);
                return results.join();
            };
            const [first, again, other] = [await outcome(1), await outcome(1), await outcome(2)];
            assert.equal(again, first);
            assert.notEqual(other, first);
        });

        it("a conflict is waited for, until the engine cancels", async () => {
            const inputs = (await run.check("network:LoadBalancer", good.balancer)).inputs;
            set({ conflict: 1 });
            const abort = new AbortController();
            const creation = run.azure.create({
                ...identity("network:LoadBalancer", "lb"),
                timeoutSeconds: 60,
                signal: abort.signal,
                inputs,
                preview: false,
            });
            setTimeout(() => abort.abort(), 50);
            // Who cancels is not kept waiting.
            await assert.rejects(creation, { name: "AbortError" });
            set({});
            await balancers(1);
        });

        it("a used-up quota is refused in AKS's words and the machines'", async () => {
            set({ quota: { standardDDSv5Family: 8 } });
            await assert.rejects(
                run.make(CLUSTER, good.cluster),
                /InsufficientVCPUQuota.*requested 12, remaining 8 for family standardDDSv5Family/,
            );
            set({ quota: { cores: 12 } });
            await run.make(CLUSTER, good.cluster);
            const pool: Properties = {
                resourceGroupName: "rg",
                resourceName: "aks",
                agentPoolName: "user1",
                count: 1,
                mode: "User",
                vmSize: "Standard_E8ds_v5",
                vnetSubnetID: good.subnet.id,
            };
            await assert.rejects(run.make(POOL, pool), /remaining 0 for Total Regional Cores/);
        });

        it("a zone that is gone takes what is only in it", async () => {
            await run.make(CLUSTER, good.cluster);
            set({ zonesDown: ["westeurope-2"] });
            const pool = (agentPoolName: string, availabilityZones: string[]): Properties => ({
                resourceGroupName: "rg",
                resourceName: "aks",
                agentPoolName,
                availabilityZones,
                count: 1,
                mode: "User",
                vmSize: "Standard_D8ds_v5",
                vnetSubnetID: good.subnet.id,
            });
            await assert.rejects(run.make(POOL, pool("user2", ["2"])), /ZonalAllocationFailed/);
            await run.make(POOL, pool("user1", ["1"]));
            await run.make(POOL, pool("user12", ["1", "2"]));
        });

        it("an unknown fault in the file is said to be one", async () => {
            set({ throttel: 1 } as Faults);
            await assert.rejects(run.make("network:LoadBalancer", good.balancer), /unknown fault throttel/);
        });

        for (const when of ["before", "after"] as const) {
            it(`a process that dies ${when} its second write leaves whole files, and no lock that holds`, async () => {
                set({ crash: { when, write: 2 } });
                const script = join(run.folder, "crash.ts");
                writeFileSync(
                    script,
                    `import { SimulatedAzure } from ${JSON.stringify(join(__dirname, "../../rehearsal/azure"))};
                     void (async () => {
                         const azure = new SimulatedAzure();
                         for (const name of ["a", "b", "c"]) {
                             const request = { ...${JSON.stringify(identity("network:LoadBalancer", "lb"))}, timeoutSeconds: 0, signal: new AbortController().signal, preview: false };
                             await azure.create({ ...request, inputs: { ...${JSON.stringify(changed(good.balancer, "location", "westeurope"))}, loadBalancerName: name } });
                         }
                     })();`,
                );
                const child = spawnSync(process.execPath, ["-r", "ts-node/register", script], {
                    cwd: join(__dirname, "../.."),
                    env: { ...process.env, MAINSTAY_REHEARSAL: run.folder },
                });
                assert.equal(child.signal, "SIGKILL", child.stderr.toString());
                const names = readdirSync(join(run.folder, "azure", "resources")).filter((file) =>
                    file.includes("loadbalancers"),
                );
                assert.equal(names.length, when === "before" ? 1 : 2);

                set({});
                const again = (loadBalancerName: string) =>
                    run.make("network:LoadBalancer", { ...good.balancer, loadBalancerName });
                await assert.rejects(again("a"), /already existing/);
                if (when === "before") await again("b");
                else await assert.rejects(again("b"), /already existing/);
            });
        }
    });
});
