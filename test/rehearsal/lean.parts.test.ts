import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { withoutVersionAliases } from "../../lean/versionAliases";

const BALANCER = "azure-native:network:LoadBalancer";

describe("lean: version aliases", () => {
    it("of azure-native are dropped, whatever the version's form", () => {
        const versions = ["v20180601", "v20250701", "v20151101preview", "v20240901alpha"];
        const aliases = versions.map((version) => ({ type: `azure-native:network/${version}:LoadBalancer` }));
        assert.deepEqual(withoutVersionAliases(BALANCER, aliases), []);
    });

    it("of Kubernetes' other group versions are dropped", () => {
        const aliases = [
            { type: "kubernetes:apps/v1beta1:Deployment" },
            { type: "kubernetes:extensions/v1beta1:Deployment" },
            { type: "kubernetes:core/v1:Pod" },
            { type: "kubernetes:flowcontrol.apiserver.k8s.io/v1alpha1:FlowSchema" },
        ];
        assert.deepEqual(withoutVersionAliases("kubernetes:apps/v1:Deployment", aliases), []);
    });

    it("that a user gives stay: the SDK's own makes them come twice", () => {
        const version = { type: "azure-native:network/v20200601:LoadBalancer" };
        const fromSdk = [{ type: "azure-native:network/v20190601:LoadBalancer" }, { ...version }];
        assert.deepEqual(withoutVersionAliases(BALANCER, [version, ...fromSdk]), [version]);
    });

    it("that say more than the type stay", () => {
        const aliases = [{ type: "azure-native:network/v20200601:LoadBalancer", name: "before" }];
        assert.equal(withoutVersionAliases(BALANCER, aliases), aliases);
    });

    it("of resources of other packages are not looked at", () => {
        const aliases = [{ type: "kubernetes:apps/v1beta1:Deployment" }];
        assert.equal(withoutVersionAliases("mainstay:index:Workload", aliases), aliases);
        assert.equal(withoutVersionAliases("random:index/randomId:RandomId", aliases), aliases);
    });

    it("any other alias stays, in its place", () => {
        const word = fc.stringMatching(/^[a-zA-Z][\w-]{0,10}$/);
        const others = fc.oneof(
            word.map((name) => `urn:pulumi:stack::project::${BALANCER}::${name}`),
            fc.record({ name: word }),
            fc.record({ parent: word.map((name) => `urn:pulumi:stack::project::a:b:C::${name}`) }),
            fc.record({ project: word }),
            fc.record({ type: fc.tuple(word, word).map(([module, kind]) => `azure-native:${module}:${kind}`) }),
            fc.record({ type: word, name: word }),
        );
        const dropped = fc
            .integer({ min: 10000101, max: 99991231 })
            .map((version) => ({ type: `azure-native:network/v${version}:LoadBalancer` }));
        const mixed = fc.tuple(fc.array(others), fc.uniqueArray(dropped, { selector: ({ type }) => type }));
        fc.assert(
            fc.property(mixed, ([users, sdks]) => {
                assert.deepEqual(withoutVersionAliases(BALANCER, [...users, ...sdks] as never), users);
            }),
        );
    });
});

describe("lean: what it patches", () => {
    it("is an internal of exactly the SDK that is installed and pinned", () => {
        const { dependencies } = require("../../package.json");
        assert.equal(dependencies["@pulumi/pulumi"], "3.248.0");
        assert.equal(require("@pulumi/pulumi/package.json").version, "3.248.0");
    });

    it("is still what costs: without lean the SDK takes a stack trace a promise and sends every version alias", async () => {
        const { traces, aliases } = await oneLoadBalancer({ MAINSTAY_LEAN: "off" });
        assert.ok(traces >= 10, `debuggablePromise took only ${traces} stack traces`);
        assert.ok(aliases.filter((alias) => alias.includes("/v20")).length > 20, aliases.join("\n"));
    });

    it("is reached by every caller in the SDK, and leaves the user's aliases alone", async () => {
        const { traces, aliases } = await oneLoadBalancer({});
        assert.equal(traces, 0);
        assert.deepEqual(
            aliases.map((alias) => alias.split("::").slice(2).join("::")),
            [`${BALANCER}::old-name`, "a:b:C::whole", "azure-native:network:Old::balancer"],
        );
    });

    it("is left alone when promise leaks are being looked for", async () => {
        const { traces } = await oneLoadBalancer({ PULUMI_DEBUG_PROMISE_LEAKS: "true" });
        assert.ok(traces >= 10);
    });

    it("may be gone or sealed without harm", async () => {
        assert.ok((await oneLoadBalancer({}, "internal-moved")).traces >= 10);
        assert.ok((await oneLoadBalancer({}, "internal-sealed")).traces >= 10);
    });
}).timeout(60_000);

describe("lean: modules that are seldom used", () => {
    it("are not loaded at the start, and work as ever when they are used", async () => {
        type Found = { loadedAtStart: string[]; works: { paths: string[]; automation: string; message: string } };
        const asItComes = await run<Found>("seldomUsed.ts", { MAINSTAY_LEAN: "off" });
        const lean = await run<Found>("seldomUsed.ts", {});
        assert.equal(asItComes.loadedAtStart.length, 5, "one is no longer loaded at the start: lean can let it go");
        assert.deepEqual(lean.loadedAtStart, []);
        assert.ok(asItComes.works.paths.some((path) => path.endsWith("zod")));
        assert.deepEqual(lean.works, asItComes.works);
    });
}).timeout(60_000);

function oneLoadBalancer(
    environment: NodeJS.ProcessEnv,
    ...args: string[]
): Promise<{ traces: number; aliases: string[] }> {
    return run("oneLoadBalancer.ts", environment, ...args);
}

/** Runs a program of test/rehearsal/lean in a process of its own. */
async function run<Printed>(program: string, environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Printed> {
    const file = path.join(__dirname, "lean", program);
    const { stdout } = await promisify(execFile)(process.execPath, ["-r", "ts-node/register", file, ...args], {
        cwd: path.join(__dirname, "../.."),
        env: { ...process.env, MAINSTAY_LEAN: undefined, PULUMI_DEBUG_PROMISE_LEAKS: undefined, ...environment },
    });
    return JSON.parse(stdout.trim().split("\n").pop()!);
}
