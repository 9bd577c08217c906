import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    truncateSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePorts } from "../../rehearsal/controlPlane/ports";
import { silentProgress, type Progress } from "../../rehearsal/progress";
import { entryFolder, readEntry } from "../../rehearsal/toolchain/cacheEntry";
import { findTool } from "../../rehearsal/toolchain/find";
import { type Group, makeTools, type MadeTool } from "../../rehearsal/toolchain/make";
import { type Download, pins } from "../../rehearsal/toolchain/pins";

/** A program that says it is kwok of a version; what it `does` besides tells two of them apart. */
const program = (version: string, does = ""): string => `#!/bin/sh\necho "kwok version v${version}"\n# ${does}\n`;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("toolchain: making a tool", () => {
    const environment = { ...process.env };
    const version = pins.kwok.version;
    const official = program(version, "official");
    let folder: string;
    let server: Server;
    let base: string;
    /** What the publisher answers: path → body, or a body that is cut off. */
    let published: Map<string, { body: string; cutOff?: boolean }>;
    let asked: string[];
    const stops: (() => void)[] = [];

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "mainstay-toolchain-"));
        process.env.MAINSTAY_CACHE = join(folder, "cache");
        delete process.env.MAINSTAY_TOOLS;
        published = new Map();
        asked = [];
        server = createServer((request, response) => {
            asked.push(request.url as string);
            const found = published.get(request.url as string);
            if (!found) return response.writeHead(404).end();
            response.writeHead(200, { "content-length": found.body.length });
            if (!found.cutOff) return response.end(found.body);
            response.write(found.body.slice(0, -5), () => response.destroy());
        }).listen(0, "127.0.0.1");
        await new Promise((listening) => server.once("listening", listening));
        base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        installGo(`cat > "$out/kwok" <<'END'\n${program(version, "built")}END\nchmod +x "$out/kwok"`);
    });

    afterEach(async () => {
        process.env = { ...environment };
        for (const stop of stops.splice(0)) stop();
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
        rmSync(folder, { recursive: true });
    });

    /** A `go` that records its calls and carries out `script` where a real one would build into `$out`. */
    function installGo(script: string): void {
        const folderOnPath = join(folder, "path");
        mkdirSync(folderOnPath, { recursive: true });
        writeFileSync(
            join(folderOnPath, "go"),
            `#!/bin/sh\n[ "$1" = build ] || exit 0\necho "$@" >> "${join(folder, "builds")}"\n` +
                `while [ "$1" != -o ]; do shift; done; out="$2"\n${script}\n`,
        );
        chmodSync(join(folderOnPath, "go"), 0o755);
        process.env.PATH = [folderOnPath, "/usr/bin", "/bin"].join(delimiter);
    }

    const builds = (): string[] =>
        existsSync(join(folder, "builds")) ? readFileSync(join(folder, "builds"), "utf8").trim().split("\n") : [];

    function group(download: Download | undefined): Group {
        return {
            name: "kwok",
            pins: { kwok: { ...pins.kwok, download: () => download } },
            build: {
                module: "example.test/kwok",
                version,
                go: "1.26.0",
                packages: { kwok: "example.test/kwok/cmd/kwok" },
                linkerFlags: "",
                usualMinutes: 1,
            },
        };
    }

    function publish(body: string, checksum = sha256(body), cutOff = false): Download {
        published.set("/kwok", { body, cutOff });
        published.set("/kwok.sha256", { body: checksum });
        return { url: `${base}/kwok`, checksums: `${base}/kwok.sha256` };
    }

    async function make(download: Download | undefined, progress: Progress = silentProgress): Promise<MadeTool> {
        return (await makeTools(["kwok"], group(download), progress)).get("kwok") as MadeTool;
    }

    function noting(notes: string[]): Progress {
        return { ...silentProgress, note: (text) => void notes.push(text) };
    }

    function assertNothingLeftBeside(): void {
        assert.deepEqual(readdirSync(join(folder, "cache", "bin")), [`kwok-${version}`]);
        assert.deepEqual(readdirSync(join(folder, "cache", "locks")), []);
    }

    it("takes the publisher's download when its checksum is right, and does not build", async () => {
        const made = await make(publish(official));
        assert.equal(made.source, "download");
        assert.equal(readFileSync(made.path, "utf8"), official);
        assert.deepEqual(builds(), []);
        assertNothingLeftBeside();
    });

    it("unpacks of an archive only what is wanted, also what has the name of the archive's folder", async () => {
        mkdirSync(join(folder, "kwok"));
        for (const [name, text] of [
            ["kwok", official],
            ["kwok-host", "host"],
            ["README", "no"],
        ]) {
            writeFileSync(join(folder, "kwok", name), text);
            chmodSync(join(folder, "kwok", name), 0o755);
        }
        const archive = join(folder, "kwok.tar");
        execFileSync("tar", ["-cf", archive, "-C", folder, "kwok"]);
        const body = readFileSync(archive, "latin1");
        published.set("/kwok.tar", { body });
        published.set("/sums", { body: `${sha256(body)}  kwok.tar\n` });
        const made = await make({
            url: `${base}/kwok.tar`,
            checksums: `${base}/sums`,
            members: ["kwok/kwok", "kwok/kwok-host"],
        });
        assert.equal(made.source, "download");
        assert.deepEqual(readdirSync(entryFolder("kwok", version)).sort(), ["kwok", "kwok-host", "manifest.json"]);
    });

    const refused: [string, () => Download | Promise<Download>, RegExp][] = [
        ["has another checksum", () => publish(official, sha256("another")), /its publisher says/],
        ["is cut off", () => publish(official, sha256(official), true), /aborted|ECONNRESET|premature/i],
        ["has no published checksum", () => publish(official, "<html></html>"), /has no SHA-256 of kwok/],
        ["is not there", () => ({ url: `${base}/none`, checksums: `${base}/none.sha256` }), /answered 404/],
        ["is another version than it is named", () => publish(program("0.0.1")), /says it is 0\.0\.1/],
        ["does not run on this machine", () => publish("\u007fELF no"), /does not run here/],
        ["comes from an address that accepts and says nothing", silentAddress, /did not answer within 3 s/],
        ["comes from an address where nobody listens", unusedAddress, /cannot be reached \(ECONNREFUSED\)/],
    ];
    for (const [what, download, reason] of refused) {
        it(`builds when the download ${what}`, async () => {
            const notes: string[] = [];
            const made = await make(await download(), noting(notes));
            assert.equal(made.source, "build");
            assert.match(readFileSync(made.path, "utf8"), /# built/);
            assert.match(notes.join("\n"), reason);
            assertNothingLeftBeside();
        });
    }

    /** Over HTTPS a connection is one only after its handshake, which never comes here. */
    async function silentAddress(): Promise<Download> {
        const sockets: Socket[] = [];
        const listener = createTcpServer((socket) => sockets.push(socket.on("error", () => {}))).listen(0, "127.0.0.1");
        await new Promise((listening) => listener.once("listening", listening));
        stops.push(() => {
            for (const socket of sockets) socket.destroy();
            listener.close();
        });
        const address = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`;
        return { url: `${address}/kwok`, checksums: `${address}/kwok.sha256` };
    }

    async function unusedAddress(): Promise<Download> {
        const [port] = await freePorts(1);
        return { url: `http://127.0.0.1:${port}/kwok`, checksums: `http://127.0.0.1:${port}/kwok.sha256` };
    }

    it("does not ask a host again that could not be reached", async () => {
        const download = await unusedAddress();
        await make(download);
        // Now somebody listens there; a second question would be answered.
        server.close();
        const revived = createServer((request, response) => {
            asked.push(request.url as string);
            response.end();
        }).listen(Number(new URL(download.url).port), "127.0.0.1");
        await new Promise((listening) => revived.once("listening", listening));
        rmSync(entryFolder("kwok", version), { recursive: true });
        const made = await make(download);
        revived.closeAllConnections();
        await new Promise((closed) => revived.close(closed));
        assert.equal(made.source, "build");
        assert.deepEqual(asked, []);
    });

    it("says what to do where neither a download nor Go is to be had", async () => {
        process.env.PATH = join(folder, "empty");
        await assert.rejects(make(undefined), /Go is not on PATH.*Install Go 1\.26\.0 or newer.*MAINSTAY_TOOLS/s);
    });

    it("gives the compiler's own words when a build fails, and keeps nothing of it", async () => {
        installGo(`echo "server.go:7: undefined: x" >&2; exit 1`);
        await assert.rejects(make(undefined), /undefined: x/);
        assert.deepEqual(await readEntry("kwok", version), { state: "absent" });
        assert.deepEqual(readdirSync(join(folder, "cache", "locks")), []);
    });

    it("clears away what a killed one left", async () => {
        mkdirSync(join(folder, "cache/bin/.making-kwok-dead"), { recursive: true });
        await make(publish(official));
        assertNothingLeftBeside();
    });

    it("is done once when two ask at the same time", async () => {
        const made = await Promise.all([make(undefined), make(undefined)]);
        assert.deepEqual(made.map((tool) => tool.source).sort(), ["build", "cache"]);
        assert.equal(builds().length, 1);
    });

    describe("what is in the cache", () => {
        const path = (): string => join(entryFolder("kwok", version), "kwok");
        const manifest = (): string => join(entryFolder("kwok", version), "manifest.json");

        beforeEach(async () => {
            await make(publish(official));
            asked.length = 0;
        });

        it("is used again without asking anybody", async () => {
            assert.equal((await make(publish(official))).source, "cache");
            assert.equal((await findTool("kwok"))?.source, "cache");
            assert.deepEqual(asked, []);
        });

        const broken: [string, () => void, RegExp][] = [
            ["was cut short", () => truncateSync(path(), 10), /has 10 bytes/],
            ["was changed in place", () => changeInPlace(), /SHA-256 differs/],
            ["is missing", () => rmSync(path()), /is missing/],
            ["was never finished", () => rmSync(manifest()), /was not finished/],
            ["has half a manifest", () => truncateSync(manifest(), 20), /cannot be read/],
            ["is for another machine", () => forAnotherMachine(), /is for plan9\/mips/],
        ];
        for (const [what, harm, reason] of broken) {
            it(`is noticed and made again when it ${what}`, async () => {
                harm();
                const notes: string[] = [];
                assert.equal(await findTool("kwok", notes), undefined);
                assert.match(notes.join("\n"), reason);
                assert.equal((await make(publish(official))).source, "download");
                assert.equal(readFileSync(path(), "utf8"), official);
            });
        }

        it("is compared with its hash once a day, even if size and time are as they were", async () => {
            const time = 1_700_000_000_000;
            writeFileSync(path(), official.replace("official", "0fficial"));
            utimesSync(path(), new Date(time), new Date(time));
            const text = readFileSync(manifest(), "utf8").replace(/"modifiedMs": [\d.]+/, `"modifiedMs": ${time}`);
            writeFileSync(manifest(), text);
            assert.equal((await readEntry("kwok", version)).state, "complete");
            const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
            utimesSync(manifest(), yesterday, yesterday);
            assert.equal((await readEntry("kwok", version)).state, "broken");
        });

        it("stays in use when only its time differs", async () => {
            utimesSync(path(), new Date(0), new Date(0));
            assert.equal((await readEntry("kwok", version)).state, "complete");
        });

        function changeInPlace(): void {
            writeFileSync(path(), official.replace("official", "0fficial"));
        }

        function forAnotherMachine(): void {
            const text = readFileSync(manifest(), "utf8").replace(/"platform": "[^"]*"/, '"platform": "plan9/mips"');
            writeFileSync(manifest(), text);
        }
    });

    describe("where it is looked for", () => {
        function install(where: string, text: string): string {
            mkdirSync(join(folder, where), { recursive: true });
            writeFileSync(join(folder, where, "kwok"), text);
            chmodSync(join(folder, where, "kwok"), 0o755);
            return join(folder, where, "kwok");
        }

        it("first in the folder that somebody named, then on PATH, then in the cache", async () => {
            await make(publish(official));
            assert.equal((await findTool("kwok"))?.source, "cache");
            const onPath = install("path", program(version));
            assert.deepEqual(await findTool("kwok"), { path: onPath, version, source: "path" });
            const given = install("given", program("0.0.1"));
            process.env.MAINSTAY_TOOLS = join(folder, "given");
            assert.deepEqual(await findTool("kwok"), { path: given, version: "0.0.1", source: "given" });
        });

        it("passes over one on PATH that is too old or says nothing, and takes a later one", async () => {
            install("path", program("0.6.9"));
            const silent = install("silent", "#!/bin/sh\n");
            const good = install("good", program(version));
            process.env.PATH = ["path", "silent", "good"].map((name) => join(folder, name)).join(delimiter) + ":/bin";
            const notes: string[] = [];
            assert.equal((await findTool("kwok", notes))?.path, good);
            assert.match(notes[0], /0\.6\.9, older than 0\.7\.0: passed over/);
            assert.match(notes[1], new RegExp(`^${silent} is of unknown version`));
        });
    });
});
