import expected from "./expectedUndecided.json";

/**
 * A rule that a preview of the first deployment cannot decide, for a reason that is known and written down.
 * The list is `expectedUndecided.json`; whatever is undecided and not on it fails a rehearsal.
 */
export interface ExpectedUndecided {
    rule: string;
    /** Type of the resources that it is expected of. @default any */
    type?: string;
    /** Why it cannot be known in a preview, and who decides instead. */
    why: string;
}

export const expectedUndecided = (expected as { expected: ExpectedUndecided[] }).expected;
