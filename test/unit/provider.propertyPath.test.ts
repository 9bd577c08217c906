import assert from "node:assert/strict";
import fc from "fast-check";
import { diffProperties, formatPath, UNKNOWN, type Properties } from "../../rehearsal/provider";

describe("a property path", () => {
    it("is written as the engine writes it", () => {
        assert.equal(formatPath(["agentPoolProfiles", 0, "count"]), "agentPoolProfiles[0].count");
        assert.equal(formatPath(["tags", "app.kubernetes.io/name"]), 'tags["app.kubernetes.io/name"]');
        assert.equal(formatPath(["a-b", 'say "so"']), '["a-b"]["say \\"so\\""]');
    });
});

describe("the difference between two sets of properties", () => {
    const anything = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Properties>;

    it("is nothing between equal ones", () => {
        fc.assert(
            fc.property(anything, (given) => assert.deepEqual(diffProperties(given, structuredClone(given)), {})),
        );
    });

    it("turns additions into deletions when seen from the other side", () => {
        const opposite = { add: "delete", delete: "add", update: "update" };
        fc.assert(
            fc.property(anything, anything, (a, b) => {
                const there = diffProperties(a, b);
                const back = diffProperties(b, a);
                for (const [path, entry] of Object.entries(there)) assert.equal(back[path].kind, opposite[entry.kind]);
                assert.equal(Object.keys(there).length, Object.keys(back).length);
            }),
        );
    });

    it("names the innermost value that differs", () => {
        const before: Properties = { pools: [{ name: "a", count: 1 }, { name: "b" }], tags: { x: "1" }, same: true };
        const after: Properties = {
            pools: [{ name: "a", count: 2 }, { name: "b" }, { name: "c" }],
            tags: {},
            same: true,
        };
        assert.deepEqual(diffProperties(before, after), {
            "pools[0].count": { kind: "update" },
            "pools[2]": { kind: "add" },
            "tags.x": { kind: "delete" },
        });
    });

    it("takes null for absent", () => {
        assert.deepEqual(diffProperties({ a: null }, {}), {});
        assert.deepEqual(diffProperties({ a: null }, { a: 1 }), { a: { kind: "add" } });
    });

    it("has what is not known yet differ from everything", () => {
        assert.deepEqual(diffProperties({ a: 1, b: UNKNOWN }, { a: UNKNOWN, b: UNKNOWN }), {
            a: { kind: "update" },
            b: { kind: "update" },
        });
    });

    it("says what forces a replacement and leaves out what means the same", () => {
        const entries = diffProperties(
            { name: "a", group: "RG", size: 1 },
            { name: "b", group: "rg", size: 2 },
            {
                forcesReplacement: (path) => path[0] === "name",
                same: (path, a, b) => path[0] === "group" && String(a).toLowerCase() === String(b).toLowerCase(),
            },
        );
        assert.deepEqual(entries, { name: { kind: "update", replace: true }, size: { kind: "update" } });
    });
});
