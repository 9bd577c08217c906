import assert from "node:assert/strict";
import fc from "fast-check";
import { placeOverZones } from "../../components/controlPlane/placement";

const zones = fc.subarray(["1", "2", "3"], { minLength: 1 });
const machines = fc.integer({ min: 0, max: 6 }).map((half) => 2 * half + 1);

describe("placement of control-plane machines", () => {
    it("never has two more in one zone than in another", () => {
        fc.assert(
            fc.property(machines, zones, (number, all) => {
                const counts = all.map(
                    (zone) => placeOverZones(number, all).filter((place) => place.zone === zone).length,
                );
                assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${counts}`);
                assert.equal(
                    counts.reduce((sum, count) => sum + count),
                    number,
                );
            }),
        );
    });

    it("numbers machines from 1, each once, and each in a zone that was given", () => {
        fc.assert(
            fc.property(machines, zones, (number, all) => {
                const placed = placeOverZones(number, all);
                assert.deepEqual(
                    placed.map(({ machine }) => machine),
                    Array.from({ length: number }, (_, index) => index + 1),
                );
                for (const { zone } of placed) assert.ok(all.includes(zone));
            }),
        );
    });

    it("moves no machine when there are more of them, so a replaced one returns to its zone", () => {
        fc.assert(
            fc.property(machines, machines, zones, (some, others, all) => {
                const [few, many] = [Math.min(some, others), Math.max(some, others)];
                assert.deepEqual(placeOverZones(many, all).slice(0, few), placeOverZones(few, all));
            }),
        );
    });

    it("takes no majority away with one zone of three", () => {
        for (const number of [3, 5]) {
            for (const lost of ["1", "2", "3"]) {
                const left = placeOverZones(number, ["1", "2", "3"]).filter(({ zone }) => zone !== lost).length;
                assert.ok(left > number / 2, `${left} of ${number} without zone ${lost}`);
            }
        }
    });

    it("refuses an even number, none, and a fraction, and says what it takes", () => {
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.integer({ min: -2, max: 6 }).map((half) => 2 * half),
                    fc.constantFrom(2.5, NaN),
                ),
                (bad) => {
                    assert.throws(() => placeOverZones(bad, ["1", "2", "3"]), /odd number, 3 or 5/);
                },
            ),
        );
        assert.throws(() => placeOverZones(3, []), RangeError);
    });
});
