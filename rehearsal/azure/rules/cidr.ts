import ipaddr from "ipaddr.js";

/** A range of addresses: first and last as numbers, IPv4 and IPv6 apart. */
export interface Cidr {
    text: string;
    family: "ipv4" | "ipv6";
    prefixLength: number;
    first: bigint;
    last: bigint;
}

/** Reads `10.0.0.0/16`. `undefined` where it is none; bits behind the prefix are left for {@link canonical} to tell. */
export function parseCidr(text: string): Cidr | undefined {
    if (!ipaddr.isValidCIDR(text) || (!text.includes(":") && text.split("/")[0].split(".").length !== 4))
        return undefined;
    const [address, prefixLength] = ipaddr.parseCIDR(text);
    const bytes = address.toByteArray();
    const bits = BigInt(bytes.length * 8);
    const hostBits = bits - BigInt(prefixLength);
    const first = (number(bytes) >> hostBits) << hostBits;
    return { text, family: address.kind(), prefixLength, first, last: first + (1n << hostBits) - 1n };
}

/** The same range without bits behind the prefix: `10.0.0.1/16` → `10.0.0.0/16`. */
export function canonical(text: string): string {
    const [address, prefixLength] = ipaddr.parseCIDR(text);
    const network =
        address.kind() === "ipv4"
            ? ipaddr.IPv4.networkAddressFromCIDR(text).toString()
            : ipaddr.IPv6.networkAddressFromCIDR(text).toString();
    return `${network}/${prefixLength}`;
}

export function contains(outer: Cidr, inner: Cidr): boolean {
    return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

export function overlap(a: Cidr, b: Cidr): boolean {
    return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Where an address is in a range, counted from its first; `undefined` outside of it. */
export function offsetIn(range: Cidr, address: string): bigint | undefined {
    if (!ipaddr.isValid(address)) return undefined;
    const parsed = ipaddr.parse(address);
    const value = number(parsed.toByteArray());
    return parsed.kind() === range.family && value >= range.first && value <= range.last
        ? value - range.first
        : undefined;
}

export function isAddress(text: string): boolean {
    return ipaddr.isValid(text) && (text.includes(":") || text.split(".").length === 4);
}

function number(bytes: number[]): bigint {
    return bytes.reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
}
