/** Where the SDK keeps the function; its callers reach it through this module's exports, at every call. */
const INTERNAL = "@pulumi/pulumi/runtime/debuggable";

type DebuggablePromise = (promise: Promise<unknown>, context?: unknown) => Promise<unknown>;

/**
 * Lets the SDK's `debuggablePromise` take no stack trace.
 *
 * It notes one for each of some ten promises a resource, which is shown only if the promise is still open when the
 * program ends and PULUMI_DEBUG_PROMISE_LEAKS is set (then nothing is changed here). Reading it has every frame
 * mapped back to TypeScript: most of a large preview. Nothing else is created inside that call, so the limit set there
 * reaches no error of a user, whose stack traces keep their length, file and line.
 *
 * This patches an internal of an SDK that is pinned exactly. Where it has moved, nothing is patched and all is slow but
 * right; `test/rehearsal/lean*.test.ts` is what notices.
 */
export function stopPromiseStackTraces(): void {
    if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
    const internal = requireIfThere(INTERNAL);
    const original = internal?.debuggablePromise;
    if (typeof original !== "function") return;

    const withoutStackTrace: DebuggablePromise = (promise, context) => {
        const limit = Error.stackTraceLimit;
        Error.stackTraceLimit = 0;
        try {
            return (original as DebuggablePromise)(promise, context);
        } finally {
            Error.stackTraceLimit = limit;
        }
    };
    try {
        internal!.debuggablePromise = withoutStackTrace;
    } catch {
        // Read-only exports: an SDK of another make.
    }
}

function requireIfThere(module: string): Record<string, unknown> | undefined {
    try {
        return require(module);
    } catch {
        return undefined;
    }
}
