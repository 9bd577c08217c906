import { isIP } from "node:net";
import type { CheckFailure, Properties } from "../provider";
import { x509 } from "./x509";

/** A subject's parts in the order in which they are written into a certificate, with the attribute of each. */
const ATTRIBUTES: [property: string, attribute: string][] = [
    ["country", "2.5.4.6"],
    ["organization", "2.5.4.10"],
    ["organizationalUnit", "2.5.4.11"],
    ["locality", "2.5.4.7"],
    ["province", "2.5.4.8"],
    ["streetAddresses", "2.5.4.9"],
    ["postalCode", "2.5.4.17"],
    ["commonName", "2.5.4.3"],
    ["serialNumber", "2.5.4.5"],
    ["emailAddress", "1.2.840.113549.1.9.1"],
];

export function subjectOf(inputs: Properties): x509.Name {
    const subject = (inputs.subject ?? {}) as Properties;
    const parts: Record<string, x509.JsonAttributeObject[]>[] = [];
    for (const [property, attribute] of ATTRIBUTES) {
        const value = subject[property];
        if (value === undefined || value === null || value === "") continue;
        for (const text of Array.isArray(value) ? value : [value])
            parts.push({ [attribute]: [written(attribute, String(text))] });
    }
    return new x509.Name(parts);
}

/** A printable string wherever that can hold it, as Go writes it; an e-mail address is always an IA5 string. */
function written(attribute: string, text: string): x509.JsonAttributeObject {
    if (attribute === "1.2.840.113549.1.9.1") return { ia5String: text };
    return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? { printableString: text } : { utf8String: text };
}

/** The names beside the subject: DNS names, addresses, URIs. None: no extension. */
export function alternativeNamesOf(inputs: Properties): x509.JsonGeneralNames {
    const names = (property: string, type: x509.JsonGeneralName["type"]) =>
        ((inputs[property] ?? []) as string[]).map((value) => ({ type, value }));
    return [...names("dnsNames", "dns"), ...names("ipAddresses", "ip"), ...names("uris", "url")];
}

export function checkNames(inputs: Properties): CheckFailure[] {
    const { ipAddresses } = inputs;
    if (!Array.isArray(ipAddresses)) return [];
    return ipAddresses.flatMap((address, i) =>
        typeof address === "string" && !isIP(address)
            ? [
                  {
                      property: `ipAddresses[${i}]`,
                      reason: `is ${address}, which is no IP address, such as 10.0.0.1 or fd00::1`,
                  },
              ]
            : [],
    );
}
