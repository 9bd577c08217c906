import assert from "node:assert/strict";
import { Rehearsal } from "../../rehearsal/engine";

const program = (keeper: string) => ({
    "index.js": `
        const random = require("@pulumi/random");
        const password = new random.RandomPassword("password", { length: 20, keepers: { image: "${keeper}" } });
        exports.password = password.result;
        exports.hash = password.bcryptHash;
        exports.pet = new random.RandomPet("pet").id;
        exports.hex = new random.RandomId("id", { byteLength: 4 }).hex;
        exports.imported = new random.RandomString("imported", { length: 4 }, { import: "abcd" }).result;
        exports.got = random.RandomUuid.get("got", "6ba7b810-9dad-41d1-80b4-00c04fd430c8").result;`,
});

describe("@pulumi/random on the real engine", function () {
    this.timeout(60_000);
    const rehearsal = new Rehearsal({ program: program("1") });
    after(() => rehearsal.remove());

    it("keeps its values from one deployment to the next, secrets as secrets, until a keeper changes", async () => {
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout);
        const first = await rehearsal.up();
        assert.equal(first.exitCode, 0, first.stdout);
        assert.equal(first.outputs.imported, "abcd");
        assert.equal(first.outputs.got, "6ba7b810-9dad-41d1-80b4-00c04fd430c8");
        const password = String(first.outputs.password);
        assert.ok(!first.stdout.includes(password));
        assert.ok(!JSON.stringify(await rehearsal.state()).includes(password));

        const second = await rehearsal.up();
        assert.deepEqual(
            Object.keys(second.changes).sort(),
            ["read", "same"].filter((op) => op in second.changes),
        );
        assert.deepEqual(second.outputs, first.outputs);

        await rehearsal.change(program("2"));
        const third = await rehearsal.up();
        assert.equal(third.changes.replace, 1);
        assert.notEqual(third.outputs.password, password);
        assert.equal(third.outputs.pet, first.outputs.pet);
    });
});
