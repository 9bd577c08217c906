import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { peopleKubeconfig } from "../../components/controlPlane/certificates/kubeconfig";
import { controlPlaneFiles } from "../../components/controlPlane/configuration";
import { bootMachine } from "../../rehearsal/azure/boot";
import { startControlPlane, stopControlPlane, type ControlPlane } from "../../rehearsal/controlPlane";
import { layout, writeJson } from "../../rehearsal/controlPlane/folder";
import {
    encode,
    personClaims,
    signToken,
    type Claims,
    type SignIn,
    type SigningKey,
} from "../../rehearsal/kubelogin/token";
import { type ApiError, KubernetesClient } from "../../rehearsal/kubernetes/client";
import { clientFor, connect, readKubeconfig } from "../../rehearsal/kubernetes/kubeconfig";
import { toolPath } from "../../rehearsal/toolchain";
import { samplePlan } from "../unit/controlPlane.plan";
import { endpoint, machineFiles, MachineCloud, makeKeys, type Keys } from "./machineCloud";

const run = promisify(execFile);

const plan = samplePlan();
const { tenantId, signInClientId } = plan;
const other = {
    tenant: "66666666-6666-4666-8666-666666666666",
    application: "77777777-7777-4777-8777-777777777777",
};
const group = {
    administrators: "aaaaaaaa-0000-4000-8000-000000000001",
    viewers: "aaaaaaaa-0000-4000-8000-000000000002",
    nobody: "aaaaaaaa-0000-4000-8000-000000000003",
};
/** Of the person who rehearses: the object ID, which the stand-in gives. */
const personName = "entra:ce115eed-0000-4000-8000-000000000001";
const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** One of the control plane's machines boots with the program's own AuthenticationConfiguration; a stand-in takes Entra's place. */
describe("signing in to a self-managed cluster", function () {
    this.timeout(180_000);
    let runFolder: string;
    let place: ReturnType<typeof layout>;
    let plane: ControlPlane;
    let keys: Keys;
    let administrator: KubernetesClient;
    let person: KubernetesClient;
    const variable = process.env.MAINSTAY_REHEARSAL;

    before(async () => {
        runFolder = await mkdtemp(join(tmpdir(), "mainstay-sign-in-test-"));
        process.env.MAINSTAY_REHEARSAL = runFolder;
        place = layout(join(runFolder, "cluster"));
        const cloud = new MachineCloud(runFolder);
        [plane, keys] = await Promise.all([startControlPlane(place.folder), makeKeys()]);
        await cloud.common(keys.secrets);
        // So that a day need not be waited for.
        publish({ keysMaxAgeSeconds: 1 });
        const authentication = "kubernetes/files/authentication.yaml";
        const own = controlPlaneFiles(plan, plan.machines[0])[authentication];
        const vmId = cloud.machine(1, { ...machineFiles(1, {}), [authentication]: own });
        await bootMachine({ vmId, extensionId: `${vmId}/extensions/boot`, inputs: {}, cloudFolder: cloud.folder });

        administrator = clientFor(plane.kubeconfig);
        const bind = (name: string, role: string, to: string) =>
            administrator.request("POST", `${rbac}/clusterrolebindings`, {
                body: {
                    metadata: { name },
                    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
                    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: to }],
                },
            });
        await bind("mainstay:administrators", "cluster-admin", group.administrators);
        await bind("viewers", "view", group.viewers);
        person = await connect(readKubeconfig(plane.personKubeconfig));
        // The API server asks for its issuer's documents as soon as it runs, and does not wait for them.
        await until("a person can sign in", () => whoIs(token()).then(Boolean, () => false));
    });
    after(async () => {
        if (variable === undefined) delete process.env.MAINSTAY_REHEARSAL;
        else process.env.MAINSTAY_REHEARSAL = variable;
        administrator?.close();
        person?.close();
        await stopControlPlane(join(runFolder, "cluster"));
        await rm(runFolder, { recursive: true, force: true });
    });

    const until = async (what: string, condition: () => Promise<boolean>) => {
        for (let waited = 0; waited < 10_000; waited += 100) {
            if (await condition()) return;
            await sleep(100);
        }
        assert.fail(`never: ${what}`);
    };
    const signIn = () => JSON.parse(readFileSync(place.signIn, "utf8")) as SignIn;
    const publish = (change: Partial<SignIn>) => writeJson(place.signIn, { ...signIn(), ...change });
    const request = { audience: signInClientId, clientId: signInClientId, tenantId };
    /** What Entra would write into a token, with changes; `undefined` leaves a claim out. */
    const claims = (changes: Claims = {}): Claims => ({
        ...personClaims(signIn(), request, [group.viewers]),
        ...changes,
    });
    const token = (changes: Claims = {}, key: SigningKey = signIn()) => signToken(key, claims(changes));
    const as = async <T>(bearer: string, ask: (client: KubernetesClient) => Promise<T>): Promise<T> => {
        const client = new KubernetesClient({ ...person.connection, token: bearer });
        return ask(client).finally(() => client.close());
    };
    const whoIs = (bearer: string) =>
        as(bearer, async (client) => {
            const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
            const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
            return (await client.request("POST", path, { body })).body.status.userInfo as {
                username: string;
                groups: string[];
                extra: Record<string, string[]>;
            };
        });
    const may = (bearer: string, verb: string, resource: string) =>
        as(bearer, async (client) => {
            const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
            const spec = { resourceAttributes: { verb, resource, namespace: "default" } };
            const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
            return (await client.request("POST", path, { body })).body.status.allowed as boolean;
        });
    const log = () => readFile(join(place.logs, "kube-apiserver.log"), "utf8");
    /** Refused, and for that reason: the answer says nothing of it, the API server's log does. */
    const refused = async (bearer: string, why: RegExp) => {
        const before = (await log()).length;
        await assert.rejects(whoIs(bearer), (error: ApiError) => error.code === 401);
        let said = "";
        await until(`the log says ${why}`, async () => why.test((said = (await log()).slice(before)))).catch(() =>
            assert.fail(`the API server did not say ${why}, it said: ${said}`),
        );
    };

    describe("by a token of the own directory, for the own application", () => {
        it("knows the person by object ID, and the groups by theirs", async () => {
            const { username, groups, extra } = await whoIs(token());
            assert.equal(username, personName);
            assert.deepEqual(groups, [group.viewers, "system:authenticated"]);
            assert.deepEqual(extra["entra.microsoft.com/name"], ["person@rehearsal.example"]);
        });

        it("gives a group the rights that are bound to it, and to no other", async () => {
            const [viewer, nobody] = [token(), token({ groups: [group.nobody] })];
            await until("the binding is known", () => may(viewer, "list", "pods"));
            assert.equal(await may(viewer, "list", "secrets"), false);
            assert.equal(await may(nobody, "list", "pods"), false);
            assert.ok((await as(viewer, (client) => client.get("/api/v1/namespaces/default/pods"))).items);
            await assert.rejects(
                as(nobody, (client) => client.get("/api/v1/namespaces/default/pods")),
                (error: ApiError) => error.code === 403,
            );
        });

        it("takes a person of no group, and a service principal without a name, for nobody in particular", async () => {
            const bare = token({ groups: undefined, preferred_username: undefined, name: undefined });
            assert.deepEqual((await whoIs(bare)).groups, ["system:authenticated"]);
            assert.deepEqual((await whoIs(token({ groups: [""] }))).groups, ["system:authenticated"]);
            assert.equal(await may(bare, "list", "pods"), false);
        });

        it("signs in a person of more groups than a token holds, with none, and asks nobody for them", async () => {
            const many = Array.from(
                { length: 201 },
                (_, n) => `aaaaaaaa-0000-4000-9000-${String(n).padStart(12, "0")}`,
            );
            const overage = personClaims(signIn(), request, [group.administrators, ...many]);
            assert.deepEqual(overage._claim_names, { groups: "src1" });
            assert.equal(overage.groups, undefined);
            const bearer = signToken(signIn(), overage);
            assert.deepEqual((await whoIs(bearer)).groups, ["system:authenticated"]);
            assert.equal(await may(bearer, "list", "pods"), false);
            assert.doesNotMatch(await readFile(join(place.logs, "supervisor.log"), "utf8"), /graph\.microsoft\.com/);
        });

        it("has no way for a name to be taken for one of Kubernetes' own", async () => {
            const bearer = token({ oid: "system:admin", groups: undefined });
            assert.equal((await whoIs(bearer)).username, "entra:system:admin");
            assert.equal(await may(bearer, "list", "pods"), false);
        });
    });

    describe("is refused, for the reason that it should be,", () => {
        const now = Math.floor(Date.now() / 1000);
        const stranger = (keyId: string): SigningKey => {
            const { privateKey } = generateKeyPairSync("rsa", {
                modulusLength: 2048,
                publicKeyEncoding: { type: "spki", format: "pem" },
                privateKeyEncoding: { type: "pkcs8", format: "pem" },
            });
            const path = join(runFolder, `${keyId}-stranger.key`);
            writeFileSync(path, privateKey, { mode: 0o600 });
            return { keyId, privateKey: path };
        };
        const withHead = (head: object, sign: (content: string) => string) => {
            const content = `${encode(head)}.${encode(claims({ groups: [group.administrators] }))}`;
            return `${content}.${sign(content)}`;
        };
        const publicKeyOf = (type: "pem" | "der") => {
            const key = createPublicKey(readFileSync(signIn().privateKey));
            return key.export({ type: "spki", format: type as "pem" });
        };

        const cases: [string, () => string, RegExp][] = [
            ["another issuer", () => token({ iss: "https://sts.example.com/v2.0" }), /invalid bearer token/],
            [
                "the issuer of another directory, whose keys are the same",
                () => token({ iss: `https://login.microsoftonline.com/${other.tenant}/v2.0`, tid: other.tenant }),
                /invalid bearer token/,
            ],
            [
                "a token of version 1.0",
                () => token({ iss: `https://sts.windows.net/${tenantId}/`, ver: "1.0" }),
                /invalid bearer token/,
            ],
            ["another application", () => token({ aud: other.application }), /expected audience/],
            ["no application", () => token({ aud: undefined }), /expected audience/],
            ["another directory", () => token({ tid: other.tenant }), /required claim tid value does not match/],
            ["no directory", () => token({ tid: undefined }), /required claim tid not present/],
            ["an expired token", () => token({ exp: now - 60 }), /token is expired/],
            ["a token that never expires", () => token({ exp: undefined }), /token is expired/],
            ["a token of tomorrow", () => token({ nbf: now + 3600, exp: now + 7200 }), /before the nbf/],
            [
                "a token without a signature (alg none)",
                () => withHead({ alg: "none", typ: "JWT" }, () => ""),
                /unsupported algorithm|malformed jwt/,
            ],
            [
                "a token whose signature was taken off",
                () => withHead({ alg: "RS256", kid: signIn().keyId, typ: "JWT" }, () => ""),
                /failed to verify signature|malformed jwt/,
            ],
            [
                "a token that was altered",
                () => {
                    const [head, , signature] = token().split(".");
                    return [head, encode(claims({ groups: [group.administrators] })), signature].join(".");
                },
                /failed to verify signature/,
            ],
            ...(["pem", "der"] as const).map((format): [string, () => string, RegExp] => [
                `the public key as a shared secret (HS256, ${format})`,
                () =>
                    withHead({ alg: "HS256", kid: signIn().keyId, typ: "JWT" }, (content) =>
                        createHmac("sha256", publicKeyOf(format)).update(content).digest("base64url"),
                    ),
                /unsupported algorithm/,
            ]),
            ["another's key", () => token({}, stranger("another")), /failed to verify signature/],
            [
                "another's key by the name of Entra's",
                () => token({}, stranger("rehearsal")),
                /failed to verify signature/,
            ],
            [
                "a key that the token itself brings along",
                () => {
                    const { privateKey } = stranger("brought");
                    const jwk = createPublicKey(readFileSync(privateKey)).export({ format: "jwk" });
                    const content = `${encode({ alg: "RS256", typ: "JWT", jwk })}.${encode(claims())}`;
                    const signature = signToken({ keyId: "brought", privateKey }, claims()).split(".")[2];
                    return `${content}.${signature}`;
                },
                /failed to verify signature/,
            ],
            [
                "a token without an object ID",
                () => token({ oid: undefined }),
                /parse username claims \\"oid\\": claim not present/,
            ],
            [
                "a service account's name in place of a token",
                () => "system:serviceaccount:kube-system:default",
                /invalid bearer token/,
            ],
            ...[
                "system:masters",
                "system:nodes",
                "system:serviceaccounts:kube-system",
                "kubeadm:cluster-admins",
                "oidc:administrators",
                "rehearsal-cluster-admins",
                `${group.administrators}\nsystem:masters`,
                ` ${group.administrators}`,
            ].map((name): [string, () => string, RegExp] => [
                `the group ${JSON.stringify(name)}`,
                () => token({ groups: [group.viewers, name] }),
                /a group is not an object ID of Entra's/,
            ]),
            [
                "one built-in group, not in a list",
                () => token({ groups: "system:masters" }),
                /a group is not an object ID of Entra's/,
            ],
        ];
        for (const [what, make, why] of cases) it(what, () => refused(make(), why));
    });

    describe("through kubelogin", () => {
        const kubectl = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
            const path = await toolPath("kubectl");
            const own = { PATH: process.env.PATH, HOME: runFolder, ...env };
            return (await run(path, args, { env: own })).stdout;
        };
        const whoAmI = async (args: string[], env: NodeJS.ProcessEnv = {}) =>
            JSON.parse(await kubectl([...args, "auth", "whoami", "--output", "json"], env)).status.userInfo;
        const rehearsed = () => ["--kubeconfig", plane.personKubeconfig];

        it("a person is a member of the administrators' group, by the kubeconfig that the rehearsal leaves", async () => {
            const { username, groups } = await whoAmI(rehearsed());
            assert.equal(username, personName);
            assert.deepEqual(groups, [group.administrators, "system:authenticated"]);
            assert.equal((await kubectl([...rehearsed(), "auth", "can-i", "*", "*"])).trim(), "yes");
        });

        it("and of other groups where they are named", async () => {
            const groups = (named: string) =>
                whoAmI(rehearsed(), { MAINSTAY_SIGN_IN_GROUPS: named }).then(({ groups }) => groups);
            const named = `${group.viewers}, ${group.nobody}`;
            assert.deepEqual(await groups(named), [group.viewers, group.nobody, "system:authenticated"]);
            assert.deepEqual(await groups(""), ["system:authenticated"]);
            await assert.rejects(groups("developers"), /takes object IDs of groups.*was given developers/);
        });

        it("the kubeconfig that the program gives to people works, with its own server, application and directory", async () => {
            const kubeconfig = join(runFolder, "kubeconfig-people");
            const of = (clientId: string, tenant: string) =>
                writeFileSync(
                    kubeconfig,
                    peopleKubeconfig({
                        cluster: "small",
                        server: `https://${endpoint}:6443`,
                        authority: keys.authority.certificate,
                        clientId,
                        tenantId: tenant,
                    }),
                );
            const { proxy } = JSON.parse(readFileSync(place.apiServer, "utf8"));
            const env = { PATH: `${plane.bin}:${process.env.PATH}`, HTTPS_PROXY: proxy };
            of(signInClientId, tenantId);
            const { groups } = await whoAmI(["--kubeconfig", kubeconfig], env);
            assert.deepEqual(groups, [group.administrators, "system:authenticated"]);
            of(other.application, tenantId);
            await assert.rejects(whoAmI(["--kubeconfig", kubeconfig], env), /Unauthorized|must be logged in/);
            of(signInClientId, other.tenant);
            await assert.rejects(whoAmI(["--kubeconfig", kubeconfig], env), /Unauthorized|must be logged in/);
        });
    });

    describe("while the issuer rotates its keys", () => {
        const makeKey = (keyId: string): SigningKey => {
            const { privateKey } = generateKeyPairSync("rsa", {
                modulusLength: 2048,
                publicKeyEncoding: { type: "spki", format: "pem" },
                privateKeyEncoding: { type: "pkcs8", format: "pem" },
            });
            const path = join(place.pki, `${keyId}.key`);
            writeFileSync(path, privateKey, { mode: 0o600 });
            return { keyId, privateKey: path };
        };
        /** Never the same token twice: one that was accepted is known for ten seconds. */
        const accepted = (key: SigningKey) =>
            whoIs(token({ uti: Math.random() }, key)).then(Boolean, (error: ApiError) => {
                if (error.code !== 401) throw error;
                return false;
            });
        const keyOf = ({ keyId, privateKey }: SigningKey) => ({ keyId, privateKey });
        const processes = () => JSON.parse(readFileSync(place.processes, "utf8")).children["kube-apiserver"] as number;

        it("takes the new one without a restart", async () => {
            const [before, former] = [processes(), keyOf(signIn())];
            const first = makeKey("second");
            assert.equal(await accepted(first), false, "nobody published it");
            publish({ ...first, formerKeys: [former] });
            await until("a token by the new key is accepted", () => accepted(first));
            assert.equal(await accepted(former), true, "a token by the old one, which is published still");
            assert.equal(processes(), before, "the same process");
        });

        it("forgets an old one that is published no longer, as soon as a key that it does not know makes it ask", async () => {
            const [before, current] = [processes(), signIn()];
            const [former] = current.formerKeys!;
            publish({ formerKeys: [] });
            assert.equal(await accepted(former), true, "it has no reason to ask");
            await until("it asks, for somebody's key that is not there", async () => {
                await accepted(makeKey("unknown"));
                return !(await accepted(former));
            });
            assert.equal(await accepted(current), true);
            assert.equal(processes(), before);
        });

        // What follows from a day's caching and no more than that: a key that Entra did not publish a day ahead is not taken.
        it("does not ask again within the time that the issuer says, which is a day with Entra", async () => {
            const [third, fourth] = [makeKey("third"), makeKey("fourth")];
            publish({ ...third, formerKeys: [keyOf(signIn())], keysMaxAgeSeconds: undefined });
            await until("it asked, and was told a day", () => accepted(third));
            publish({ ...fourth, formerKeys: [third] });
            assert.equal(await accepted(fourth), false);
            assert.equal(await accepted(third), true);
        });
    });
});
