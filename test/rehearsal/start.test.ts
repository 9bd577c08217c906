import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { StartCommand } from "./startCommand";

describe("npm start", function () {
    this.timeout(180_000);
    let start: StartCommand;

    before(async () => {
        start = await StartCommand.prepare();
    });
    after(() => start.remove());
    afterEach(async () => {
        assert.deepEqual(start.processes(), [], "no process is left");
        assert.deepEqual(await start.runFolders(), [], "no run folder is left");
    });

    it("says what can be asked for where something else is asked for, and begins nothing", async () => {
        for (const [args, answer] of [
            [["produktion"], /there is no stack produktion; there are .*prod, staging/],
            [["staging", "prod"], /one stack at a time/],
            [["--cluster", "eks"], /--cluster eks: allowed are aks, selfManaged/],
            [["--fault", "throtle=1"], /there is no fault `throtle`[^]*throttle=0\.2/],
            [["--keep", "--destroy"], /exclude each other/],
            [["--kep"], /Unknown option '--kep'[^]*--keep/],
        ] as [string[], RegExp][]) {
            const { code, stderr, stdout } = await start.run(args);
            assert.equal(code, 2, args.join(" "));
            assert.match(stderr, answer);
            assert.equal(stdout, "");
        }
    });

    it("has nothing to remove where nothing was kept", async () => {
        const { code, stdout } = await start.run(["--destroy"]);
        assert.equal(code, 0);
        assert.match(stdout, /No rehearsal of staging was kept/);
    });

    it("fails in Azure's own words where Azure is told to refuse, and still writes the report", async () => {
        const { code, stdout } = await start.run(["--fault", "quota=cores:0", "--report", "refused.json"]);
        assert.equal(code, 1, stdout);
        assert.match(stdout, /The rehearsal failed:[^]*quota/i);
        assert.ok(existsSync(join(start.sandbox, "refused.json")));
        assert.doesNotMatch(stdout, /✓/, "what did not go through meets no item");
    });

    it("says all that the subscription lacks at once, before the first resource", async () => {
        const lacks = ["Microsoft.Insights", "Microsoft.Compute/EncryptionAtHost"];
        const { code, stdout } = await start.run(lacks.flatMap((one) => ["--fault", `unregistered=${one}`]));
        assert.equal(code, 1, stdout);
        assert.match(stdout, /Microsoft\.Insights/);
        assert.match(stdout, /EncryptionAtHost/);
        assert.match(stdout, /resources +(none|0|1 create)/, "nothing but the stack itself was asked for");
    });

    it("fails by the control plane's own log where that does not come up, and stops the preview meanwhile", async () => {
        const broken = await StartCommand.prepare();
        try {
            await broken.replaceTool("etcd", "echo 'stand-in: no space left on device' >&2; exit 1");
            const { code, stdout, stderr } = await broken.run([]);
            assert.equal(code, 1, stderr);
            assert.match(stderr, /the control plane in .* did not become ready[^]*etcd: .*no space left on device/);
            assert.match(stderr, /✗ preview: stopped/);
            assert.equal(stdout, "");
            assert.deepEqual(broken.processes(), [], "no process is left");
            assert.deepEqual(await broken.runFolders(), [], "no run folder is left");
        } finally {
            await broken.remove();
        }
    });

    it("is stopped by an interrupt, and leaves nothing behind", async () => {
        let sent = false;
        const { code, stderr } = await start.run([], (line, child) => {
            if (sent || !/preview|control plane/.test(line)) return;
            sent = true;
            child.kill("SIGINT");
        });
        assert.ok(sent);
        assert.equal(code, 130, stderr);
        assert.match(stderr, /Stopped; nothing is left behind/);
    });
});
