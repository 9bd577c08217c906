import { UNKNOWN, type Properties, type Value } from "../provider";
import type { Kind } from "./kinds";
import { at, type KubernetesObject } from "./objects";

/** What a create will give, as far as it is known without a server: the inputs. */
export function outputsWithoutServer(inputs: Properties): Properties {
    const metadata = inputs.metadata;
    const known = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
    return { ...inputs, ...(known && { metadata: { ...metadata, uid: UNKNOWN } }), status: UNKNOWN };
}

/**
 * What a create will give by the server's dry-run. What the server draws anew each time, such as a Service's address, is
 * unknown; the real run will draw another.
 */
export function outputsOfDryRun(kind: Kind, inputs: Properties, dryRun: KubernetesObject): Properties {
    const { status: _status, metadata, ...rest } = dryRun;
    const {
        uid: _uid,
        resourceVersion: _version,
        creationTimestamp: _time,
        managedFields: _fields,
        generation: _generation,
        ...kept
    } = metadata;
    const outputs: Properties = { ...rest, metadata: { ...kept, uid: UNKNOWN }, status: UNKNOWN };
    if (kind.group === "" && kind.kind === "Service") outputs.spec = withoutDrawn(inputs.spec, rest.spec);
    return outputs;
}

function withoutDrawn(input: Value | undefined, spec: Record<string, Value>): Value {
    const given = (name: string) => at(input, name) !== undefined;
    const drawn = ["clusterIP", "clusterIPs", "healthCheckNodePort"].filter((name) => name in spec && !given(name));
    if (given("clusterIP")) drawn.splice(0, drawn.length, ...drawn.filter((name) => name !== "clusterIPs"));
    const ports = Array.isArray(spec.ports)
        ? spec.ports.map((port, index) =>
              at(port, "nodePort") && !at(input, "ports", index, "nodePort")
                  ? { ...(port as Properties), nodePort: UNKNOWN }
                  : port,
          )
        : spec.ports;
    return {
        ...spec,
        ...(ports !== undefined && { ports }),
        ...Object.fromEntries(drawn.map((name) => [name, UNKNOWN])),
    } as Properties;
}
