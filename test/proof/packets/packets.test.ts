import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ClusterKind } from "../../../components/network";
import { skip } from "../../skip";
import { Engine, reasonNoEngine } from "../connectivity/engine";
import { Table } from "../connectivity/table";
import { proof } from "../proof";
import { makeEnforcer, reasonNoPackets } from "./enforcer";
import type { PacketAnswer, PacketQuestion } from "./question";

/** Those that some cell of the table names, and two that none does. */
const ports = [53, 443, 2381, 6443, 8080, 8443, 9090, 10250, 10257, 30000];

const enter = join(__dirname, "../region/enter.sh");

for (const kind of ["selfManaged", "aks"] satisfies ClusterKind[]) {
    describe(`packets between pods, ${kind}`, function () {
        this.timeout(2_400_000); // Building Cilium, the first time.
        let answer: PacketAnswer;
        let inside: ReturnType<typeof start> | undefined;

        before(async function () {
            const reason = (await reasonNoPackets()) ?? (await reasonNoEngine("cilium"));
            if (reason) skip(this, reason);
            const enforcer = await makeEnforcer();
            await Engine.built("cilium"); // It has the definitions of Cilium's kinds; inside nothing can be built.
            inside = start({ kind, enforcer, ports });
            answer = await inside.answer;
        });
        after(async () => {
            inside?.child.kill();
            await inside?.answer.catch(() => undefined);
        });

        proof(`network: real packets go where the table lets them, by Cilium's agent, ${kind}`, async (figures) => {
            const table = new Table(kind);
            const asked = {
                ports: ports.map((port) => ({ protocol: "TCP" as const, port })),
                objects: [],
                parties: table.ends,
                resolver: table.resolver,
                policyCIDRMatchMode: [],
            };
            const pairs = answer.pairs.map(({ from, to, opened }) => ({
                ...{ from, to, egress: opened, ingress: opened },
                policies: [],
            }));
            figures.pairs = table.pairs;
            figures.connections = pairs.length * ports.length;
            figures.opened = answer.pairs.reduce((sum, { opened }) => sum + opened.replaceAll("0", "").length, 0);
            figures.rounds = answer.rounds;
            assert.deepEqual(table.differences(asked, { engine: "packets", refused: [], pairs }), []);
        });

        proof(`network: the cluster's DNS answers whom settings let ask, ${kind}`, async () => {
            const answered = (from: string) =>
                answer.lookups.filter((lookup) => lookup.from === from).map(({ name }) => name);
            assert.deepEqual(answered("legacy/example"), ["api.example.com", "www.example.org"]);
            // A pod that may reach addresses by some names is answered for no others: that would be a way out for data.
            assert.deepEqual(answered("shop/example"), ["api.example.com"]);
            assert.deepEqual(answered("shop-jobs/example"), ["api.example.com"]);
            assert.deepEqual(answered("web/example"), ["www.example.org"]);
            assert.deepEqual(answered("forgotten/example"), []);
        });
    });
}

function start(question: PacketQuestion) {
    const program = ["-r", "ts-node/register", join(__dirname, "inside.ts"), JSON.stringify(question)];
    // It ends with this process, however that ends.
    const child = spawn("setpriv", ["--pdeathsig", "TERM", "bash", enter, process.execPath, ...program], {
        stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    const answer = Promise.all([text(child.stdout), text(child.stderr), ended]).then(([said, problems, code]) => {
        if (code !== 0) throw new Error(`in the namespaces: ${problems.trim() || `ended with ${code}`}`);
        return JSON.parse(said) as PacketAnswer;
    });
    return { child, answer };
}
