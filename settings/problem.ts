/** One thing that is wrong with a stack's settings, for the person who has to mend it. */
export interface Problem {
    /** Where, as in the stack file: `mainstay:cluster.userPools[0].size`. */
    path: string;
    /** What stands there, as the file would show it. */
    given: string;
    /** What may stand there. */
    allowed: string;
    /** What to do. */
    mend: string;
}

export type Path = readonly (string | number)[];

/** Writes a path as people read it in the stack file. */
export function formatPath(path: Path): string {
    const [head, ...rest] = path;
    const tail = rest.map((part) => {
        if (typeof part === "number") return `[${part}]`;
        return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
    });
    return ["mainstay:", head === undefined ? "" : String(head), ...tail].join("");
}

/** Writes a value as it was given, shortened. */
export function formatValue(value: unknown): string {
    if (value === undefined) return "nothing";
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** All problems of a stack's settings, in one message. */
export function formatProblems(stack: string, problems: readonly Problem[]): string {
    const count = problems.length === 1 ? "1 setting" : `${problems.length} settings`;
    const list = problems.map(
        ({ path, given, allowed, mend }) =>
            `  ${path}\n      given    ${given}\n      allowed  ${allowed}\n      mend     ${mend}`,
    );
    return `${count} of stack ${stack} cannot be used. Nothing was deployed.\n\n${list.join("\n\n")}\n`;
}
