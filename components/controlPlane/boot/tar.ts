/** A file of a bundle. */
export interface TarEntry {
    path: string;
    content: Buffer;
    /** Scripts are run, so they need their bit. */
    executable: boolean;
}

const BLOCK = 512;

/**
 * A POSIX (ustar) archive in which nothing depends on where or when it was made: sorted paths, no times, root as owner.
 *
 * @throws when a path has more than 100 bytes; the format's way round that is not needed here
 */
export function writeTar(entries: TarEntry[]): Buffer {
    const blocks: Buffer[] = [];
    for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
        blocks.push(header(entry), entry.content, padding(entry.content.length));
    }
    return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** Path to content, of every regular file in the archive. */
export function readTar(archive: Buffer): Record<string, string> {
    const files: Record<string, string> = {};
    for (let at = 0; archive[at];) {
        const text = (from: number, length: number) =>
            archive.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
        const size = parseInt(text(124, 12), 8);
        files[text(0, 100)] = archive.toString("utf8", at + BLOCK, at + BLOCK + size);
        at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
    return files;
}

function header({ path, content, executable }: TarEntry): Buffer {
    const block = Buffer.alloc(BLOCK);
    if (Buffer.byteLength(path) > 100) throw new Error(`${path}: a path in a bundle has at most 100 bytes`);
    const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, "0") + "\0";
    block.write(path, 0);
    block.write(octal(executable ? 0o755 : 0o644, 8), 100);
    block.write(octal(0, 8), 108);
    block.write(octal(0, 8), 116);
    block.write(octal(content.length, 12), 124);
    block.write(octal(0, 12), 136);
    // The checksum is counted over the header with blanks in the checksum's own place.
    block.write(" ".repeat(8), 148);
    block.write("0", 156);
    block.write("ustar\u000000", 257, "latin1");
    block.write("root", 265);
    block.write("root", 297);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(octal(sum, 7) + " ", 148);
    return block;
}

function padding(length: number): Buffer {
    return Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);
}
