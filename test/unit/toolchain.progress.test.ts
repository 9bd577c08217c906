import assert from "node:assert/strict";
import { mock } from "node:test";
import { createProgress, duration, elapsed } from "../../rehearsal/progress";

describe("toolchain: progress", () => {
    let written: string;
    /** As time passes, in steps: all at once, each timer would see the last moment only. */
    const pass = (seconds: number): void => {
        for (let tick = 0; tick < seconds * 10; tick++) mock.timers.tick(100);
    };
    const display = (isTTY: boolean): { write(text: string): void; isTTY: boolean; columns: number } => ({
        isTTY,
        columns: 40,
        write: (text) => void (written += text),
    });

    beforeEach(() => {
        written = "";
        mock.timers.enable({ apis: ["setInterval", "Date"] });
    });

    afterEach(() => mock.timers.reset());

    it("says on plain output what a long step waits for, now and then, and how it ended", () => {
        const step = createProgress(display(false)).step("etcd");
        step.awaiting("building from its Go module");
        pass(65);
        step.done("3.6.6 by build");
        assert.deepEqual(written.split("\n"), [
            "… etcd: building from its Go module: 0:02",
            "… etcd: building from its Go module: 0:22",
            "… etcd: building from its Go module: 0:42",
            "… etcd: building from its Go module: 1:02",
            "✓ etcd: 3.6.6 by build  1:05",
            "",
        ]);
    });

    it("says one line of a short step", () => {
        const step = createProgress(display(false)).step("kubectl");
        pass(0.4);
        step.failed("no network");
        pass(60);
        assert.equal(written, "✗ kubectl: no network  0.4 s\n");
    });

    it("moves one line on a terminal, no longer than it is wide, and ends it with the result", () => {
        const step = createProgress(display(true)).step("etcd");
        step.awaiting("building from its Go module, usually 30 s");
        pass(1);
        assert.doesNotMatch(written, /\n/);
        const shown = written.split("\r\x1b[K").slice(1);
        assert.equal(shown.length, 5);
        for (const line of shown) assert.ok(line.length < 40, `${line.length} columns: ${line}`);
        step.done();
        assert.ok(written.endsWith("\r\x1b[K✓ etcd  1.0 s\n"));
    });

    it("ends a step once, whatever is said of it afterwards", () => {
        const step = createProgress(display(false)).step("etcd");
        step.done();
        step.failed("late");
        assert.equal(written, "✓ etcd  0.0 s\n");
    });

    it("gives times as people read them", () => {
        assert.deepEqual([0, 59_999, 60_000, 754_000].map(elapsed), ["0:00", "0:59", "1:00", "12:34"]);
        assert.deepEqual([420, 9_960, 59_000, 133_000].map(duration), ["0.4 s", "10 s", "59 s", "2:13"]);
    });
});
