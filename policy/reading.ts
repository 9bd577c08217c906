import { UnknownValueError } from "@pulumi/policy";

/**
 * Visits every element, also those after one that cannot be judged yet; then lets the engine know of the unknown. So an
 * unknown hides no violation that is already certain.
 */
export function each<T>(list: readonly T[] | null | undefined, visit: (element: T, index: number) => void): void {
    eachOf((list ?? []).length, (index) => visit(list![index], index));
}

/** Runs all of several facts, in the manner of {@link each}. */
export function allOf(...facts: (() => void)[]): void {
    eachOf(facts.length, (index) => facts[index]());
}

/** Whether some element is as asked for. A known one settles it; otherwise an unknown one leaves it open. */
export function some<T>(list: readonly T[] | null | undefined, wanted: (element: T) => boolean): boolean {
    let unknown: UnknownValueError | undefined;
    for (let index = 0; index < (list ?? []).length; index++) {
        try {
            if (wanted(list![index])) return true;
        } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
            unknown ??= error;
        }
    }
    if (unknown) throw unknown;
    return false;
}

/** Whether all of several facts hold. One that does not settles it; otherwise an unknown one leaves it open. */
export function holdTogether(...facts: (() => boolean)[]): boolean {
    return !some(facts, (fact) => !fact());
}

/** What is read where it is known: for an index, which is to hold what is known although something else is not. */
export function ifKnown<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch (error) {
        if (error instanceof UnknownValueError) return undefined;
        throw error;
    }
}

/**
 * Whether a reference is made at all. What it refers to is often unknown in a preview; that it refers to something is
 * not.
 */
export function refers(holder: object | null | undefined, property: string): boolean {
    if (!holder || !(property in holder)) return false;
    try {
        return Boolean((holder as Record<string, unknown>)[property]);
    } catch (error) {
        if (error instanceof UnknownValueError) return true;
        throw error;
    }
}

function eachOf(count: number, visit: (index: number) => void): void {
    let unknown: UnknownValueError | undefined;
    for (let index = 0; index < count; index++) {
        try {
            visit(index);
        } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
            unknown ??= error;
        }
    }
    if (unknown) throw unknown;
}
