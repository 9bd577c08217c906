import { randomBytes, randomUUID } from "node:crypto";
import { hash as bcryptHash } from "bcryptjs";
import type { CheckFailure, LogicalResource, Properties } from "../provider";
import { characterDefaults, checkCharacters, numericOf, randomCharacters } from "./characters";
import { petName } from "./petName";
import { drawFrom } from "./seeded";

/** bcrypt's own: the official provider's cost. */
const BCRYPT_COST = 10;

const randomString: LogicalResource = {
    required: ["length"],
    defaults: characterDefaults,
    computed: ["result"],
    check: checkCharacters,
    async make(inputs) {
        const result = randomCharacters(inputs);
        return { id: result, outputs: { result, ...bothNames(inputs) } };
    },
    async import(id) {
        return { id, inputs: { length: id.length }, outputs: { ...characterDefaults, length: id.length, result: id } };
    },
};

const randomPassword: LogicalResource = {
    ...randomString,
    computed: ["result", "bcryptHash"],
    async make(inputs) {
        const result = randomCharacters(inputs);
        // The ID is no secret, so the password cannot be it.
        return { id: "none", outputs: { result, bcryptHash: await hashed(result), ...bothNames(inputs) } };
    },
    async import(id) {
        const outputs = { ...characterDefaults, length: id.length, result: id, bcryptHash: await hashed(id) };
        return { id: "none", inputs: { length: id.length }, outputs };
    },
};

const randomId: LogicalResource = {
    required: ["byteLength"],
    computed: ["b64Std", "b64Url", "dec", "hex"],
    check: (inputs) => atLeastOne(inputs, "byteLength"),
    async make({ byteLength, prefix }) {
        const bytes = randomBytes(Number(byteLength));
        return { id: bytes.toString("base64url"), outputs: writtenAs(bytes, prefix) };
    },
    async import(id) {
        // `prefix,ID`, or the ID alone.
        const comma = id.lastIndexOf(",");
        const bytes = Buffer.from(id.slice(comma + 1), "base64url");
        const inputs: Properties = { byteLength: bytes.length, ...(comma >= 0 ? { prefix: id.slice(0, comma) } : {}) };
        const outputs = { ...inputs, ...writtenAs(bytes, inputs.prefix) };
        return { id: bytes.toString("base64url"), inputs, outputs };
    },
};

const randomBytesResource: LogicalResource = {
    required: ["length"],
    computed: ["base64", "hex"],
    check: (inputs) => atLeastOne(inputs, "length"),
    async make({ length }) {
        const bytes = randomBytes(Number(length));
        const base64 = bytes.toString("base64");
        return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
    },
    async import(id) {
        const bytes = Buffer.from(id, "base64");
        const inputs = { length: bytes.length };
        return { id, inputs, outputs: { ...inputs, base64: id, hex: bytes.toString("hex") } };
    },
};

const randomInteger: LogicalResource = {
    required: ["min", "max"],
    computed: ["result"],
    check({ min, max }) {
        if (typeof min !== "number" || typeof max !== "number" || min <= max) return [];
        return [{ property: "min", reason: `is ${min}, more than max, which is ${max}` }];
    },
    async make({ min, max, seed }) {
        const result = Number(min) + drawFrom(seed as string | undefined)(Number(max) - Number(min) + 1);
        return { id: String(result), outputs: { result } };
    },
    async import(id) {
        const [result, min, max, seed] = id.split(",");
        if (max === undefined)
            throw new Error(`${id}: the ID to import has the form RESULT,MIN,MAX or RESULT,MIN,MAX,SEED`);
        const inputs = { min: Number(min), max: Number(max), ...(seed === undefined ? {} : { seed }) };
        return { id: result, inputs, outputs: { ...inputs, result: Number(result) } };
    },
};

const randomPet: LogicalResource = {
    required: [],
    defaults: { length: 2, separator: "-" },
    computed: [],
    check: (inputs) => atLeastOne(inputs, "length"),
    async make({ length, separator, prefix }) {
        const name = petName(Number(length), String(separator));
        return { id: prefix ? `${String(prefix)}${String(separator)}${name}` : name, outputs: {} };
    },
};

const randomShuffle: LogicalResource = {
    required: ["inputs"],
    computed: ["results"],
    async make({ inputs, resultCount, seed }) {
        const values = inputs as string[];
        const count = values.length === 0 ? 0 : Number(resultCount ?? values.length);
        const draw = drawFrom(seed as string | undefined);
        const results: string[] = [];
        // More than there are: they come round again, in another order.
        while (results.length < count) {
            const rest = [...values];
            while (rest.length > 0 && results.length < count) results.push(...rest.splice(draw(rest.length), 1));
        }
        return { id: "-", outputs: { results } };
    },
};

const uuid = (make: () => string): LogicalResource => ({
    required: [],
    computed: ["result"],
    async make() {
        const result = make();
        return { id: result, outputs: { result } };
    },
    async import(id) {
        if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new Error(`${id} is not a UUID`);
        return { id, inputs: {}, outputs: { result: id } };
    },
});

/** All resources of @pulumi/random, by type. */
export const resources: Record<string, LogicalResource> = {
    "random:index/randomBytes:RandomBytes": randomBytesResource,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomInteger:RandomInteger": randomInteger,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomPet:RandomPet": randomPet,
    "random:index/randomShuffle:RandomShuffle": randomShuffle,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomUuid:RandomUuid": uuid(randomUUID),
    "random:index/randomUuid4:RandomUuid4": uuid(randomUUID),
    "random:index/randomUuid7:RandomUuid7": uuid(uuidOfNow),
};

function hashed(password: string): Promise<string> {
    // bcrypt reads 72 bytes and no more.
    return bcryptHash(Buffer.from(password).subarray(0, 72).toString(), BCRYPT_COST);
}

function bothNames(inputs: Properties): Properties {
    return { numeric: numericOf(inputs), number: numericOf(inputs) };
}

function atLeastOne(inputs: Properties, property: string): CheckFailure[] {
    const value = inputs[property];
    if (typeof value !== "number" || (Number.isInteger(value) && value >= 1)) return [];
    return [{ property, reason: `is ${value}; it has to be a whole number of at least 1` }];
}

function writtenAs(bytes: Buffer, prefix: unknown): Properties {
    const before = typeof prefix === "string" ? prefix : "";
    return {
        b64Std: before + bytes.toString("base64"),
        b64Url: before + bytes.toString("base64url"),
        dec: before + BigInt(`0x${bytes.toString("hex")}`).toString(),
        hex: before + bytes.toString("hex"),
    };
}

/** Version 7: milliseconds first, so that they sort by age (RFC 9562, 5.7). */
function uuidOfNow(): string {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
