/** Address ranges from which anybody can come, whatever they are called. */
export function isAnybody(range: string): boolean {
    return ["*", "any", "internet"].includes(range.toLowerCase()) || isWide(range);
}

/** A range of a 256th of all addresses or more holds strangers: `0.0.0.0/0`, its two halves, `::/0`. */
export function isWide(range: string): boolean {
    const length = /\/(\d+)$/.exec(range)?.[1];
    return length !== undefined && Number(length) < 8;
}
