import assert from "node:assert/strict";
import { compare } from "bcryptjs";
import fc from "fast-check";
import { hasUnknown, logicalProvider, UNKNOWN, type Properties } from "../../rehearsal/provider";
import { resources } from "../../rehearsal/random/resources";

const provider = logicalProvider(resources);
const type = (name: string) => Object.keys(resources).find((type) => type.endsWith(`:${name}`))!;
const about = (name: string) => ({ urn: `urn:pulumi:test::test::${type(name)}::x`, type: type(name), name: "x" });
const create = (name: string, inputs: Properties, preview = false) =>
    provider.create({ ...about(name), inputs, preview, timeoutSeconds: 0, signal: new AbortController().signal });
const check = async (name: string, inputs: Properties) =>
    (await provider.check({ ...about(name), inputs, randomSeed: Buffer.alloc(0) })).failures;

describe("random values", () => {
    it("are strings with at least what each set asks for, of the sets that are on", async () => {
        const asked = fc.record({
            length: fc.integer({ min: 12, max: 60 }),
            minLower: fc.integer({ min: 0, max: 3 }),
            minUpper: fc.integer({ min: 0, max: 3 }),
            minNumeric: fc.integer({ min: 0, max: 3 }),
            minSpecial: fc.integer({ min: 0, max: 3 }),
        });
        await fc.assert(
            fc.asyncProperty(asked, async (inputs) => {
                const { id, outputs } = await create("RandomString", { ...inputs, overrideSpecial: "_." });
                const result = String(outputs.result);
                assert.equal(id, result);
                assert.equal(result.length, inputs.length);
                const count = (set: RegExp) => result.match(set)?.length ?? 0;
                assert.ok(count(/[a-z]/g) >= inputs.minLower);
                assert.ok(count(/[A-Z]/g) >= inputs.minUpper);
                assert.ok(count(/[0-9]/g) >= inputs.minNumeric);
                assert.ok(count(/[_.]/g) >= inputs.minSpecial);
                assert.match(result, /^[a-zA-Z0-9_.]*$/);
            }),
        );
    });

    it("leave out the sets that are off, by either name of the digits", async () => {
        const off = { length: 200, special: false, upper: false };
        assert.match(String((await create("RandomString", { ...off, numeric: false })).outputs.result), /^[a-z]{200}$/);
        const { outputs } = await create("RandomString", { ...off, number: false });
        assert.match(String(outputs.result), /^[a-z]{200}$/);
        assert.deepEqual([outputs.number, outputs.numeric], [false, false]);
    });

    it("are never the same twice", async () => {
        const made = await Promise.all(Array.from({ length: 50 }, () => create("RandomString", { length: 20 })));
        assert.equal(new Set(made.map(({ id }) => id)).size, 50);
    });

    it("are a password with a bcrypt hash that fits it, and an ID that does not tell it", async () => {
        const { id, outputs } = await create("RandomPassword", { length: 24 });
        assert.equal(id, "none");
        assert.ok(await compare(String(outputs.result), String(outputs.bcryptHash)));
        assert.match(String(outputs.bcryptHash), /^\$2[aby]\$10\$/);
    });

    it("are the same bytes in every form", async () => {
        const { id, outputs } = await create("RandomId", { byteLength: 8, prefix: "p-" });
        const bytes = Buffer.from(id, "base64url");
        assert.equal(bytes.length, 8);
        assert.equal(outputs.hex, `p-${bytes.toString("hex")}`);
        assert.equal(outputs.b64Url, `p-${id}`);
        assert.equal(outputs.b64Std, `p-${bytes.toString("base64")}`);
        assert.equal(outputs.dec, `p-${bytes.readBigUInt64BE()}`);
        const raw = await create("RandomBytes", { length: 16 });
        assert.equal(Buffer.from(String(raw.outputs.hex), "hex").toString("base64"), raw.outputs.base64);
    });

    it("are integers of the range, both ends included, and repeat with their seed", async () => {
        const draws = await Promise.all(Array.from({ length: 100 }, () => create("RandomInteger", { min: 1, max: 3 })));
        assert.deepEqual([...new Set(draws.map(({ outputs }) => outputs.result))].sort(), [1, 2, 3]);
        const seeded = () => create("RandomInteger", { min: 0, max: 1e9, seed: "s" });
        assert.deepEqual(await seeded(), await seeded());
    });

    it("are a shuffled list, as long as asked for", async () => {
        const inputs = ["1", "2", "3"];
        const { outputs } = await create("RandomShuffle", { inputs });
        assert.deepEqual([...(outputs.results as string[])].sort(), inputs);
        assert.equal(
            ((await create("RandomShuffle", { inputs, resultCount: 7 })).outputs.results as string[]).length,
            7,
        );
        assert.deepEqual((await create("RandomShuffle", { inputs: [], resultCount: 7 })).outputs.results, []);
    });

    it("are names of as many words, behind their prefix", async () => {
        assert.match((await create("RandomPet", {})).id, /^[a-z]+-[a-z]+$/);
        assert.match((await create("RandomPet", { length: 3, separator: "_", prefix: "my" })).id, /^my(_[a-z]+){3}$/);
    });

    it("are UUIDs of the version that was asked for", async () => {
        assert.match((await create("RandomUuid", {})).id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
        assert.match((await create("RandomUuid4", {})).id, /-4[0-9a-f]{3}-[89ab]/);
        const { id } = await create("RandomUuid7", {});
        assert.match(id, /-7[0-9a-f]{3}-[89ab]/);
        const milliseconds = parseInt(id.replaceAll("-", "").slice(0, 12), 16);
        assert.ok(Math.abs(milliseconds - Date.now()) < 60_000);
    });

    it("are unknown in a preview, and their settings with defaults known", async () => {
        const { id, outputs } = await create("RandomPassword", { length: 8, keepers: { a: UNKNOWN } }, true);
        assert.equal(id, "");
        assert.equal(outputs.result, UNKNOWN);
        assert.equal(outputs.bcryptHash, UNKNOWN);
        assert.deepEqual([outputs.length, outputs.special, outputs.minLower], [8, true, 0]);
    });

    it("are replaced by any change of their inputs, keepers among them", async () => {
        for (const [name, before, after] of [
            ["RandomString", { length: 8 }, { length: 9 }],
            ["RandomPet", { keepers: { image: "1" } }, { keepers: { image: "2" } }],
            ["RandomId", { byteLength: 4 }, { byteLength: 4, prefix: "x" }],
        ] as [string, Properties, Properties][]) {
            const unchanging = { ...about(name), id: "x", oldOutputs: {} };
            const { entries } = await provider.diff({ ...unchanging, oldInputs: before, inputs: after });
            assert.equal(Object.keys(entries).length, 1);
            assert.ok(Object.values(entries).every(({ replace }) => replace));
            assert.deepEqual((await provider.diff({ ...unchanging, oldInputs: after, inputs: after })).entries, {});
        }
    });

    it("are refused, with the property's name, where no such value can be made", async () => {
        const refused: [string, Properties, string, RegExp][] = [
            ["RandomString", {}, "length", /is required/],
            ["RandomString", { length: 0 }, "length", /at least 1/],
            ["RandomString", { length: 3, minLower: 2, minUpper: 2 }, "length", /less than the 4 characters/],
            [
                "RandomString",
                { length: 3, lower: false, upper: false, number: false, special: false },
                "lower",
                /no character/,
            ],
            ["RandomPassword", { length: 3, number: true, numeric: false }, "number", /contradicts/],
            ["RandomInteger", { min: 2, max: 1 }, "min", /more than max/],
            ["RandomId", { byteLength: 1.5 }, "byteLength", /whole number/],
        ];
        for (const [name, inputs, property, reason] of refused) {
            const failures = await check(name, inputs);
            assert.deepEqual(
                failures.map((failure) => failure.property),
                [property],
                `${name} ${JSON.stringify(inputs)}`,
            );
            assert.match(failures[0].reason, reason);
        }
        assert.deepEqual(await check("RandomString", { length: UNKNOWN }), []);
    });

    it("are imported by the value itself", async () => {
        for (const [name, id, property, value] of [
            ["RandomString", "abcd", "result", "abcd"],
            ["RandomPassword", "secret", "result", "secret"],
            ["RandomId", "p-,AQID", "hex", "p-010203"],
            ["RandomInteger", "5,1,9", "result", 5],
            ["RandomUuid", "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "result", "6ba7b810-9dad-41d1-80b4-00c04fd430c8"],
        ] as [string, string, string, string | number][]) {
            const read = await provider.read({ ...about(name), id });
            assert.equal(read!.outputs[property], value, name);
            const { entries } = await provider.diff({
                ...about(name),
                id: read!.id,
                oldInputs: read!.inputs,
                oldOutputs: read!.outputs,
                inputs: read!.inputs,
            });
            assert.deepEqual(entries, {});
            assert.equal(hasUnknown(read!.outputs), false);
        }
        await assert.rejects(provider.read({ ...about("RandomPet"), id: "a-b" }), /cannot be imported/);
    });
});
