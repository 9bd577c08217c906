import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import { skip } from "../../../skip";
import { reasonNotHere } from "../supported";
import { type KnownMachine, resolverAddress, type Services, startServices } from ".";
import { smallCloud } from "./smallCloud";

const scripts = join(__dirname, "../../../../components/controlPlane/boot/scripts");
const vault = "https://smallvault.vault.azure.net";
const state = "https://smallstate.blob.core.windows.net/cluster";

/** The program's own shell library against what the region's machines ask. */
describe("the services of a region", function () {
    this.timeout(120_000);
    const folder = process.env.MAINSTAY_REGION ?? "";
    const machines = new Map<string, KnownMachine>([
        ["10.9.0.11", { name: "small-cp-1", userData: "Zmlyc3Q=" }],
        ["10.9.0.12", { name: "stranger", userData: "b3RoZXI=" }],
    ]);
    let services: Services;
    let [first, stranger]: Asker[] = [];
    let left: string;

    before(async function () {
        const reason = folder ? reasonNotHere() : "outside of enter.sh there is no region";
        if (reason) skip(this, reason);
        services = await startServices({ cloud: smallCloud(folder), machines, folder });
        [first, stranger] = [...machines.keys()].map((address) => new Asker(address, folder, services.authorityFile));
        // It runs out while the other tests run.
        await first.says(`blob_put ${state}/left /dev/null`);
        left = await first.says(`lease_acquire ${state}/left 15`);
    });
    after(async () => {
        first?.end();
        stranger?.end();
        await services?.close();
    });

    it("tell every machine its own name and user data, changed ones too", async () => {
        const ask =
            'curl -sS -H Metadata:true "$IMDS_URL/metadata/instance/compute/$1?api-version=2021-01-01&format=text"';
        assert.equal(await first.says(`set -- name; ${ask}; echo; set -- userData; ${ask}`), "small-cp-1\nZmlyc3Q=");
        assert.equal(await stranger.says(`set -- name; ${ask}`), "stranger");
        machines.get("10.9.0.11")!.userData = "c2Vjb25k";
        assert.equal(await first.says(`set -- userData; ${ask}`), "c2Vjb25k");
    });

    it("find private services by the alias that Azure has, public ones in public, and say at once what does not exist", async () => {
        const resolver = new Resolver({ timeout: 1_000, tries: 1 });
        resolver.setServers([resolverAddress]);
        assert.deepEqual(await resolver.resolve4("api.small.internal"), ["10.9.0.4"]);
        assert.deepEqual(await resolver.resolveCname("smallvault.vault.azure.net"), [
            "smallvault.privatelink.vaultcore.azure.net",
        ]);
        const [address] = await resolver.resolve4("smallvault.vault.azure.net");
        assert.match(address, /^10\.9\.8\./);
        assert.match((await resolver.resolve4("smallissuer.blob.core.windows.net"))[0], /^203\.0\.113\./);
        for (const name of ["api.other.internal", "api.apart.internal", "example.com"])
            await assert.rejects(resolver.resolve4(name), { code: "ENOTFOUND" });
        assert.equal(await first.says("getent ahosts api.small.internal | sed -n '1s/ .*//p'"), "10.9.0.4");
    });

    it("give a secret to who may read it, and keep what is written", async () => {
        const written = join(folder, "secret");
        writeFileSync(written, 'line\n"two"\\\n');
        assert.equal(await first.says(`secret_get ${vault} key; echo .`), 'a\n"key"\\ü\n.');
        assert.equal(
            await first.says(`secret_set ${vault} new ${written}; secret_get ${vault} new; echo .`),
            'line\n"two"\\\n.',
        );
        assert.equal(services.written.get("smallvault/new"), 'line\n"two"\\\n');
        assert.match(await first.fails(`secret_get ${vault} nothing`), /secret nothing in https.*HTTP 404/);
    });

    it("refuse what the program granted nobody, and tokens for something else", async () => {
        const status = (from: Asker, audience: string, method: string, url: string) =>
            from.says(
                `curl -s -o /dev/null -w '%{http_code}' -X ${method} -H "Authorization: Bearer $(azure_token ${audience})" ` +
                    `-H x-ms-version:2023-11-03 -H x-ms-blob-type:BlockBlob -d '{"value":"x"}' '${url}'`,
            );
        const [vaults, storage] = ["https://vault.azure.net", "https://storage.azure.com/"];
        const [key, readable] = [vault, "https://readonly.vault.azure.net"].map(
            (at) => `${at}/secrets/key?api-version=7.4`,
        );
        const other = state.replace("cluster", "other");
        assert.equal(await status(first, vaults, "GET", readable), "200");
        assert.equal(await status(first, vaults, "PUT", readable), "403");
        assert.equal(await status(stranger, vaults, "GET", key), "403");
        assert.equal(await status(first, storage, "GET", key), "401");
        assert.equal(await status(first, storage, "PUT", `${state}/x`), "201");
        assert.equal(await status(first, storage, "PUT", `${other}/x`), "403");
        assert.equal(await status(stranger, storage, "GET", `${state}/x`), "403");
        assert.equal(await status(first, vaults, "GET", `${state}/x`), "401");
    });

    it("store blobs: empty, of many megabytes, once only, and delete them", async () => {
        const large = join(folder, "large");
        execFileSync("dd", ["if=/dev/urandom", `of=${large}`, "bs=1M", "count=20", "status=none"]);
        await first.says(
            `blob_put ${state}/large ${large}; blob_get ${state}/large ${large}.back; cmp ${large} ${large}.back`,
        );
        await first.says(
            `blob_put ${state}/empty /dev/null; blob_get ${state}/empty ${folder}/empty; [ ! -s ${folder}/empty ]`,
        );
        const once = `blob_put ${state}/once ${scripts}/boot.sh --if-none-match || echo "code $?"`;
        assert.equal(await first.says(once), "");
        assert.equal(await first.says(once), "code 3");
        assert.equal(await first.says(`blob_exists ${state}/once && echo there`), "there");
        await first.says(`blob_delete ${state}/once; blob_delete ${state}/once`);
        assert.equal(await first.says(`blob_exists ${state}/once || echo gone`), "gone");
    });

    it("list all pages of the names that begin so", async () => {
        const numbers = [1, 2, 3, 4, 5];
        await first.says(numbers.map((number) => `blob_put ${state}/page-${number} /dev/null`).join("; "));
        await first.says(`blob_put ${state}/apart /dev/null`);
        const names = numbers.map((number) => `page-${number}`).join("\n");
        assert.equal(await first.says(`blob_list ${state} page-`), names);
        // Pages are of 5000 names unless fewer are asked for.
        assert.equal(await first.says(`blob_list ${state} 'page-&maxresults=2'`), names);
        assert.ok(services.requests.some(({ path }) => /marker=[^&]/.test(path)));
    });

    it("lease a blob to one at a time", async () => {
        const lock = `${state}/lock`;
        await first.says(`blob_put ${lock} /dev/null --if-none-match`);
        const id = await first.says(`lease_acquire ${lock} 60`);
        assert.match(id, /^[0-9a-f-]{36}$/);
        assert.equal(await first.says(`lease_acquire ${lock} 60 || echo "code $?"`), "code 3");
        // How a lock begins: the blob is put where it is not yet there, leased or not.
        assert.equal(await first.says(`blob_put ${lock} /dev/null --if-none-match || echo "code $?"`), "code 3");
        assert.equal(await first.says(`lease_renew ${lock} ${id}`), "");
        const other = "00000000-0000-4000-8000-000000000000";
        assert.equal(await first.says(`lease_renew ${lock} ${other} || echo "code $?"`), "code 3");
        assert.match(await first.fails(`blob_put ${lock} /etc/hostname`), /somebody holds a lease on it/);
        await first.says(`lease_release ${lock} ${other}`);
        assert.equal(await first.says(`lease_acquire ${lock} 60 || echo "code $?"`), "code 3");
        await first.says(`lease_release ${lock} ${id}`);
        assert.equal(await first.says(`lease_renew ${lock} ${id} || echo "code $?"`), "code 3");
        const next = await first.says(`lease_acquire ${lock} 15`);
        assert.match(next, /^[0-9a-f-]{36}$/);
        assert.notEqual(next, id);
    });

    it("keep the headers of an issuer's documents, in the website's own container", async () => {
        const url = "https://smallissuer.blob.core.windows.net/%24web/openid/v1/jwks";
        const headers = "BLOB_CONTENT_TYPE=application/json BLOB_CACHE_CONTROL='public, max-age=300'";
        await first.says(`${headers} blob_put '${url}' ${scripts}/boot.sh`);
        const read = await first.says(
            `token=$(azure_token "$STORAGE_RESOURCE"); ` +
                `curl -sS -o /dev/null -D - -H "Authorization: Bearer $token" -H "x-ms-version: $STORAGE_API" '${url}'`,
        );
        assert.match(read, /^content-type: application\/json/im);
        assert.match(read, /^cache-control: public, max-age=300/im);
    });

    it("give a lease that nobody renews to the next one, whatever the first still believes", async () => {
        const taken = await first.says(`until lease_acquire ${state}/left 15; do sleep 1; done`);
        assert.notEqual(taken, left);
        assert.equal(await first.says(`lease_renew ${state}/left ${left} || echo "code $?"`), "code 3");
    });
});

/** A network namespace with an address, from which scripts ask. */
class Asker {
    private readonly holder: ChildProcess;
    private readonly root: string;

    constructor(
        address: string,
        folder: string,
        private readonly authorityFile: string,
    ) {
        this.root = join(folder, `asker-${address}`);
        mkdirSync(this.root, { recursive: true });
        cpSync(scripts, join(this.root, "scripts"), { recursive: true });
        const resolv = join(this.root, "resolv.conf");
        writeFileSync(resolv, `nameserver ${resolverAddress}\noptions timeout:1 attempts:2\n`);
        const prepare = `mount --bind ${resolv} /etc/resolv.conf && exec sleep infinity`;
        this.holder = spawn("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", prepare]);
        const pid = String(this.holder.pid);
        waitUntil(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep");

        // As in Azure every machine is alone on its line, and what is at its other end answers for everybody.
        const fabric = `vm-${address.split(".").at(-1)}`;
        const ip = (line: string) => execFileSync("ip", line.split(" "));
        const ipInside = (line: string) => execFileSync("nsenter", ["-t", pid, "-n", "ip", ...line.split(" ")]);
        ip(`link add ${fabric} type veth peer name eth0 netns ${pid}`);
        ip(`link set ${fabric} up`);
        ip(`route add ${address}/32 dev ${fabric}`);
        writeFileSync(`/proc/sys/net/ipv4/conf/${fabric}/proxy_arp`, "1");
        ipInside(`address add ${address}/32 dev eth0`);
        ipInside("link set eth0 up");
        ipInside("route add default dev eth0");
    }

    /** What a script says that uses the library; it has to succeed. */
    async says(script: string): Promise<string> {
        const { code, stdout, stderr } = await this.run(script);
        assert.equal(code, 0, `${script}: ${stderr}`);
        return stdout.trim();
    }

    /** Why a script failed, in its one line. */
    async fails(script: string): Promise<string> {
        const { code, stderr } = await this.run(script);
        assert.notEqual(code, 0, `${script} does not fail`);
        return /^mainstay: FAILED .*$/m.exec(stderr)?.[0] ?? stderr;
    }

    end(): void {
        this.holder.kill("SIGKILL");
    }

    private run(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
        const whole = [
            "set -Eeuo pipefail",
            "IMDS_URL=http://169.254.169.254",
            ...["log", "azure"].map((name) => `source ${this.root}/scripts/lib/${name}.sh`),
            script,
        ].join("\n");
        const environment = { PATH: process.env.PATH, MAINSTAY_ROOT: this.root, CURL_CA_BUNDLE: this.authorityFile };
        const args = ["-t", String(this.holder.pid), "-n", "-m", "bash", "-c", whole];
        return new Promise((resolve) =>
            execFile("nsenter", args, { env: environment }, (error, stdout, stderr) =>
                resolve({ code: error ? ((error as { code?: number }).code ?? -1) : 0, stdout, stderr }),
            ),
        );
    }
}

function waitUntil(condition: () => boolean): void {
    for (let attempt = 0; attempt < 200; attempt++) {
        if (condition()) return;
        execFileSync("sleep", ["0.02"]);
    }
    throw new Error("a network namespace does not come up");
}
