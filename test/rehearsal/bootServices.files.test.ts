import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { scriptFiles } from "../../components/controlPlane/boot/bundle";
import { skip } from "../skip";

const scripts = join(__dirname, "../../components/controlPlane/boot/scripts");

describe("boot services: their files", () => {
    const files = scriptFiles();
    const units = Object.keys(files).filter((path) => path.startsWith("units/"));

    it("have nothing that shellcheck objects to", function () {
        if (spawnSync("shellcheck", ["--version"]).error) skip(this, "shellcheck is not installed");
        const services = readdirSync(join(scripts, "services")).map((name) => join(scripts, "services", name));
        const { status, stdout } = spawnSync("shellcheck", ["-x", ...services], { encoding: "utf8" });
        assert.equal(status, 0, stdout);
    });

    it("name scripts that are in the bundle, and every timer has its service", () => {
        for (const unit of units) {
            const script = /^ExecStart=.*\/etc\/mainstay\/(\S+)/m.exec(files[unit])?.[1];
            if (unit.endsWith(".service")) assert.ok(script && files[script], `${unit} starts ${script}`);
            else assert.ok(units.includes(unit.replace(/\.timer$/, ".service")), unit);
        }
    });

    it("are started: whatever no timer starts is wanted by the machine", () => {
        for (const unit of units) {
            const hasTimer = units.includes(unit.replace(/\.service$/, ".timer"));
            if (!hasTimer || unit.endsWith(".timer")) assert.match(files[unit], /^\[Install\]\nWantedBy=/m, unit);
        }
    });

    it("take a snapshot every 15 minutes", () =>
        assert.match(files["units/mainstay-etcd-snapshot.timer"], /^OnCalendar=\*:0\/15$/m));
});
