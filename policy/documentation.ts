/** The edition of the checklist that the rules belong to. */
export const checklistVersion = "1";

/** Where a rule is explained; the page is written from the rules themselves. */
export function documentation(ruleName: string): string {
    return `docs/policies.md#${ruleName}`;
}
