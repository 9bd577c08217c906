import assert from "node:assert/strict";
import { type AccessCluster, startAccessCluster } from "./access/cluster";
import { expectedRights, namespaces } from "./access/expected";
import { Impersonation } from "./access/impersonation";
import { people } from "./access/people";
import { otherwise, questions, servedResources } from "./access/questions";
import { rightsOf } from "./access/rights";
import { AccessTable } from "./access/table";

describe("who may do what, asked of a real API server", function () {
    this.timeout(240_000);
    let cluster: AccessCluster;
    let as: Impersonation;
    let table: AccessTable;

    before(async () => {
        table = await AccessTable.read();
        cluster = await startAccessCluster();
        as = new Impersonation(cluster.client);
    });
    after(async () => {
        as?.close();
        await cluster?.stop();
    });

    it("has every column of docs/access.md played by somebody", () => {
        const played = new Set(people.flatMap(({ columns }) => columns));
        assert.deepEqual(
            [...table.columns].filter((column) => !played.has(column)),
            [],
        );
    });

    it("is what docs/access.md says, for every group, verb, resource and place", async function () {
        const asked = questions(table, await servedResources(cluster.client));
        assert.ok(asked.length > 2_000, `${asked.length} questions are not a matrix`);
        const began = Date.now();
        const wrong = await otherwise(cluster.client, asked);
        const allowed = asked.filter(({ expected }) => expected).length;
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        this.test!.title += ` (${asked.length} questions, ${allowed} of them to be allowed, in ${seconds} s)`;
        assert.equal(wrong.length, 0, report(`${wrong.length} answers are not what docs/access.md says`, wrong));
    });

    it("is no more than that: the server lists no right, of whatever kind, that docs/access.md does not name", async () => {
        const wrong: string[] = [];
        for (const person of people)
            for (const namespace of namespaces) {
                const listed = await rightsOf(as, person, namespace);
                if (person.columns.includes("administrators")) {
                    if (!listed.has("* *.*")) wrong.push(`${person.name} may not do everything in ${namespace}`);
                    continue;
                }
                const stated = expectedRights(table, person, namespace);
                for (const right of listed)
                    if (!stated.has(right)) wrong.push(`${person.name} may ${right} in ${namespace}`);
                for (const right of stated)
                    if (!listed.has(right)) wrong.push(`${person.name} may not ${right} in ${namespace}`);
            }
        assert.equal(wrong.length, 0, report(`${wrong.length} rights are not those of docs/access.md`, wrong));
    });
});

function report(summary: string, wrong: string[]): string {
    return [`${summary}:`, ...wrong.slice(0, 40), ...(wrong.length > 40 ? ["…"] : [])].join("\n    ");
}
