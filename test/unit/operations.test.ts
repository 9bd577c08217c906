import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { writeSetting } from "../../operations/stackFile";
import { type OperatedSettings, rollSteps, rotateSteps, rotating, type Step } from "../../operations/steps";

const settings = (more: Partial<OperatedSettings> = {}): OperatedSettings => ({
    machines: 3,
    generations: {},
    certificates: { authorities: [1], administrator: 1, encryptionKeys: [1], serviceAccountKeys: [1] },
    ...more,
});

const anySettings = fc.record({
    machines: fc.constantFrom(3 as const, 5 as const),
    generations: fc.dictionary(fc.constantFrom("1", "2", "3"), fc.integer({ min: 1, max: 50 })),
});

function after(before: OperatedSettings, steps: Step[]): OperatedSettings {
    const copy: any = structuredClone(before);
    for (const { path, value } of steps) copy[path[0]][path[1]] = value;
    return copy;
}

describe("a roll of the control plane", () => {
    it("replaces each machine once, and ends with all of the same generation", () => {
        fc.assert(
            fc.property(anySettings, (given) => {
                const before = settings(given);
                const steps = rollSteps(before);
                assert.equal(new Set(steps.map(({ path }) => path[1])).size, steps.length);
                const ends = after(before, steps);
                const generations = Array.from({ length: given.machines }, (_, n) => ends.generations[n + 1] ?? 1);
                assert.equal(new Set(generations).size, 1, JSON.stringify(generations));
                assert.ok(steps.length > 0);
            }),
        );
    });

    it("goes on with those that are behind when it was cut off", () => {
        fc.assert(
            fc.property(anySettings, fc.nat(4), (given, done) => {
                const before = settings({ ...given, generations: {} });
                const all = rollSteps(before);
                const cut = Math.min(done, all.length - 1);
                if (cut === 0) return;
                assert.deepEqual(
                    rollSteps(after(before, all.slice(0, cut))).map(({ path, value }) => [path, value]),
                    all.slice(cut).map(({ path, value }) => [path, value]),
                );
            }),
        );
    });

    it("of one machine leaves the others alone", () => {
        assert.deepEqual(
            rollSteps(settings({ generations: { "2": 4 } }), 2).map(({ path, value }) => [path, value]),
            [[["generations", "2"], 5]],
        );
    });
});

describe("a rotation", () => {
    for (const of of rotating) {
        it(`of ${of} trusts what was used before and what will be used next, in every step`, () => {
            fc.assert(
                fc.property(fc.integer({ min: 1, max: 9_000 }), (first) => {
                    let at = settings({ certificates: { ...settings().certificates, [of]: [first] } });
                    const seen = [at.certificates[of]];
                    for (let step = 0; step < 3; step++) {
                        const left = rotateSteps(at, of);
                        assert.equal(left.length, 3 - step, "goes on from what the settings say");
                        at = after(at, left.slice(0, 1));
                        seen.push(at.certificates[of]);
                    }
                    assert.deepEqual(seen, [[first], [first, first + 1], [first + 1, first], [first + 1]]);
                    for (let step = 1; step < seen.length; step++) {
                        assert.ok(seen[step].includes(seen[step - 1][0]), "what was used is trusted still");
                        assert.ok(seen[step - 1].includes(seen[step][0]), "what is used now was trusted already");
                    }
                }),
            );
        });
    }

    it("says what to wait for, but at its end", () => {
        const waits = rotateSteps(settings(), "authorities").map(({ before }) => before !== undefined);
        assert.deepEqual(waits, [true, true, false]);
    });
});

describe("a step's setting", () => {
    it("goes into the stack's file, and comments and order stay", async () => {
        const folder = await mkdtemp(join(tmpdir(), "mainstay-operations-"));
        try {
            const file = join(folder, "Pulumi.prod.yaml");
            const text = [
                "# yaml-language-server: $schema=./docs/settings.schema.json",
                "config:",
                "  mainstay:owner: platform@example.com # who answers",
                "  mainstay:controlPlane:",
                "    size: Standard_D4ds_v5",
                "",
            ].join("\n");
            await writeFile(file, text);
            await writeSetting(file, { path: ["generations", "2"], value: 2 });
            await writeSetting(file, { path: ["certificates", "authorities"], value: [1, 2] });
            assert.equal(
                await readFile(file, "utf8"),
                `${text}    generations:\n      "2": 2\n    certificates:\n      authorities: [ 1, 2 ]\n`,
            );
        } finally {
            await rm(folder, { recursive: true });
        }
    });
});
