const hexadecimal = /^[0-9a-f]{64}$/i;

interface GithubRelease {
    assets?: { name: string; digest?: string | null }[];
}

/** Finds one file's SHA-256 in what its publisher gives: a bare one, lines `<sha256>  <name>`, or GitHub's release. */
export function checksumFor(fileName: string, published: string): string | undefined {
    const text = published.trim();
    if (hexadecimal.test(text)) return text.toLowerCase();
    if (text.startsWith("{")) {
        const release = JSON.parse(text) as GithubRelease;
        const digest = release.assets?.find((asset) => asset.name === fileName)?.digest;
        return digest?.startsWith("sha256:") ? digest.slice("sha256:".length).toLowerCase() : undefined;
    }
    for (const line of text.split("\n")) {
        // Some mark a name as binary by `*` or lead it with a folder.
        const [sum, name] = line.trim().split(/\s+\*?/);
        if (name?.replace(/^.*\//, "") === fileName && hexadecimal.test(sum)) return sum.toLowerCase();
    }
    return undefined;
}
