import { gunzipSync } from "node:zlib";

/** What a machine finds in its user data: files by their path inside the bundle. */
export type Bundle = Map<string, Buffer>;

const BLOCK = 512;

/** A machine's user data taken apart: base64 of a POSIX tar, compressed by gzip or not. `undefined` where it is none. */
export function readBundle(userData: unknown): Bundle | undefined {
    if (typeof userData !== "string" || !/^[A-Za-z0-9+/=\s]+$/.test(userData)) return undefined;
    const data = Buffer.from(userData, "base64");
    if (data[0] !== 0x1f || data[1] !== 0x8b) return readTar(data);
    try {
        return readTar(gunzipSync(data));
    } catch {
        return undefined;
    }
}

/** Regular files of a tar; `undefined` where a header's checksum says that it is none. */
export function readTar(archive: Buffer): Bundle | undefined {
    const files: Bundle = new Map();
    let place = 0;
    while (place + BLOCK <= archive.length) {
        const header = archive.subarray(place, place + BLOCK);
        if (header.every((byte) => byte === 0)) return files;
        if (checksumOf(header) !== number(header, 148, 8)) return undefined;
        const size = number(header, 124, 12);
        const begin = place + BLOCK;
        if (!(size >= 0) || begin + size > archive.length) return undefined;
        const kind = header[156];
        const [name, prefix] = [text(header, 0, 100), text(header, 345, 155)];
        // "0", or nothing in archives of before POSIX
        if (kind === 0x30 || kind === 0) {
            const path = prefix ? `${prefix}/${name}` : name;
            files.set(path.replace(/^\.\//, ""), archive.subarray(begin, begin + size));
        }
        place = begin + Math.ceil(size / BLOCK) * BLOCK;
    }
    // Without its two closing blocks it was cut off.
    return undefined;
}

function text(header: Buffer, from: number, length: number): string {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

function number(header: Buffer, from: number, length: number): number {
    return Number.parseInt(text(header, from, length).trim(), 8);
}

/** The checksum counts its own field as blanks. */
function checksumOf(header: Buffer): number {
    return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
