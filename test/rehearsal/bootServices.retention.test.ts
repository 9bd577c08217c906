import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as fc from "fast-check";

const script = join(__dirname, "../../components/controlPlane/boot/scripts/services/etcd-snapshot.sh");
const day = 86_400;
const now = Date.UTC(2026, 10, 23, 12) / 1000;

const name = (seconds: number, machine = "cp-1") =>
    `${new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, "")}-${machine}`;
const secondsOf = (set: string) =>
    Date.parse(set.replace(/^(....)(..)(..)T(..)(..)(..)Z-.*/, "$1-$2-$3T$4:$5:$6Z")) / 1000;

/** What the script itself would delete of these complete sets. */
const expired = (sets: string[], days: number, newest: number, at = now) =>
    execFileSync("bash", [script, "expired", String(at), String(days), String(newest)], {
        input: `${sets.join("\n")}\n`,
    })
        .toString()
        .split("\n")
        .filter(Boolean);

const ages = fc.uniqueArray(
    fc.oneof(fc.integer({ min: -900, max: 2 * day }), fc.integer({ min: -900, max: 90 * day })),
    { maxLength: 60 },
);
const sets = ages.map((seconds) => seconds.map((age) => name(now - age, `cp-${(Math.abs(age) % 3) + 1}`)));
const days = fc.integer({ min: 1, max: 60 });
const newest = fc.integer({ min: 1, max: 12 });

describe("boot services: retention of snapshots", function () {
    this.timeout(60_000);
    const property = (holds: (given: { sets: string[]; days: number; newest: number; gone: string[] }) => void) =>
        fc.assert(
            fc.property(sets, days, newest, (given, keepDays, keep) =>
                holds({ sets: given, days: keepDays, newest: keep, gone: expired(given, keepDays, keep) }),
            ),
            { numRuns: 60 },
        );

    it("never deletes the newest ones, whatever their age", () =>
        property(({ sets, newest, gone }) => {
            const kept = [...sets].sort().reverse().slice(0, newest);
            assert.deepEqual(
                kept.filter((set) => gone.includes(set)),
                [],
            );
        }));

    it("keeps everything of the last day", () =>
        property(({ gone }) => assert.ok(gone.every((set) => secondsOf(set) < now - day))));

    it("keeps the last of each day for as long as asked, and beyond that nothing but the newest", () =>
        property(({ sets, days, newest, gone }) => {
            const order = [...sets].sort().reverse();
            for (const [index, set] of order.entries()) {
                const isLast = order.find((other) => other.slice(0, 8) === set.slice(0, 8)) === set;
                const time = secondsOf(set);
                const stays = index < newest || time >= now - day || (isLast && time >= now - days * day);
                assert.equal(!gone.includes(set), stays, set);
            }
        }));

    it("deletes nothing that it was not told of, and nothing twice when asked again", () =>
        property(({ sets, days, newest, gone }) => {
            assert.deepEqual(
                gone.filter((set) => !sets.includes(set)),
                [],
            );
            assert.deepEqual(
                expired(
                    sets.filter((set) => !gone.includes(set)),
                    days,
                    newest,
                ),
                [],
            );
        }));

    it("leaves names alone that are no snapshot's", () =>
        assert.deepEqual(expired(["README", "x/20200101T000000Z-a", "", "2020-01-01"], 1, 1), []));

    it("holds a day's last set for a month of snapshots every fifteen minutes", () => {
        const all = Array.from({ length: 40 * 96 }, (_, i) => name(now - i * 900));
        const gone = expired(all, 30, 12);
        const kept = all.filter((set) => !gone.includes(set));
        assert.equal(kept.length, 97 + 29);
        assert.equal(new Set(kept.map((set) => set.slice(0, 8))).size, 31);
    });
});
