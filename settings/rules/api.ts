import type { api } from "../cluster";
import type { Problem } from "../problem";
import { type Part, problem } from "./part";
import { isPrivate, readRange } from "./ranges";

/** A private API and authorised ranges exclude each other; one of the two it has to be. */
export function apiRules(given: Part<typeof api>): Problem[] {
    if (!given) return [];
    const path = ["cluster", "api", "authorizedRanges"];
    if (given.private) {
        if (given.authorizedRanges.length === 0) return [];
        return [
            problem(
                path,
                given.authorizedRanges,
                "nothing while cluster.api.private is true: a private API has no public address to authorise anyone for",
                "remove authorizedRanges, or set cluster.api.private to false",
            ),
        ];
    }
    if (given.authorizedRanges.length === 0) {
        return [
            problem(
                path,
                given.authorizedRanges,
                "at least one range while cluster.api.private is false: a public API is for named ranges only",
                "name the ranges of those who use the API, or set cluster.api.private to true",
            ),
        ];
    }
    return given.authorizedRanges.flatMap((cidr, index) => {
        const result = readRange([...path, index], cidr);
        if ("wrong" in result) return [result.wrong];
        const { range } = result;
        if (range.size >= 2 ** 16 * 256) {
            return [
                problem(
                    [...path, index],
                    cidr,
                    "ranges of /9 or narrower: wider ones authorise half the internet",
                    "name the ranges that are yours",
                ),
            ];
        }
        if (isPrivate(range)) {
            return [
                problem(
                    [...path, index],
                    cidr,
                    "public ranges: a public API never sees a private address",
                    "give the public addresses that those clients go out by",
                ),
            ];
        }
        return [];
    });
}
