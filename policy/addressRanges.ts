/** Address ranges from which anybody can come, whatever they are called: whoever has a machine in Azure comes from AzureCloud. */
export function isAnybody(range: string): boolean {
    return /^(?:\*|any|internet|azurecloud(?:\..+)?)$/i.test(range) || isWide(range);
}

/** A range of a 256th of all addresses or more holds strangers: `0.0.0.0/0`, its two halves, `::/0`. */
export function isWide(range: string): boolean {
    const length = /\/(\d+)$/.exec(range)?.[1];
    return length !== undefined && Number(length) < 8;
}

/** Whether all addresses of a range are in another one. Of what is no IPv4 range only that it is the same. */
export function isInside(inner: string, outer: string): boolean {
    const [a, b] = [parsed(inner), parsed(outer)];
    if (!a || !b) return inner.toLowerCase() === outer.toLowerCase();
    return b.first <= a.first && a.last <= b.last;
}

/** Whether ranges have an address in common. Of what is no IPv4 range that is not known: so it counts. */
export function overlaps(one: string, other: string): boolean {
    const [a, b] = [parsed(one), parsed(other)];
    return !a || !b || (a.first <= b.last && b.first <= a.last);
}

function parsed(range: string): { first: number; last: number } | undefined {
    const [, address, length = "32"] = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/.exec(range) ?? [];
    if (address === undefined) return undefined;
    const size = 2 ** (32 - Number(length));
    const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    const first = Math.floor(number / size) * size;
    return { first, last: first + size - 1 };
}
