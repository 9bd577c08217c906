/** A boot that failed; the message is the line that the machine's script leaves on its console. */
export class BootError extends Error {
    constructor(step: string, what: string, mend: string) {
        super(`mainstay: FAILED ${step}: ${oneLine(what)}; ${mend}`);
    }
}

function oneLine(text: string): string {
    return text.trim().replace(/\s*\n\s*/g, " | ");
}
