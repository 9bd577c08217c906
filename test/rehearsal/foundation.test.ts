import assert from "node:assert/strict";
import { join } from "node:path";
import { Rehearsal, root } from "../../rehearsal/engine";

/** The project that has to be deployed before the first environment. */
describe("the foundation", function () {
    this.timeout(3 * 60_000);

    let rehearsal: Rehearsal;
    const deployed = async (config?: Record<string, unknown>) => {
        rehearsal = new Rehearsal({
            program: join(root, "foundation"),
            stack: "shared",
            config,
            policyPacks: [join(root, "policy")],
        });
        return rehearsal.up();
    };
    afterEach(() => rehearsal.remove());

    it("is deployed past the policy pack, and says what environments need of it", async () => {
        const up = await deployed();
        assert.equal(up.exitCode, 0, up.stdout + up.stderr);
        assert.deepEqual(up.violations, []);
        assert.match(up.outputs.backend as string, /^azblob:\/\/state\?storage_account=pulumi[a-z0-9]{13}$/);
        assert.match(
            up.outputs.secretsProvider as string,
            /^azurekeyvault:\/\/pulumi[a-z0-9]{13}\.vault\.azure\.net\/keys\/pulumi$/,
        );
        assert.match(up.outputs.runnersNetwork as string, /mainstay-foundation\/.*\/mainstay-runners$/);
        assert.deepEqual(Object.keys(up.outputs.clientIds as object), ["prod", "staging"]);
        assert.deepEqual(Object.keys((await rehearsal.up()).changes), ["same"]);
    });

    it("names all that is wrong with its settings at once, and makes nothing", async () => {
        const up = await deployed({
            "mainstay:runners": { addressSpace: "10.60.0.0/30" },
            "mainstay:environments": [{ name: "prod", subject: "a" }, { name: "prod", subject: "b" }, { name: "x" }],
            "mainstay:owners": "me",
        });
        assert.notEqual(up.exitCode, 0);
        const said = up.diagnostics.map(({ message }) => message).join("\n");
        for (const path of ["environments[2].subject", "owners", "runners.addressSpace"]) {
            assert.ok(said.includes(`mainstay:${path}\n`), `${path} in ${said}`);
        }
        assert.ok((up.changes.create ?? 0) <= 1, "nothing but the stack itself was asked for");
    });
});
