import type { tags, zones } from "../environment";
import type { Problem } from "../problem";
import { type Part, problem } from "./part";

export function zoneRules(given: Part<typeof zones>): Problem[] {
    if (!given || new Set(given).size === given.length) return [];
    return [problem(["zones"], given, "different zones", "name each zone once")];
}

const OWN_TAGS = ["owner", "environment", "project", "managed-by"];

export function tagRules(given: Part<typeof tags>): Problem[] {
    if (!given) return [];
    const taken = Object.keys(given)
        .filter((tag) => OWN_TAGS.includes(tag.toLowerCase()))
        .map((tag) =>
            problem(
                ["tags", tag],
                given[tag],
                `tags other than ${OWN_TAGS.join(", ")}, which the program sets`,
                tag.toLowerCase() === "owner" ? "remove it and set mainstay:owner" : "remove it",
            ),
        );
    const room = 50 - OWN_TAGS.length;
    const many =
        Object.keys(given).length > room
            ? [
                  problem(
                      ["tags"],
                      `${Object.keys(given).length} tags`,
                      `at most ${room} tags: Azure takes 50, four are set already`,
                      "remove some",
                  ),
              ]
            : [];
    return [...taken, ...many];
}
