import { createHash } from "node:crypto";

/** A GUID that is the same whenever it is made of the same words: IDs survive a refresh and a second rehearsal. */
export function guid(...words: string[]): string {
    const hex = createHash("sha256").update(words.join("\0").toLowerCase()).digest("hex");
    const variant = "89ab"[parseInt(hex[16], 16) % 4];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Lower-case hexadecimal digits that are the same for the same words. */
export function digits(length: number, ...words: string[]): string {
    return createHash("sha256").update(words.join("\0").toLowerCase()).digest("hex").slice(0, length);
}

/** Base64 that is the same for the same words, for what looks like a key and opens nothing. */
export function simulatedKey(bytes: number, ...words: string[]): string {
    const block = (index: number) =>
        createHash("sha512")
            .update([...words, "simulated", index].join("\0"))
            .digest();
    return Buffer.concat([block(0), block(1)])
        .subarray(0, bytes)
        .toString("base64");
}
