import type { PlatformGroups } from "../../../components/groupRbac";
import { tenant } from "../../unit/tenant";

const group = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export const platformGroups: PlatformGroups = {
    administrators: [group(1)],
    operators: [group(2)],
    onCall: [group(3)],
    auditors: [group(4)],
};

/** One as the settings make it by default; one whose developers may go into pods, and some of whom read Secrets. */
export const tenants = [
    tenant("shop", {
        namespaces: ["shop", "shop-jobs"],
        groups: {
            administrators: [group(11)],
            developers: [group(12)],
            viewers: [group(13)],
            secretReaders: [group(14)],
        },
    }),
    tenant("payments", {
        exec: true,
        groups: {
            administrators: [group(21)],
            developers: [group(22), group(25)],
            viewers: [group(23)],
            secretReaders: [group(24), group(25)],
        },
    }),
];

/** Whom a request comes from, as the API server knows them. */
export interface Person {
    /** In findings. */
    name: string;
    user: string;
    groups: string[];
    /** Columns of docs/access.md that are about this person. */
    columns: string[];
    /** Namespaces that are the team's own. */
    own: string[];
}

const SIGNED_IN = "system:authenticated";
const EVERYBODY = "anybody signed in";

function person(name: string, columns: string[], groups: string[], own: string[] = []): Person {
    return {
        name,
        user: `entra:${name.replaceAll(" ", "-")}`,
        groups: [...groups, SIGNED_IN],
        columns: [EVERYBODY, ...columns],
        own,
    };
}

const shop = ["shop", "shop-jobs"];
const payments = ["payments"];

/** Every role there is, and those who have none. */
export const people: Person[] = [
    person("administrators", ["administrators"], [group(1)]),
    person("operators", ["operators"], [group(2)]),
    person("onCall", ["onCall"], [group(3)]),
    person("auditors", ["auditors"], [group(4)]),
    person("shop's administrators", ["tenant administrators"], [group(11)], shop),
    person("shop's developers", ["developers"], [group(12)], shop),
    person("shop's viewers", ["viewers"], [group(13)], shop),
    person("shop's secretReaders", ["secretReaders"], [group(14)], shop),
    person("payments' developers", ["developers", "developers with exec"], [group(22)], payments),
    person(
        "payments' developers and secretReaders",
        ["developers", "developers with exec", "secretReaders", "developers and secretReaders"],
        [group(25)],
        payments,
    ),
    person("a group without a role", [], [group(99)]),
    person("nobody's member", [], []),
    {
        name: "the default account of shop",
        user: "system:serviceaccount:shop:default",
        groups: ["system:serviceaccounts", "system:serviceaccounts:shop", SIGNED_IN],
        columns: [EVERYBODY, "service accounts"],
        own: [],
    },
];

/** By name. */
export function personOf(name: string): Person {
    const found = people.find((one) => one.name === name);
    if (!found) throw new Error(`nobody is called ${name}`);
    return found;
}
