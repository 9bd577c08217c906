import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { isAddress, parseCidr } from "./cidr";
import { distinctNames, within } from "./limits";
import { objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

/** Rules of a security group: priorities, ports and addresses. */
export const securityGroup: Rule = function* ({ inputs }) {
    const rules = objectsAt(inputs, "securityRules");
    yield* distinctNames(inputs, "securityRules");
    const seen: { where: string; rule: Properties }[] = [];
    for (const [index, rule] of rules.entries()) {
        yield* securityRuleItself(rule, `securityRules[${index}].`);
        yield* samePriority(rule, seen, `securityRules[${index}].`);
        seen.push({ where: textAt(rule, "name") ?? `securityRules[${index}]`, rule });
    }
};

/** A rule made on its own, among those that its group has already. */
export const securityRule: Rule = function* ({ inputs, id, cloud }) {
    yield* securityRuleItself(inputs, "");
    const groupId = id?.split("/").slice(0, -2).join("/");
    if (!groupId) return;
    const inline = objectsAt(cloud.inputs(groupId), "securityRules").map((rule) => ({
        where: textAt(rule, "name") ?? "",
        rule,
    }));
    const own = cloud
        .siblings("Microsoft.Network/networkSecurityGroups/securityRules", `${groupId}/securityRules/`)
        .filter((other) => !sameId(other.id, id!))
        .map((other) => ({ where: other.id.split("/").at(-1)!, rule: other.inputs }));
    const name = id!.split("/").at(-1)!.toLowerCase();
    yield* samePriority(
        inputs,
        [...inline, ...own].filter(({ where }) => where.toLowerCase() !== name),
        "",
    );
};

function* samePriority(
    rule: Properties,
    others: readonly { where: string; rule: Properties }[],
    base: string,
): Generator<CheckFailure> {
    const other = others.find((one) => one.rule.priority === rule.priority && one.rule.direction === rule.direction);
    if (other && typeof rule.priority === "number" && typeof rule.direction === "string") {
        yield refuse(
            `${base}priority`,
            `\`${base}priority\` ${rule.priority} is that of rule '${other.where}', too: ${rule.direction} rules of a group need different ones.`,
            "SecurityRuleConflict",
        );
    }
}

function* securityRuleItself(rule: Properties, base: string): Generator<CheckFailure> {
    yield* within(rule, "priority", 100, 4096, base);
    for (const side of ["source", "destination"]) {
        for (const kind of ["AddressPrefix", "PortRange"]) {
            const single = `${side}${kind}`;
            const several = kind === "PortRange" ? `${side}PortRanges` : `${side}AddressPrefixes`;
            const groups = `${side}ApplicationSecurityGroups`;
            const hasGroups =
                kind === "AddressPrefix" && Array.isArray(rule[groups]) && (rule[groups] as unknown[]).length > 0;
            const has = [
                rule[single] !== undefined && rule[single] !== "",
                Array.isArray(rule[several]) && rule[several].length > 0,
                hasGroups,
            ];
            if (has.filter(Boolean).length === 0) {
                yield refuse(
                    `${base}${single}`,
                    `\`${base}${single}\` is missing: give it, or ${several}${kind === "AddressPrefix" ? `, or ${groups}` : ""}.`,
                    "SecurityRuleParameterMissing",
                );
            }
            if (has[0] && has[1]) {
                yield refuse(
                    `${base}${several}`,
                    `\`${base}${several}\` cannot be given together with ${single}.`,
                    "SecurityRuleParameterConflict",
                );
            }
            const values: [string, string][] = textsAt(rule, several).map((text, index) => [
                `${base}${several}[${index}]`,
                text,
            ]);
            const one = textAt(rule, single);
            if (one) values.push([`${base}${single}`, one]);
            for (const [path, text] of values) {
                const wrong = kind === "PortRange" ? !isPortRange(text) : !isAddressPrefix(text);
                if (wrong && text !== "") {
                    const wanted =
                        kind === "PortRange"
                            ? "a port, a range such as 8000-8080, or *"
                            : "an address, an address range, a service tag such as VirtualNetwork, or *";
                    yield refuse(
                        path,
                        `\`${path}\` must be ${wanted}, but ${JSON.stringify(text)} was given.`,
                        kind === "PortRange" ? "SecurityRuleInvalidPortRange" : "SecurityRuleInvalidAddressPrefix",
                    );
                }
            }
        }
    }
}

function isPortRange(text: string): boolean {
    if (text === "*") return true;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    return match !== null && from <= to && to <= 65_535;
}

function isAddressPrefix(text: string): boolean {
    // Service tags begin with a letter: AzureLoadBalancer, Storage.WestEurope.
    return text === "*" || parseCidr(text) !== undefined || isAddress(text) || /^[A-Za-z][A-Za-z0-9.]*$/.test(text);
}
