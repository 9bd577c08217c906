import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
    allowed,
    hostPath,
    kubeSystem,
    payments,
    pod,
    privileged,
    refused,
    secret,
    shop,
    VALUE,
} from "./access/attempts";
import { type AccessCluster, startAccessCluster } from "./access/cluster";
import { Impersonation } from "./access/impersonation";
import { personOf } from "./access/people";
import { rightsOf } from "./access/rights";

describe("requests as members of groups, to a real API server", function () {
    this.timeout(120_000);
    let cluster: AccessCluster;
    let as: Impersonation;

    const send = (who: string, method: string, path: string, body?: unknown, headers = {}) =>
        as.request(personOf(who), method, path, body, headers);

    before(async () => {
        cluster = await startAccessCluster();
        as = new Impersonation(cluster.client);
        const post = (path: string, body: unknown) => cluster.client.request("POST", path, { body });
        for (const namespace of [shop, payments, kubeSystem]) await post(`${namespace}/secrets`, secret("given"));
        await post("/api/v1/nodes", { metadata: { name: "node" } });
        for (const namespace of [shop, payments]) {
            await accountIn(namespace);
            await post(`${namespace}/pods`, pod({}, "web"));
        }
    });
    after(async () => {
        as?.close();
        await cluster?.stop();
    });

    /** Made by a controller, a moment after its namespace. */
    const accountIn = async (namespace: string) => {
        for (const overdue = Date.now() + 30_000; Date.now() < overdue; await sleep(100))
            if (await cluster.client.find(`${namespace}/serviceaccounts/default`)) return;
        throw new Error(`${namespace} has no default account after 30 s`);
    };

    for (const [what, who, method, path, body] of refused) {
        it(`refuses ${who} to ${what}`, async () => {
            const answer = await send(who, method, path, body);
            assert.equal(answer.code, 403, answer.message);
            assert.equal(answer.body.reason, "Forbidden");
            assert.match(answer.message, /User "entra:.*" cannot /);
        });
    }

    for (const [what, spec] of [
        ["with the node's file system", hostPath],
        ["with the node's processes", { hostPID: true }],
        ["with the node's network", { hostNetwork: true }],
        ["that is privileged", { containers: [privileged] }],
    ] as const) {
        it(`refuses shop's developers to run a pod ${what}, by Pod Security`, async () => {
            const answer = await send("shop's developers", "POST", `${shop}/pods`, pod(spec));
            assert.equal(answer.code, 403);
            assert.match(answer.message, /violates PodSecurity "restricted:latest"/);
        });
    }

    it("shows a Secret to whoever may patch or delete it, which is why only those may who read it", async () => {
        const given = `${shop}/secrets/given?dryRun=All`;
        const attempts: [string, string, unknown?][] = [
            ["PATCH", given, {}],
            ["DELETE", `${given}&propagationPolicy=Foreground`],
            ["DELETE", `${shop}/secrets?dryRun=All`],
        ];
        for (const [method, path, body] of attempts) {
            const answer = await send("administrators", method, path, body);
            assert.equal(answer.code, 200, answer.message);
            assert.ok(JSON.stringify(answer.body).includes(VALUE), `${method} ${path}`);
        }
        const replaced = await send("shop's developers", "PUT", given, { metadata: { name: "given" } });
        assert.equal(replaced.code, 200, replaced.message);
        assert.ok(!JSON.stringify(replaced.body).includes(VALUE));
    });

    it("lets nobody who has signed in act as somebody else", async () => {
        const authorization = `Bearer ${cluster.tokenFor(personOf("shop's developers").groups.slice(0, 1))}`;
        const plain = { authorization, "impersonate-user": [], "impersonate-group": [] };
        const own = await send("shop's developers", "GET", `${shop}/configmaps`, undefined, plain);
        assert.equal(own.code, 200, own.message);
        for (const [header, name] of [
            ["impersonate-user", "rehearsal-admin"],
            ["impersonate-user", "system:serviceaccount:kube-system:clusterrole-aggregation-controller"],
        ]) {
            const headers = { ...plain, [header]: name };
            const answer = await send("shop's developers", "GET", `${shop}/configmaps`, undefined, headers);
            assert.equal(answer.code, 403, answer.message);
            assert.match(answer.message, /cannot impersonate resource/);
        }
    });

    it("has no service account in a team's namespace that is stronger than any person", async () => {
        const made = await send("shop's developers", "POST", `${shop}/serviceaccounts`, {
            metadata: { name: "mine" },
            automountServiceAccountToken: false,
        });
        assert.equal(made.code, 201, made.message);
        const nothing = await rightsOf(as, personOf("nobody's member"), "shop");
        for (const { metadata } of (await cluster.client.get(`${shop}/serviceaccounts`)).items) {
            const account = {
                ...personOf("the default account of shop"),
                user: `system:serviceaccount:shop:${metadata.name}`,
            };
            assert.deepEqual([...(await rightsOf(as, account, "shop"))].sort(), [...nothing].sort(), metadata.name);
        }
    });

    for (const [what, who, method, path, body, code] of allowed) {
        it(what, async () => {
            const answer = await send(who, method, path, body);
            assert.equal(answer.code, code, answer.message);
        });
    }
});
