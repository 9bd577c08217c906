import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../../../../rehearsal/controlPlane/certificates";
import { skip } from "../../../skip";
import { proof } from "../../proof";
import { reasonNotHere } from "../supported";
import { Balancer, balancerOf, Fabric, type Link } from ".";
import { command } from "./command";
import { Client, type Said, Server } from "./ends";
import { machines, sampleCloud } from "./sampleCloud";

/** How long to wait for what is not going to come, in milliseconds. */
const patience = 2_000;

const CLIENT = "10.65.255.1";
const names = machines.map(({ name }) => name);

/** The balancer that every other proof of the region stands on, with machines that do nothing but answer. */
describe("the region's load balancer", function () {
    this.timeout(180_000);

    let folder: string;
    let fabric: Fabric;
    let balancer: Balancer;
    let api: string;
    let client: Client;
    let card: Link;
    const servers: Server[] = [];
    const closing: (() => unknown)[] = [];

    before(async function () {
        const reason = reasonNotHere();
        if (reason) skip(this, reason);
        folder = mkdtempSync(join(process.env.MAINSTAY_REGION!, "balancer-"));
        closing.push(() => rmSync(folder, { recursive: true }));
        const files = { key: join(folder, "key.pem"), certificate: join(folder, "certificate.pem") };
        const signed = await (await createAuthority("nobody trusts it")).sign({ commonName: "x", names: ["x"] });
        writeFileSync(files.key, signed.key);
        writeFileSync(files.certificate, signed.certificate);

        fabric = await Fabric.open();
        closing.push(() => fabric.close());
        const spec = balancerOf(sampleCloud());
        api = `https://${spec.address}:${spec.port}/`;
        for (const { name, address } of machines) {
            const server = await Server.start(name, spec.backendPort, files);
            servers.push(server);
            closing.push(() => server.end());
            await fabric.attach(name, address, server.pid);
        }
        client = await Client.start();
        closing.push(() => client.end());
        card = await fabric.attach("client-1", CLIENT, client.pid);
        balancer = new Balancer(fabric, spec, { intervalSeconds: 1, threshold: 3 });
        await balancer.start();
        closing.push(() => balancer.stop());
    });

    after(async () => {
        for (const close of closing.reverse()) await close();
    });

    // Each begins with three machines that are well.
    beforeEach(() => sendsTo(names));

    /** Waits until the balancer's rules send to these, and to no others. */
    async function sendsTo(wanted: string[], by = balancer): Promise<void> {
        for (const end = Date.now() + 30_000; by.healthy().join() !== wanted.join(); await sleep(20))
            if (Date.now() > end)
                assert.fail(`the balancer sends to ${by.healthy().join() || "nobody"}, not to ${wanted.join()}`);
        // The rules follow what it thinks by the moment that `nft` takes.
        await sleep(100);
    }

    proof(
        "failover: the balancer spreads clients' flows over the machines, which see the client's own address",
        async (figures) => {
            const said = await client.ask(api, 150);
            assert.deepEqual(errors(said), []);
            assert.ok(
                said.every(({ from }) => from?.endsWith(CLIENT)),
                JSON.stringify(said.slice(0, 3)),
            );
            const flows = names.map((name) => said.filter((one) => one.name === name).length);
            figures.flows = flows;
            // Fifty each is to be expected, and less than twenty by chance once in a million times.
            assert.ok(Math.min(...flows) > 20, `flows are spread unevenly: ${flows.join()}`);

            const kept = await client.ask(api, 20, { kept: true });
            assert.equal(new Set(kept.map(({ name }) => name)).size, 1, "one flow went to several machines");
        },
    );

    proof(
        "failover: a second balancer over the same machines has flows of its own and leaves the first one alone",
        async () => {
            const address = "10.65.0.100";
            const second = new Balancer(fabric, { ...balancer.spec, address });
            const url = `https://${address}:${second.spec.port}/`;
            await second.start();
            try {
                await sendsTo(names, second);
                assert.deepEqual(namesOf(await client.ask(url, 60)), names);
                assert.deepEqual(namesOf(await client.ask(api, 60)), names);
            } finally {
                await second.stop();
            }
            assert.deepEqual(await client.ask(url, 1, { patience }), [{ error: "no answer" }]);
            assert.deepEqual(namesOf(await client.ask(api, 60)), names);
        },
    );

    proof("failover: a machine whose probe fails gets no new flows, and keeps those that it has", async () => {
        const [{ name: keeper }] = await client.ask(api, 1, { kept: true });
        const index = names.indexOf(keeper!);
        const others = names.filter((name) => name !== keeper);
        // Nothing but a 200 is well, a redirect neither.
        for (const status of [500, 302] as const) {
            servers[index].answerProbes(status);
            await sendsTo(others);
            const fresh = await client.ask(api, 60);
            assert.deepEqual(errors(fresh), []);
            assert.deepEqual(namesOf(fresh), others);
            assert.deepEqual(namesOf(await client.ask(api, 3, { kept: true })), [keeper]);
            servers[index].answerProbes(200);
            await sendsTo(names);
            assert.deepEqual(namesOf(await client.ask(api, 60)), names);
        }
        // One that takes the question and does not answer is found out, too.
        servers[index].answerProbes("silence");
        await sendsTo(others);
        servers[index].answerProbes(200);
    });

    proof(
        "failover: with no machine that is well, new flows are left without an answer, and old ones go on",
        async () => {
            const [{ name: keeper }] = await client.ask(api, 1, { kept: true });
            for (const server of servers) server.answerProbes(500);
            try {
                await sendsTo([]);
                assert.deepEqual(await client.ask(api, 3, { patience }), Array(3).fill({ error: "no answer" }));
                assert.deepEqual(namesOf(await client.ask(api, 3, { kept: true })), [keeper]);
            } finally {
                for (const server of servers) server.answerProbes(200);
            }
        },
    );

    proof("failover: a machine that the balancer sends to itself gets no answer", async () => {
        const inside = await Client.start(servers[0]);
        try {
            const said = await inside.ask(api, 90, { patience });
            assert.deepEqual(namesOf(said), names.slice(1), "it reached itself");
            const unanswered = errors(said);
            assert.ok(
                unanswered.length > 15 && unanswered.length < 50,
                `${unanswered.length} of 90 were sent to itself`,
            );
            assert.deepEqual([...new Set(unanswered)], ["no answer"]);
        } finally {
            await inside.end();
        }
    });

    proof(
        "failover: packets of a machine that is cut off vanish both ways until its probe is missed, and its flows go on once it is mended",
        async () => {
            const [{ name: keeper }] = await client.ask(api, 1, { kept: true });
            const others = names.filter((name) => name !== keeper);
            const before = balancer.changes.length;
            await fabric.cut(keeper!);
            try {
                const said = await client.ask(api, 60);
                assert.ok(errors(said).length > 0 && errors(said).every((error) => error === "no answer"));
                assert.deepEqual(namesOf(said), others);
                await sendsTo(others);
                assert.deepEqual(errors(await client.ask(api, 60)), []);
            } finally {
                await fabric.mend(keeper!);
            }
            await sendsTo(names);
            assert.deepEqual(
                balancer.changes.slice(before).map(({ backend, up }) => [backend, up]),
                [
                    [keeper, false],
                    [keeper, true],
                ],
            );
        },
    );

    proof("failover: a machine that is gone is not told of, neither by the network nor by the balancer", async () => {
        const { name, address } = machines[2];
        await fabric.detach(name);
        try {
            assert.deepEqual(
                await client.ask(`https://${address}:6443/`, 2, { patience }),
                Array(2).fill({ error: "no answer" }),
            );
            await sendsTo(names.slice(0, 2));
        } finally {
            // A network namespace that loses its card can have another one.
            await fabric.attach(name, address, servers[2].pid);
        }
    });

    proof("failover: two sides that are separated reach everybody but each other", async () => {
        const [one, other] = machines;
        const inside = await Client.start(servers[0]);
        const to = (machine: { address: string }) => `https://${machine.address}:6443/`;
        try {
            await fabric.separate([one.name], [other.name, names[2]]);
            assert.deepEqual(await inside.ask(to(other), 1, { patience }), [{ error: "no answer" }]);
            for (const machine of machines) assert.deepEqual(namesOf(await client.ask(to(machine), 1)), [machine.name]);
            assert.deepEqual(balancer.healthy(), names);
            await fabric.reunite([one.name], [other.name, names[2]]);
            assert.deepEqual(namesOf(await inside.ask(to(other), 1)), [other.name]);
        } finally {
            await inside.end();
        }
    });

    proof("network: packets with a source that is not the machine's own go nowhere", async () => {
        const stranger = "10.244.0.7";
        const enter = ["--target", String(client.pid), "--net", "ip", "address"];
        await command("nsenter", [...enter, "add", `${stranger}/32`, "dev", "eth0"]);
        // The way back is there: it is the question that does not come through.
        await command("ip", ["route", "add", `${stranger}/32`, "dev", card.interface]);
        const url = `https://${machines[0].address}:6443/`;
        assert.deepEqual(await client.ask(url, 1, { from: stranger, patience }), [{ error: "no answer" }]);
        assert.deepEqual(namesOf(await client.ask(url, 1, { from: CLIENT })), [names[0]]);
    });
});

function errors(said: Said[]): string[] {
    return said.flatMap(({ error }) => error ?? []);
}

function namesOf(said: Said[]): string[] {
    return [...new Set(said.flatMap(({ name }) => name ?? []))].sort();
}
