import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractsFolder, ensureContracts } from "../../rehearsal/contracts";
import type { Source } from "../../rehearsal/contracts/ensure";
import published from "../../rehearsal/contracts/sources.json";
import { freePorts } from "../../rehearsal/controlPlane/ports";
import { silentProgress } from "../../rehearsal/progress";
import { skip } from "../skip";

describe("contracts", () => {
    const environment = { ...process.env };
    const sources: Source[] = [
        {
            repository: "owner/schemas",
            ref: "abc",
            files: { "arm/2025-01-01/Microsoft.Test.json": "schemas/Test.json" },
        },
        { repository: "owner/chart", ref: "v1", files: { "charts/test/values.yaml": "chart/values.yaml" } },
    ];
    let cache: string;
    let server: Server;
    let address: string;
    let answers: Map<string, string>;
    let asked: number;

    beforeEach(async () => {
        cache = mkdtempSync(join(tmpdir(), "mainstay-contracts-"));
        process.env.MAINSTAY_CACHE = cache;
        delete process.env.MAINSTAY_CONTRACTS;
        asked = 0;
        answers = new Map([
            ["/owner/schemas/abc/schemas/Test.json", '{"resourceDefinitions": {}}'],
            ["/owner/chart/v1/chart/values.yaml", "replicas: 3\n"],
        ]);
        server = createServer((request, response) => {
            asked++;
            const answer = answers.get(request.url as string);
            response.writeHead(answer === undefined ? 404 : 200).end(answer);
        }).listen(0, "127.0.0.1");
        await new Promise((listening) => server.once("listening", listening));
        address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    afterEach(async () => {
        process.env = { ...environment };
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
        rmSync(cache, { recursive: true });
    });

    const ensure = (list = sources): ReturnType<typeof ensureContracts> =>
        ensureContracts(silentProgress, list, address);

    function assertNoDraft(): void {
        assert.deepEqual(
            readdirSync(cache).filter((name) => name !== "contracts" && name !== "locks"),
            [],
        );
    }

    it("are fetched once and then reused", async () => {
        assert.equal(contractsFolder(), undefined);
        const path = join(cache, "contracts");
        assert.deepEqual(await ensure(), { state: "fetched", path });
        assert.equal(readFileSync(join(path, "charts/test/values.yaml"), "utf8"), "replicas: 3\n");
        assert.deepEqual(contractsFolder(), { path, source: "cache" });
        assert.deepEqual(await ensure(), { state: "reused", path });
        assert.equal(asked, 2);
        assertNoDraft();
    });

    it("are fetched once when two ask at the same time", async () => {
        const states = (await Promise.all([ensure(), ensure()])).map((one) => one.state);
        assert.deepEqual(states.sort(), ["fetched", "reused"]);
        assert.equal(asked, 2);
    });

    it("are fetched again when a file was changed or lost, or comes from another version", async () => {
        await ensure();
        appendFileSync(join(cache, "contracts/charts/test/values.yaml"), "more: 1\n");
        assert.equal((await ensure()).state, "fetched");
        rmSync(join(cache, "contracts/arm"), { recursive: true });
        assert.equal((await ensure()).state, "fetched");
        answers.set("/owner/chart/v2/chart/values.yaml", "replicas: 5\n");
        assert.equal((await ensure([sources[0], { ...sources[1], ref: "v2" }])).state, "fetched");
        assert.equal(readFileSync(join(cache, "contracts/charts/test/values.yaml"), "utf8"), "replicas: 5\n");
    });

    it("that an owner does not have stop the fetch by the address, and leave what was there", async () => {
        await ensure();
        const newer = [sources[0], { ...sources[1], ref: "v9" }];
        await assert.rejects(ensure(newer), /owner\/chart\/v9\/chart\/values\.yaml answered 404/);
        assert.ok(existsSync(join(cache, "contracts/charts/test/values.yaml")));
        assertNoDraft();
    });

    for (const [what, path, text] of [
        ["a page instead of JSON", "/owner/schemas/abc/schemas/Test.json", "<html>sign in</html>"],
        ["a page instead of YAML", "/owner/chart/v1/chart/values.yaml", "<html>sign in</html>"],
        ["YAML that is cut off", "/owner/chart/v1/chart/values.yaml", 'replicas: {"a": '],
    ]) {
        it(`are not taken from an answer that is ${what}`, async () => {
            answers.set(path, text);
            await assert.rejects(ensure(), /is not the contract that was expected/);
            assert.equal(contractsFolder(), undefined);
            assertNoDraft();
        });
    }

    it("that cannot be reached are reported, not thrown", async () => {
        const [port] = await freePorts(1);
        const contracts = await ensureContracts(silentProgress, sources, `http://127.0.0.1:${port}`);
        assert.equal(contracts.state, "unreachable");
        assert.equal(contractsFolder(), undefined);
        assertNoDraft();
    });

    it("are taken from the folder that somebody named, which must be there", async () => {
        process.env.MAINSTAY_CONTRACTS = cache;
        assert.deepEqual(await ensure(), { state: "given", path: cache });
        assert.deepEqual(contractsFolder(), { path: cache, source: "MAINSTAY_CONTRACTS" });
        process.env.MAINSTAY_CONTRACTS = join(cache, "none");
        await assert.rejects(ensure(), /MAINSTAY_CONTRACTS names .*none, where nothing is/);
        assert.equal(asked, 0);
    });

    it("to be fetched are those that the named folder holds", function () {
        const folder = environment.MAINSTAY_CONTRACTS;
        if (!folder) skip(this, "MAINSTAY_CONTRACTS is not set");
        const held = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
            /^(arm|crds|charts)\/.*\.(json|yaml)$/.test(file),
        );
        const listed = published.flatMap((source) => Object.keys(source.files));
        assert.deepEqual(listed.sort(), held.sort());
    });
});
