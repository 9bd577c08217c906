import assert from "node:assert/strict";
import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { hasUnknown, UNKNOWN, type Properties, type Value } from "../../rehearsal/provider";
import { fromWire, toWire } from "../../rehearsal/provider/wire";

// A plain object cannot hold a key of this one name.
const names = fc.string().filter((name) => name !== "__proto__");
const { value } = fc.letrec<{ value: Value; properties: Properties }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: "grapheme" }),
        fc.constant(UNKNOWN),
        fc.array(tie("value")),
        tie("properties"),
    ),
    properties: fc.dictionary(names, tie("value"), { noNullPrototype: true }) as fc.Arbitrary<Properties>,
}));
const properties = fc.dictionary(names, value, { noNullPrototype: true }) as fc.Arbitrary<Properties>;

/** Through the bytes, as it goes over the wire. */
const sent = (given: Properties) => fromWire(Struct.deserializeBinary(toWire(given).serializeBinary()));

const signature = "4dabf18193072939515e22adb298388d";
const secret = (inner: unknown) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value: inner });
const output = (inner: object) => ({ [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...inner });
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const received = (json: object) => fromWire(Struct.fromJavaScript(json as never));

describe("properties on the wire", () => {
    it("come back as they were sent, whatever they are", () => {
        fc.assert(fc.property(properties, (given) => assert.deepEqual(sent(given), given)));
    });

    it("keep unknown values unknown", () => {
        fc.assert(fc.property(properties, (given) => assert.equal(hasUnknown(sent(given)), hasUnknown(given))));
    });

    it("leave out what is undefined and keep null", () => {
        assert.deepEqual(sent({ absent: undefined as unknown as Value, none: null }), { none: null });
    });

    it("lose their secret and output wrappers at any depth", () => {
        assert.deepEqual(
            received({ a: secret({ b: [secret("c"), output({ value: 1, secret: true, dependencies: [] })] }) }),
            {
                a: { b: ["c", 1] },
            },
        );
    });

    it("are unknown where an output has no value yet, of whatever type it will be", () => {
        assert.deepEqual(
            received({
                a: output({ dependencies: [] }),
                b: secret(unknownString),
                c: ["6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"],
            }),
            { a: UNKNOWN, b: UNKNOWN, c: [UNKNOWN] },
        );
    });

    it("name a resource by its ID, a component by its URN", () => {
        const reference = (inner: object) => ({ [signature]: "5cf8f73096256a8f31e491e813e4eb8e", ...inner });
        assert.deepEqual(
            received({
                made: reference({ urn: "urn:a", id: "id-a" }),
                toBeMade: reference({ urn: "urn:b", id: "" }),
                component: reference({ urn: "urn:c" }),
            }),
            { made: "id-a", toBeMade: UNKNOWN, component: "urn:c" },
        );
    });

    it("carry assets through untouched", () => {
        const asset = { [signature]: "c44067f5952c0a294b673a41bacd8c17", hash: "abc", text: "hello" };
        assert.deepEqual(sent({ asset }), { asset });
    });

    it("refuse what is no property value", () => {
        assert.throws(() => toWire({ f: (() => 1) as unknown as Value }), /function is not a property value/);
    });
});
