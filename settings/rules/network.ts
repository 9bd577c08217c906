import {
    addressAt,
    contains,
    overlap,
    parseAddress,
    parseRange,
    type Range,
} from "../../components/network/addressPlan";
import type { network } from "../network";
import { formatPath, type Path, type Problem } from "../problem";
import { type Part, problem } from "./part";
import { isPrivate, readRange } from "./ranges";

/** AKS keeps these for itself. */
const AKS_RESERVED = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];

/** Ranges nest, and do not overlap. */
export function addressRules(given: Part<typeof network>): Problem[] {
    if (!given) return [];
    const problems: Problem[] = [];
    const ranges: { path: Path; cidr: string; range: Range }[] = [];
    const read = (path: Path, cidr: string) => {
        const result = readRange(path, cidr);
        if ("wrong" in result) problems.push(result.wrong);
        else ranges.push({ path, cidr, range: result.range });
    };
    read(["network", "addressSpace"], given.addressSpace);
    read(["network", "podCidr"], given.podCidr);
    read(["network", "serviceCidr"], given.serviceCidr);
    const ours = [...ranges];
    given.elsewhere.forEach((cidr, index) => read(["network", "elsewhere", index], cidr));
    read(["network", "runners", "addressSpace"], given.runners.addressSpace);
    const others = ranges.slice(ours.length);

    for (const [index, one] of ours.entries()) {
        for (const other of [...ours.slice(index + 1), ...others]) {
            if (!overlap(one.range, other.range)) continue;
            const [wrong, right] = others.includes(other) ? [one, other] : [other, one];
            problems.push(
                problem(
                    wrong.path,
                    wrong.cidr,
                    `a range apart from ${formatPath(right.path)} (${right.cidr})`,
                    `choose a range that does not overlap ${right.cidr}`,
                ),
            );
        }
        const reserved = AKS_RESERVED.find((cidr) => overlap(one.range, parseRange(cidr)));
        if (reserved) {
            problems.push(
                problem(
                    one.path,
                    one.cidr,
                    `a range apart from ${reserved}, which AKS keeps for itself`,
                    `choose a range that does not overlap ${reserved}`,
                ),
            );
        }
        if (!isPrivate(one.range)) {
            problems.push(
                problem(
                    one.path,
                    one.cidr,
                    "a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
                    "choose a private range",
                ),
            );
        }
    }
    problems.push(
        ...prefixRule(given.addressSpace, ["network", "addressSpace"], 12, 22),
        ...prefixRule(given.serviceCidr, ["network", "serviceCidr"], 12, 24),
        ...prefixRule(given.podCidr, ["network", "podCidr"], 9, 20),
    );
    const services = ours.find(({ path }) => path[1] === "serviceCidr")?.range;
    if (services && given.dnsServiceIP) {
        const dns = parseAddress(given.dnsServiceIP);
        const place = dns.first - services.first;
        // The first is the API's Service, the last the broadcast address.
        if (!contains(services, dns) || place < 2 || place === services.size - 1) {
            problems.push(
                problem(
                    ["network", "dnsServiceIP"],
                    given.dnsServiceIP,
                    `an address inside serviceCidr (${given.serviceCidr}), not its first two nor its last`,
                    `set it to ${addressAt(services, 10)} or leave it out`,
                ),
            );
        }
    }
    return problems;
}

function prefixRule(cidr: string, path: Path, widest: number, narrowest: number): Problem[] {
    const prefix = Number(cidr.split("/")[1]);
    if (prefix >= widest && prefix <= narrowest) return [];
    return [
        problem(
            path,
            cidr,
            `a range from /${widest} to /${narrowest}`,
            `use a prefix of /${prefix < widest ? widest : narrowest}`,
        ),
    ];
}

/** Openings name what they open. */
export function openingRules(given: Part<typeof network>): Problem[] {
    if (!given) return [];
    const problems: Problem[] = [];
    const names = new Set<string>();
    given.openings.forEach((opening, index) => {
        const path = ["network", "openings", index];
        const key = `${opening.direction} ${opening.name}`;
        if (names.has(key)) {
            problems.push(
                problem(
                    [...path, "name"],
                    opening.name,
                    "a name that no other opening of this direction has",
                    "rename it",
                ),
            );
        }
        names.add(key);
        opening.ports.forEach((port, place) => {
            if (port === "*") return;
            const [first, last = first] = port.split("-").map(Number);
            if (first > last || last > 65535) {
                problems.push(
                    problem(
                        [...path, "ports", place],
                        port,
                        "ports from 0 to 65535, the smaller one first",
                        "mend the range",
                    ),
                );
            }
        });
        const wide = ["Internet", "0.0.0.0/0"].includes(opening.peer);
        if (wide && opening.direction === "inbound" && opening.ports.includes("*")) {
            problems.push(
                problem(
                    [...path, "ports"],
                    opening.ports,
                    "named ports, where the other side is the whole internet",
                    'name the ports, such as ["443"]',
                ),
            );
        }
    });
    return problems;
}
