/** `Map.groupBy`, which Node has from version 21 on. */
export function groupedBy<T, K>(list: readonly T[], keyOf: (element: T) => K): Map<K, T[]> {
    const groups = new Map<K, T[]>();
    for (const element of list) {
        const key = keyOf(element);
        const group = groups.get(key);
        if (group) group.push(element);
        else groups.set(key, [element]);
    }
    return groups;
}
