/** The known name that a misspelt one most probably means, if any is near enough to be worth naming. */
export function nearest(given: string, known: readonly string[]): string | undefined {
    const [best] = known
        .map((name) => ({ name, distance: slips(given.toLowerCase(), name.toLowerCase()) }))
        .sort((a, b) => a.distance - b.distance);
    const enough = best && best.distance <= Math.max(2, Math.floor(Math.max(given.length, best.name.length) / 2));
    return enough ? best.name : undefined;
}

/** A name that was left half-written, or written on, is one slip away, however long the rest is. */
function slips(given: string, name: string): number {
    const half = given.length > 2 && (name.startsWith(given) || given.startsWith(name));
    return half ? 1 : distance(given, name);
}

/** How many letters have to be put in, taken out, changed, or swapped with their neighbour. */
function distance(a: string, b: string): number {
    const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
    for (let j = 0; j <= b.length; j++) rows[0][j] = j;
    for (let i = 1; i <= a.length; i++) {
        for (let j = 1; j <= b.length; j++) {
            const change = a[i - 1] === b[j - 1] ? 0 : 1;
            rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
                rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
            }
        }
    }
    return rows[a.length][b.length];
}
