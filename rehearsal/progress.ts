/** One named step: begun, said what it waits for, ended once. */
export interface Step {
    /** What is being waited for now, such as `building etcd from its Go module, usually 30 s`. */
    awaiting(what: string): void;
    /** Ends the step; `result` follows its name. */
    done(result?: string): void;
    failed(reason: string): void;
}

export interface Progress {
    step(name: string): Step;
    /** Something worth a line of its own. */
    note(text: string): void;
}

/** Where steps are shown; a terminal is told by `isTTY`. */
export interface Display {
    write(text: string): unknown;
    isTTY?: boolean;
    columns?: number;
}

/** A display that is not a terminal is told that a step still runs after 2 s, and then every 20 s. */
const firstReminderMs = 2_000;
const reminderMs = 20_000;
const redrawMs = 200;

/** `2:13`; hours are not expected. */
export function elapsed(milliseconds: number): string {
    const seconds = Math.floor(milliseconds / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `0.4 s`, `12 s`, `2:13`. */
export function duration(milliseconds: number): string {
    if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
    return milliseconds < 60_000 ? `${Math.round(milliseconds / 1000)} s` : elapsed(milliseconds);
}

interface Running {
    name: string;
    began: number;
    reminded: number;
    what: string;
}

/**
 * Shows steps as they go: on a terminal one moving line for what runs and a line for each that ended, elsewhere plain lines.
 *
 * @param display standard error by default, so that a command's own output stays clean
 */
export function createProgress(display: Display = process.stderr): Progress {
    const running: Running[] = [];
    let timer: NodeJS.Timeout | undefined;

    const describe = (step: Running): string =>
        `${step.name}${step.what ? `: ${step.what}` : ""}: ${elapsed(Date.now() - step.began)}`;

    function line(text: string): void {
        display.write(display.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
    }

    function tick(): void {
        if (display.isTTY) {
            const newest = running.at(-1);
            if (newest) display.write(`\r\x1b[K… ${describe(newest)}`.slice(0, (display.columns ?? 80) + 3));
            return;
        }
        for (const step of running) {
            if (Date.now() < step.reminded) continue;
            step.reminded = Date.now() + reminderMs;
            line(`… ${describe(step)}`);
        }
    }

    function step(name: string): Step {
        const self: Running = { name, began: Date.now(), reminded: Date.now() + firstReminderMs, what: "" };
        running.push(self);
        timer ??= setInterval(tick, redrawMs);
        // Waiting for a step must not keep a process alive that has nothing else to do.
        timer.unref();

        function end(text: string): void {
            const place = running.indexOf(self);
            if (place < 0) return;
            running.splice(place, 1);
            if (running.length === 0) {
                clearInterval(timer);
                timer = undefined;
            }
            line(`${text}  ${duration(Date.now() - self.began)}`);
        }
        return {
            awaiting(what) {
                self.what = what;
            },
            done: (result) => end(`✓ ${name}${result ? `: ${result}` : ""}`),
            failed: (reason) => end(`✗ ${name}: ${reason}`),
        };
    }
    return { step, note: (text) => line(`  ${text}`) };
}

/** For callers that nobody watches. */
export const silentProgress: Progress = {
    step: () => ({ awaiting() {}, done() {}, failed() {} }),
    note() {},
};
