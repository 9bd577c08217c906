/** Flags of a component, without dashes. A flag that is undefined is left out. */
export type Flags = Record<string, string | number | boolean | string[] | undefined>;

/** As kubeadm's configuration wants them since v1beta4. */
export function extraArgs(flags: Flags): { name: string; value: string }[] {
    return Object.entries(flags).flatMap(([name, value]) =>
        value === undefined ? [] : [{ name, value: Array.isArray(value) ? value.join(",") : String(value) }],
    );
}
