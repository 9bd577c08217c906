import type { Named } from "./kubernetesKinds";
import type { Judge } from "./rule";

/** Setting of a rule that a stack may have reasons to break somewhere. */
export function exceptions(what: string, usual: readonly string[] = []) {
    return {
        except: {
            type: "array" as const,
            items: { type: "string" as const },
            default: [...usual],
            description: `Names (\`metadata.name\`) of ${what} that it leaves alone: whole names, no patterns.`,
        },
    };
}

/** Asked last: what breaks no rule needs no exception, and a name may be unknown. */
export function isExcepted({ metadata }: Named, judge: Pick<Judge, "config">): boolean {
    const { except } = judge.config<{ except: readonly string[] }>();
    return except.length > 0 && except.includes(metadata?.name ?? "");
}
