import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until it holds.
 *
 * @param pause - milliseconds between an answer and the next question
 * @throws with what is said of it when it does not hold after that many seconds
 */
export async function until(
    holds: () => boolean | Promise<boolean>,
    seconds: number,
    otherwise: () => string | Promise<string>,
    pause = 50,
): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(await otherwise());
        await sleep(pause);
    }
}
