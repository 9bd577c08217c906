import { ListValue, NullValue, Struct, Value as WireValue } from "google-protobuf/google/protobuf/struct_pb";
import { type Properties, UNKNOWN, type Value } from "./values";

// How the engine writes what JSON has no word for: an object with this key, whose value says what kind of thing it is.
// Source: sdk/go/common/resource/sig and resource/plugin/rpc.go of pulumi/pulumi.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Unknown values are written as one of these strings, by the type that is expected: string, bool, number, array, asset, archive, object. */
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
    UNKNOWN_STRING,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/**
 * Reads what the engine sent. Secrets and outputs are unwrapped, a reference to a resource becomes its ID (a
 * component's its URN), assets and archives stay the objects that the engine wrote, so that they go back as they came.
 */
export function fromWire(struct: Struct | undefined): Properties {
    return struct ? objectFromWire(struct) : {};
}

export function toWire(properties: Properties): Struct {
    const struct = new Struct();
    const fields = struct.getFieldsMap();
    for (const [key, value] of Object.entries(properties)) {
        if (value !== undefined) fields.set(key, valueToWire(value));
    }
    return struct;
}

function objectFromWire(struct: Struct): Properties {
    const properties: Properties = {};
    for (const [key, value] of struct.getFieldsMap().entries() as IterableIterator<[string, WireValue]>) {
        define(properties, key, valueFromWire(value));
    }
    return properties;
}

function valueFromWire(wire: WireValue): Value {
    switch (wire.getKindCase()) {
        case WireValue.KindCase.BOOL_VALUE:
            return wire.getBoolValue();
        case WireValue.KindCase.NUMBER_VALUE:
            return wire.getNumberValue();
        case WireValue.KindCase.STRING_VALUE: {
            const text = wire.getStringValue();
            return UNKNOWNS.has(text) ? UNKNOWN : text;
        }
        case WireValue.KindCase.LIST_VALUE:
            return wire.getListValue()!.getValuesList().map(valueFromWire);
        case WireValue.KindCase.STRUCT_VALUE:
            return unwrap(objectFromWire(wire.getStructValue()!));
        default:
            return null;
    }
}

function unwrap(object: Properties): Value {
    switch (object[SIGNATURE]) {
        case SECRET:
            return object.value ?? null;
        case OUTPUT:
            return "value" in object ? object.value : UNKNOWN;
        case RESOURCE_REFERENCE: {
            // The ID is absent for components, and empty or unknown for a resource that is yet to be made.
            const id = "id" in object ? object.id : object.urn;
            return id === "" ? UNKNOWN : id;
        }
        default:
            return object;
    }
}

function valueToWire(value: Value): WireValue {
    const wire = new WireValue();
    if (value === null) wire.setNullValue(NullValue.NULL_VALUE);
    else if (value === UNKNOWN) wire.setStringValue(UNKNOWN_STRING);
    else if (typeof value === "boolean") wire.setBoolValue(value);
    else if (typeof value === "number") wire.setNumberValue(value);
    else if (typeof value === "string") wire.setStringValue(value);
    else if (Array.isArray(value)) wire.setListValue(new ListValue().setValuesList(value.map(valueToWire)));
    else if (typeof value === "object") wire.setStructValue(toWire(value));
    else throw new TypeError(`a ${typeof value} is not a property value`);
    return wire;
}

/** A plain assignment to `__proto__` would set the prototype instead of a property. */
function define(properties: Properties, key: string, value: Value): void {
    if (key === "__proto__")
        Object.defineProperty(properties, key, { value, enumerable: true, writable: true, configurable: true });
    else properties[key] = value;
}
