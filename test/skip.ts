/** Where a reason for skipping is kept until the report: the test itself, or the suite whose hook skipped it. */
export interface Skippable {
    skipReason?: string;
    parent?: Skippable;
}

/**
 * Skips the running test, or from a `before` hook its whole suite, and says why: CI lists every skipped test with its reason.
 *
 * @example
 * before(function () {
 *     if (process.getuid?.() !== 0) skip(this, "network namespaces need root");
 * });
 */
export function skip(context: Mocha.Context, reason: string): never {
    const runnable = context.test as (Skippable & { type: string }) | undefined;
    const holder = runnable?.type === "hook" ? runnable.parent : runnable;
    if (holder) holder.skipReason = reason;
    return context.skip();
}
