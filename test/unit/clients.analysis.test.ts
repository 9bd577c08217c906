import assert from "node:assert/strict";
import fc from "fast-check";
import { analyseWatch, analyseWriter, longestGap } from "../proof/clients/analysis";
import { endOf, type Watched, type Write } from "../proof/clients/lines";
import { medianOf, tableOf } from "../proof/clients/table";

const write = (at: number, ms: number, ok = true, error?: string): Write => ({
    at,
    ms,
    ok,
    name: `w-${at}`,
    attempts: 1,
    ...(error ? { error } : {}),
});

const writes = fc.array(
    fc.record({
        at: fc.integer({ min: 0, max: 60_000 }),
        ms: fc.integer({ min: 0, max: 5_000 }),
        ok: fc.boolean(),
        name: fc.uuid(),
        attempts: fc.constant(1),
    }),
    { minLength: 1, maxLength: 60 },
);

describe("what a writer met", () => {
    it("an acknowledged write that is not stored is lost; one that failed is not, stored or not", () => {
        const figures = analyseWriter(
            [write(0, 5), write(100, 5), write(200, 1000, false, "timeout"), write(300, 1000, false, "timeout")],
            ["w-0", "w-200", "kube-root-ca.crt"],
        );
        assert.deepEqual(figures.lost, ["w-100"]);
        assert.deepEqual(figures.storedThoughFailed, ["w-200"]);
        assert.deepEqual([figures.writes, figures.acknowledged, figures.failed], [4, 2, 2]);
        assert.deepEqual(figures.failures, { timeout: 2 });
    });

    it("the gap is from one acknowledgement to the next, in whatever order they were begun or said", () => {
        assert.deepEqual(longestGap([write(3000, 10), write(0, 10), write(100, 2400), write(50, 1000, false)]), {
            from: 10,
            to: 2500,
        });
    });

    it("a service that does not come back, or was not there at first, has a gap until the end or from the start", () => {
        assert.deepEqual(longestGap([write(0, 10), write(100, 1000, false), write(9000, 1000, false)]), {
            from: 10,
            to: 10_000,
        });
        assert.deepEqual(longestGap([write(0, 1000, false), write(4000, 10), write(4100, 10)]), { from: 0, to: 4010 });
        assert.equal(analyseWriter([write(0, 1000, false)], []).longestGapMs, 1000);
        assert.equal(longestGap([]), undefined);
    });

    it("no acknowledgement lies inside the gap, and no longer time without one is anywhere", () => {
        fc.assert(
            fc.property(writes, (given) => {
                const gap = longestGap(given)!;
                const acknowledged = given.filter(({ ok }) => ok).map(endOf);
                assert.ok(acknowledged.every((end) => end <= gap.from || end >= gap.to));
                const begin = Math.min(...given.map(({ at }) => at));
                for (const from of [begin, ...acknowledged]) {
                    const later = acknowledged.filter((end) => end > from);
                    const to = later.length > 0 ? Math.min(...later) : Math.max(...given.map(endOf));
                    assert.ok(to - from <= gap.to - gap.from);
                }
            }),
        );
    });

    it("each write is acknowledged or failed, and lost are exactly the acknowledged ones that are not stored", () => {
        fc.assert(
            fc.property(writes, fc.func(fc.boolean()), (given, kept) => {
                const stored = given.map(({ name }) => name).filter((name) => kept(name));
                const figures = analyseWriter(given, stored);
                assert.equal(figures.acknowledged + figures.failed, figures.writes);
                const sum = Object.values(figures.failures).reduce((total, count) => total + count, 0);
                assert.equal(sum, figures.failed);
                const expected = given.filter(({ ok, name }) => ok && !stored.includes(name)).map(({ name }) => name);
                assert.deepEqual(figures.lost, expected);
            }),
        );
    });
});

describe("what a watch said", () => {
    const lines: Watched[] = [
        { at: 0, event: "LISTED", name: "before" },
        { at: 0, event: "STARTED" },
        { at: 10, event: "ADDED", name: "w-0" },
        { at: 20, event: "MODIFIED", name: "w-1" },
        { at: 30, event: "ANEW", error: "Expired" },
        { at: 40, event: "LISTED", name: "w-0" },
        { at: 40, event: "LISTED", name: "w-2" },
        { at: 41, event: "STARTED" },
        { at: 50, event: "ADDED", name: "w-3" },
        { at: 60, event: "ADDED", name: "w-3" },
    ];

    it("a creation without an event is missed, also when listing anew told of it; what was there before is not", () => {
        const figures = analyseWatch(lines, ["before", "w-0", "w-1", "w-2", "w-3", "w-4"]);
        assert.deepEqual(figures.missed, ["w-1", "w-2", "w-4"]);
        assert.deepEqual(figures.neverLearned, ["w-1", "w-4"]);
        assert.deepEqual(figures.repeated, ["w-3"]);
        assert.equal(figures.startedAnew, 1);
    });

    it("a watch that never started has missed everything", () => {
        assert.deepEqual(analyseWatch([], ["w-0"]).missed, ["w-0"]);
    });

    it("is late by the time from the acknowledgement to the first event", () => {
        const named = { ...write(0, 5), name: "w-3" };
        assert.equal(analyseWatch(lines, [], [named, write(0, 9)]).longestDelayMs, 45);
    });
});

describe("the table of runs", () => {
    it("has a row for each fault and kind of client, with median and worst", () => {
        const run = { client: "kept", fault: "leader dies", failed: 3, lost: 0, longestGapMs: 1000 };
        const table = tableOf([
            run,
            { ...run, client: "new", longestGapMs: 40, missed: 0 },
            { ...run, fault: "follower dies" },
            { ...run, failed: 9, longestGapMs: 3000, lost: 1 },
            { ...run, failed: 4, longestGapMs: 1200 },
        ]);
        assert.deepEqual(table.trimEnd().split("\n").slice(2), [
            "| leader dies | kept | 3 | 1.2 s | 3.0 s | 4 | 9 | 0 | 1 | – | – |",
            "| leader dies | new | 1 | 40 ms | 40 ms | 3 | 3 | 0 | 0 | 0 | 0 |",
            "| follower dies | kept | 1 | 1.0 s | 1.0 s | 3 | 3 | 0 | 0 | – | – |",
        ]);
        const cells = table
            .trimEnd()
            .split("\n")
            .map((line) => line.split("|").length);
        assert.equal(new Set(cells).size, 1, "every row has as many cells as the heading");
    });

    it("the median of an even number is the middle two's mean", () => {
        assert.equal(medianOf([9, 1, 4, 2]), 3);
        assert.equal(medianOf([5]), 5);
    });
});
