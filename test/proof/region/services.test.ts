import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import { skip } from "../../skip";
import { type KnownMachine, resolverAddress, type Services, startServices } from "./azure";
import { smallCloud } from "./azure/smallCloud";
import { reasonNotHere } from "./supported";

const scripts = join(__dirname, "../../../components/controlPlane/boot/scripts");
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
