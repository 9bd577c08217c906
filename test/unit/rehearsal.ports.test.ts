import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import fc from "fast-check";
import { freePorts, isFree, portOutside, type PortRange } from "../../rehearsal/controlPlane/ports";

const portNumber = fc.integer({ min: 1, max: 65_535 });
const ranges = fc.tuple(portNumber, portNumber).map(([a, b]): PortRange => (a < b ? [a, b] : [b, a]));
const within = (port: number, [first, last]: PortRange): boolean => first <= port && port <= last;

describe("ports of a rehearsal", () => {
    /** What is chosen when the dice show their share of what is asked for. */
    const chosen = (range: PortRange, share: number): number =>
        portOutside(range, (from, below) => {
            assert.ok(from < below, "there is something to choose from");
            return from + Math.floor(share * (below - from));
        });
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

    it("are none of those that the system gives to outgoing connections, wherever these are", () => {
        fc.assert(
            fc.property(ranges, share, (range, dice) => {
                const port = chosen(range, dice);
                assert.ok(within(port, [10_000, 31_999]));
                const allTaken = range[0] <= 10_000 && range[1] >= 31_999;
                assert.ok(allTaken || !within(port, range), `${port} is within ${range.join("–")}`);
            }),
        );
    });

    it("are all that remain: the first and the last on either side of the range can come", () => {
        assert.equal(chosen([12_000, 20_000], 0), 10_000);
        assert.equal(chosen([12_000, 20_000], 1999 / 13_999), 11_999);
        assert.equal(chosen([12_000, 20_000], 2000 / 13_999 + 1e-9), 20_001);
        assert.equal(chosen([12_000, 20_000], 1 - 1e-9), 31_999);
    });

    it("are found outside this system's range, each another, and free", async () => {
        const found = await freePorts(20);
        assert.equal(new Set(found).size, 20);
        for (const port of found) assert.ok(await isFree(port));
        if (process.platform !== "linux") return;
        const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
        const [first, last] = text.trim().split(/\s+/).map(Number);
        for (const port of found) assert.ok(!within(port, [first, last]));
    });

    describe("beside a listener", () => {
        let server: Server;
        afterEach(() => new Promise((closed) => server.close(closed)));

        it("are not free where somebody listens", async () => {
            const [port] = await freePorts(1);
            server = createServer();
            await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
            assert.equal(await isFree(port), false);
        });
    });
});
