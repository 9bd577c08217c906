import assert from "node:assert/strict";
import { checkSettings, type Settings, SettingsError } from "../../settings";

/** The day on which all of these tests are run. */
export const today = "2026-06-15";

export function check(raw: Record<string, unknown>, names = { project: "mainstay", stack: "prod" }): Settings {
    return checkSettings(raw, names, today);
}

export function problemsOf(raw: Record<string, unknown>, names?: { project: string; stack: string }) {
    try {
        check(raw, names);
    } catch (error) {
        assert.ok(error instanceof SettingsError, String(error));
        return error.problems;
    }
    return [];
}

/** One slip, and what is said of it. */
export interface Case {
    what: string;
    spoil: (raw: any) => void;
    path: string;
    /** Part of the mend. */
    mend: RegExp;
    given?: string;
}

/** One test a case: good settings with that one slip, and one problem at its path. */
export function refuse(good: () => any, cases: Case[]): void {
    for (const { what, spoil, path, mend, given } of cases) {
        it(`${what}: refused at ${path}, with the mend`, () => {
            const raw = good();
            spoil(raw);
            const problems = problemsOf(raw);
            const found = problems.find((problem) => problem.path === path);
            assert.ok(found, `no problem at ${path}, but ${JSON.stringify(problems, null, 1)}`);
            assert.match(found.mend, mend);
            assert.ok(found.allowed.length > 0);
            if (given !== undefined) assert.equal(found.given, given);
            assert.equal(problems.length, 1, `one slip, one problem: ${JSON.stringify(problems, null, 1)}`);
        });
    }
}
