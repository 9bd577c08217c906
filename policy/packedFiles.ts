import { gunzipSync } from "node:zlib";

/** A file of what a machine is given, by its path in the archive; a text that is no archive has an empty path. */
export interface PackedFile {
    path: string;
    text: string;
}

/** Far more than Azure takes: so a bomb ends in an error and not in a full memory. */
const LARGEST = 32 * 1024 * 1024;

const unpacked = new Map<string, PackedFile[]>();

/**
 * What is in user data or custom data: base64 of a text, or of a tar, either compressed or not. Unpacked once, however many
 * rules ask.
 *
 * @returns the files; none where the data is something else
 */
export function filesOf(data: string | undefined): PackedFile[] {
    if (data === undefined) return [];
    const known = unpacked.get(data);
    if (known) return known;
    const files = unpack(Buffer.from(data, "base64"));
    unpacked.set(data, files);
    return files;
}

function unpack(content: Buffer): PackedFile[] {
    const plain = isGzip(content) ? decompress(content) : content;
    if (!plain) return [];
    return isTar(plain) ? readTar(plain) : [{ path: "", text: plain.toString("utf8") }];
}

export function isGzip(content: Buffer): boolean {
    return content[0] === 0x1f && content[1] === 0x8b;
}

/** Absent where it is broken, or larger than anything that a machine is given. */
export function decompress(content: Buffer): Buffer | undefined {
    try {
        return gunzipSync(content, { maxOutputLength: LARGEST });
    } catch {
        return undefined;
    }
}

const BLOCK = 512;

/** POSIX and GNU archives have their name in the first header. */
function isTar(content: Buffer): boolean {
    return content.length >= BLOCK && content.toString("latin1", 257, 262) === "ustar";
}

/** Plain files. A header's name and size are text, the size octal; contents are padded to whole blocks. */
function readTar(content: Buffer): PackedFile[] {
    const files: PackedFile[] = [];
    for (let at = 0; at + BLOCK <= content.length && content[at] !== 0;) {
        const field = (from: number, length: number) =>
            content.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "");
        const size = parseInt(field(124, 12).trim(), 8) || 0;
        const type = field(156, 1);
        const prefix = field(345, 155);
        const begin = at + BLOCK;
        if (type === "" || type === "0") {
            files.push({
                path: (prefix ? `${prefix}/` : "") + field(0, 100),
                text: content.toString("utf8", begin, begin + size),
            });
        }
        at = begin + Math.ceil(size / BLOCK) * BLOCK;
    }
    return files;
}
