import type { ControlPlaneSettings } from "../settings/controlPlane";

/** What an operation changes in `mainstay:controlPlane`, and what people should know of it. */
export interface Step {
    /** Completes “now: …”. */
    what: string;
    /** Path inside `mainstay:controlPlane`. */
    path: string[];
    value: unknown;
    /** What has to hold before the next step, where there is one. */
    before?: string;
    /** Whether every Secret has to be written again before the next step: what an old key encrypted nobody reads without it. */
    rewriteSecrets?: boolean;
}

/** Settings that operations read. */
export type OperatedSettings = Pick<ControlPlaneSettings, "machines" | "generations" | "certificates">;

/** Keys of which two are trusted while one takes over from the other. */
export const rotating = ["authorities", "encryptionKeys", "serviceAccountKeys"] as const;
export type Rotating = (typeof rotating)[number];

/**
 * Replaces control-plane machines, one an update.
 *
 * All of them come to the same generation: the highest there is, or one more where they are equal already. So a roll that
 * was cut off goes on with those that are behind.
 *
 * @param machine - this one alone, whatever the others' generations
 */
export function rollSteps({ machines, generations }: OperatedSettings, machine?: number): Step[] {
    const of = (number: number) => generations[String(number)] ?? 1;
    const all = Array.from({ length: machines }, (_, index) => index + 1);
    const step = (number: number, generation: number): Step => ({
        what: `machine ${number} is replaced (generation ${of(number)} → ${generation})`,
        path: ["generations", String(number)],
        value: generation,
    });
    if (machine !== undefined) return [step(machine, of(machine) + 1)];
    const highest = Math.max(...all.map(of));
    const target = all.every((number) => of(number) === highest) ? highest + 1 : highest;
    return all.filter((number) => of(number) < target).map((number) => step(number, target));
}

/** How one knows that everybody knows the new key. */
const TRUSTED: Record<Rotating, string> = {
    authorities: "every node has the new bundle: all worker scale sets are on their latest model",
    encryptionKeys: "this update has ended: every API server has both keys",
    serviceAccountKeys: "this update has ended, and whoever keeps the issuer's documents has read them again: a day",
};

/** How one knows that nobody needs the old key any more. */
const TAKEN_OVER: Record<Rotating, string> = {
    authorities:
        "every certificate is of the new authority: kubeconfigs were handed out again, kubelets have renewed theirs (kubectl get csr), workers were replaced",
    encryptionKeys:
        "every Secret was written again: kubectl get secrets --all-namespaces -o json | kubectl replace -f -",
    serviceAccountKeys:
        "every token of the old key has expired: an hour after this update, pods get theirs renewed by then",
};

/**
 * What is left of a rotation. It goes from what the settings say: `[1]` → `[1, 2]` → `[2, 1]` → `[2]`. The first number is
 * used, all are trusted, so in no step does anybody meet a key that he does not know.
 */
export function rotateSteps({ certificates }: OperatedSettings, of: Rotating): Step[] {
    const path = ["certificates", of];
    const numbers = certificates[of];
    const [older, newer] = numbers.length === 1 ? [numbers[0], numbers[0] + 1] : [...numbers].sort((a, b) => a - b);
    const steps: Step[] = [
        {
            what: `${of} ${older} → ${older}, ${newer}: the new one is trusted, the old one still used`,
            path,
            value: [older, newer],
            before: TRUSTED[of],
        },
        {
            what: `${of} ${older}, ${newer} → ${newer}, ${older}: the new one is used, the old one still trusted`,
            path,
            value: [newer, older],
            before: TAKEN_OVER[of],
            rewriteSecrets: of === "encryptionKeys",
        },
        { what: `${of} ${newer}, ${older} → ${newer}: the old one is trusted no longer`, path, value: [newer] },
    ];
    // The greater of two numbers came later.
    const done = numbers.length === 1 ? 0 : numbers[0] === older ? 1 : 2;
    return steps.slice(done);
}

/** A new administrator certificate. The old one is signed by the same authority: it lives until it expires, or the authority goes. */
export function administratorStep({ certificates }: OperatedSettings): Step {
    return {
        what: `administrator certificate ${certificates.administrator} → ${certificates.administrator + 1}`,
        path: ["certificates", "administrator"],
        value: certificates.administrator + 1,
    };
}
