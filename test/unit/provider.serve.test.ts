import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { UNKNOWN, type Properties } from "../../rehearsal/provider";
import { fromWire, toWire } from "../../rehearsal/provider/wire";

const main = join(__dirname, "../rehearsal/thingProvider.ts");
const urn = "urn:pulumi:test::project::thing:index:Parent$thing:index:Thing::one";

describe("a served provider", function () {
    this.timeout(20_000);
    let provider: ChildProcess;
    let client: ResourceProviderClient;

    beforeEach(async () => {
        // Standard input is a pipe, as the engine gives it.
        provider = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", main], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        const [port] = (await once(createInterface(provider.stdout!), "line")) as [string];
        assert.match(port, /^\d+$/, "the first line is the port");
        client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    });

    afterEach(() => {
        client.close();
        provider.kill("SIGKILL");
    });

    type Method<Request, Response> = (
        request: Request,
        callback: (error: ServiceError | null, response: Response) => void,
    ) => unknown;
    const call = <Request, Response>(method: Method<Request, Response>, request: Request) =>
        new Promise<Response>((resolve, reject) =>
            method.call(client, request, (error, response) => (error ? reject(error) : resolve(response))),
        );
    const create = (inputs: Properties, preview = false) =>
        call(
            client.create as Method<messages.CreateRequest, messages.CreateResponse>,
            new messages.CreateRequest().setUrn(urn).setProperties(toWire(inputs)).setPreview(preview),
        );
    const hasEnded = async () => {
        if (provider.exitCode === null && provider.signalCode === null) await once(provider, "exit");
        return provider.exitCode;
    };

    it("knows name and type from the URN and answers a preview with unknown values", async () => {
        const previewed = await create({ size: 1 }, true);
        assert.equal(previewed.getId(), "");
        assert.deepEqual(fromWire(previewed.getProperties()), { size: 1, made: UNKNOWN });
        const made = await create({ size: 1 });
        assert.equal(made.getId(), "id-of-one");
        assert.deepEqual(fromWire(made.getProperties()), { size: 1, made: "one was made" });
    });

    it("names the property that a check refuses", async () => {
        const response = await call(
            client.check as Method<messages.CheckRequest, messages.CheckResponse>,
            new messages.CheckRequest().setUrn(urn).setNews(toWire({ refuse: "so" })),
        );
        assert.deepEqual(response.toObject().failuresList, [{ property: "refuse", reason: "cannot be so" }]);
    });

    it("says of each path what changes, and what that replaces", async () => {
        const response = await call(
            client.diff as Method<messages.DiffRequest, messages.DiffResponse>,
            new messages.DiffRequest()
                .setUrn(urn)
                .setOldInputs(toWire({ name: "a", list: [{ x: 1 }], "dotted.key": 1 }))
                .setNews(toWire({ name: "b", list: [{ x: 2 }], "dotted.key": 2, deleteFirst: true })),
        );
        const { Kind } = messages.PropertyDiff;
        assert.equal(response.getChanges(), messages.DiffResponse.DiffChanges.DIFF_SOME);
        assert.deepEqual(response.getReplacesList(), ["name"]);
        assert.deepEqual(response.getDiffsList().sort(), ["deleteFirst", "dotted.key", "list", "name"]);
        assert.equal(response.getDeletebeforereplace(), true);
        assert.equal(response.getHasdetaileddiff(), true);
        const kinds: Record<string, number> = {};
        response.getDetaileddiffMap().forEach((diff, path) => (kinds[path] = diff.getKind()));
        assert.deepEqual(kinds, {
            name: Kind.UPDATE_REPLACE,
            "list[0].x": Kind.UPDATE,
            '["dotted.key"]': Kind.UPDATE,
            deleteFirst: Kind.ADD,
        });
    });

    it("fails with the provider's own words", async () => {
        await assert.rejects(create({ fail: "no quota left" }), { details: "no quota left" });
    });

    it("sends along what a partial failure made", async () => {
        const error = await create({ half: true }).then(
            () => assert.fail("it has to fail"),
            (error: ServiceError) => error,
        );
        const [bytes] = error.metadata.get("grpc-status-details-bin");
        const [detail] = Status.deserializeBinary(bytes as Buffer).getDetailsList();
        assert.equal(detail.getTypeName(), "pulumirpc.ErrorResourceInitFailed");
        const state = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
        assert.equal(state.getId(), "id-of-one");
        assert.deepEqual(fromWire(state.getProperties()), { half: true, made: "one was made" });
        assert.deepEqual(state.getReasonsList(), ["only half of it was made"]);
    });

    it("says with an empty ID that a resource is gone", async () => {
        const read = (id: string) =>
            call(
                client.read as Method<messages.ReadRequest, messages.ReadResponse>,
                new messages.ReadRequest().setUrn(urn).setId(id),
            );
        assert.equal((await read("one-gone")).getId(), "");
        assert.deepEqual(fromWire((await read("one")).getProperties()), { read: "one", made: "one was read" });
    });

    it("leaves when cancelled, and running operations are told", async () => {
        const running = assert.rejects(create({ slow: 60_000 }), { details: "stopped" });
        await new Promise((resolve) => setTimeout(resolve, 100));
        await call(client.cancel as Method<Empty, Empty>, new Empty());
        await running;
        assert.equal(await hasEnded(), 0);
    });

    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        it(`leaves at ${signal}`, async () => {
            provider.kill(signal);
            assert.equal(await hasEnded(), 0);
        });
    }

    it("leaves when the engine is no more", async () => {
        provider.stdin!.destroy();
        assert.equal(await hasEnded(), 0);
    });
});
