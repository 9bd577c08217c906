import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Rehearsal } from "../../rehearsal/engine";
import { secretsIn } from "../secretScan";

/** Makes a password, a key and a setting that is secret, and gives them to resources of which one is updated later. */
const program = (size: number) => `
    const pulumi = require("@pulumi/pulumi");
    const random = require("@pulumi/random");
    const tls = require("@pulumi/tls");
    const { ResourceGroup } = require("@pulumi/azure-native/resources/resourceGroup");
    const password = new random.RandomPassword("password", { length: 40, special: false });
    const key = new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const setting = new pulumi.Config().requireSecret("canary");
    new ResourceGroup("group", { resourceGroupName: "canary", location: "westeurope",
        tags: { setting, password: password.result, size: "${size}" } });
    exports.password = password.result;
    exports.key = key.privateKeyPem;
`;

describe("a deployment's secrets", function () {
    this.timeout(180_000);

    let printed = "";
    const events: unknown[] = [];
    const canary = "canary-in-a-coal-mine-4711";
    const rehearsal = new Rehearsal({
        program: { "index.js": program(1) },
        checkpoints: true,
        onOutput: (text) => (printed += text),
        onEvent: (event) => events.push(event),
    });
    after(() => rehearsal.remove());

    it("stand nowhere in the clear: not in state, history, output or events, after creation, change and refresh", async () => {
        const run = (command: Promise<{ exitCode: number; stdout: string; stderr: string }>) =>
            command.then(({ exitCode, stdout, stderr }) => assert.equal(exitCode, 0, stdout + stderr));
        await run(rehearsal.pulumi(["config", "set", "--secret", "canary", canary, "--stack", rehearsal.stack]));
        await run(rehearsal.preview());
        await run(rehearsal.up());
        await rehearsal.change({ "index.js": program(2) });
        await run(rehearsal.up());
        await run(rehearsal.refresh());

        const { password, key } = (await rehearsal.outputs()) as { password: string; key: string };
        assert.equal(password.length, 40);
        const secrets = { canary, password, key: key.split("\n")[1] };

        const written = new Map<string, string>([
            ["what the engine printed", printed],
            ["its events", JSON.stringify(events)],
            // What the simulated Azure was told it keeps, as Azure does; the program itself holds none.
            ...filesBelow(rehearsal.runFolder!, ["azure", "home", "source"]),
        ]);
        assert.ok(
            [...written.keys()].some((name) => name.endsWith("test.json")),
            "the state is among them",
        );
        const found = [...written].flatMap(([name, text]) => [
            ...Object.entries(secrets).flatMap(([secret, value]) =>
                text.includes(value) ? [`${secret} in ${name}`] : [],
            ),
            ...secretsIn(text).map((secret) => `${secret} in ${name}`),
        ]);
        assert.deepEqual(found, []);
    });
});

function filesBelow(folder: string, without: string[]): [name: string, text: string][] {
    return readdirSync(folder).flatMap((name): [string, string][] => {
        const path = join(folder, name);
        if (without.includes(name)) return [];
        if (name === "program" || !statSync(path).isDirectory()) {
            return name === "program" ? [] : [[path, readFileSync(path, "utf8")]];
        }
        return filesBelow(path, []);
    });
}
