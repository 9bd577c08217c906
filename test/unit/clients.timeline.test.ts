import assert from "node:assert/strict";
import fc from "fast-check";
import type { Write } from "../proof/clients/lines";
import { placeLabels, timelineOf } from "../proof/clients/timeline";

const writes: Write[] = Array.from({ length: 100 }, (_, number) => ({
    at: 1_000_000 + number * 100,
    ms: number % 10 === 0 ? 42 : 5,
    name: `w-${number}`,
    // From 3.0 s to 4.9 s nothing is answered.
    ok: number < 30 || number >= 50,
    attempts: 1,
}));
const moments = [
    { at: 1_003_000, label: "leader killed" },
    { at: 1_003_400, label: "<elected> & ready" },
];

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

describe("the timeline of writers", () => {
    const svg = timelineOf({ title: "A title", writers: [{ label: "kept", writes, note: "0 lost" }], moments });

    it("marks every write once, answered or failed, and says the figures", () => {
        assert.equal(count(svg, /M[\d.]+ [\d.]+h0/g), 80 + 1, "the legend has one");
        assert.equal(count(svg, /v11/g), 20 + 1);
        assert.match(svg, /20 of 100 failed · longest gap 2\.1 s · 0 lost/);
    });

    it("counts time from the first moment", () => {
        assert.match(svg, /\(0: leader killed\)/);
        const at = Number(/<path class="moment" d="M([\d.]+)/.exec(svg)![1]);
        const zero = new RegExp(`x="${at}" y="\\d+">0</text>`);
        assert.match(svg, zero);
    });

    it("shades the longest gap where it is", () => {
        const [, x, width] = /<rect class="gap" x="([\d.]+)" y="\d+" width="([\d.]+)" height="\d{3}"/.exec(svg)!;
        const moment = Number(/<path class="moment" d="M([\d.]+)/.exec(svg)![1]);
        // The last acknowledgement came 95 ms before the leader was killed; 9.905 s are 760 wide.
        const perSecond = 760 / 9.905;
        assert.ok(Math.abs(Number(x) - (moment - 0.095 * perSecond)) < 0.2, `${x} ${moment}`);
        assert.ok(Math.abs(Number(width) - 2.137 * perSecond) < 0.2, width);
    });

    it("takes labels as text, never as markup", () => {
        assert.match(svg, /&lt;elected> &amp; ready/);
        assert.doesNotMatch(svg, /<elected>/);
    });

    it("is drawn also where nothing was answered, and where there is no moment", () => {
        const failed = writes.map((write) => ({ ...write, ok: false }));
        const drawn = timelineOf({ title: "t", writers: [{ label: "none", writes: failed }], moments: [] });
        assert.doesNotMatch(drawn, /NaN|Infinity|undefined/);
        const one = timelineOf({ title: "t", writers: [{ label: "one", writes: [writes[0]] }], moments: [] });
        assert.doesNotMatch(one, /NaN|Infinity|undefined/);
        assert.throws(() => timelineOf({ title: "t", writers: [], moments: [] }), /at least one write/);
    });

    it("no two labels meet and no moment's line crosses a label", () => {
        const given = fc.array(
            fc.record({ x: fc.integer({ min: 0, max: 800 }), label: fc.string({ minLength: 1, maxLength: 30 }) }),
            { maxLength: 12 },
        );
        fc.assert(
            fc.property(given, (all) => {
                const placed = placeLabels([...all].sort((a, b) => a.x - b.x));
                for (const [index, earlier] of placed.entries()) {
                    for (const later of placed.slice(index + 1)) {
                        // A line goes down from its own label's row, so a label left of it and over it has to be above.
                        if (later.x < earlier.x + earlier.width) assert.ok(later.row > earlier.row);
                    }
                }
            }),
        );
    });
});
