import { platformNamespaces } from "../../../components/platform";
import { type Person, tenants } from "./people";
import type { AccessTable, Place } from "./table";

const PLATFORM = [...platformNamespaces.map(({ name }) => name), "kube-system"];
const OF_TENANTS = tenants.flatMap(({ namespaces }) => namespaces);

/** Every namespace in which anything is bound, and one in which nothing is. */
export const namespaces = [...OF_TENANTS, ...PLATFORM, "default"];

/** What docs/access.md says to a question. */
export function expected(
    table: AccessTable,
    { person, verb, resource, namespace }: { person: Person; verb: string; resource: string; namespace?: string },
): boolean {
    if (person.columns.includes("administrators")) return true;
    return tablesFor(person, namespace ?? "").some(([place, columns]) => table.allows(place, columns, resource, verb));
}

/** Every right that it gives a person in a namespace: `verb resource`. */
export function expectedRights(table: AccessTable, person: Person, namespace: string): Set<string> {
    return new Set(tablesFor(person, namespace).flatMap(([place, columns]) => table.rights(place, columns)));
}

/** Which tables hold in a namespace, and which of their columns are about this person. */
function tablesFor({ columns, own }: Person, namespace: string): [Place, string[]][] {
    const tables: [Place, string[]][] = [["everywhere", columns]];
    if (PLATFORM.includes(namespace)) tables.push(["platform namespaces", columns]);
    // In tenants' namespaces there are those who belong there, and whoever is on call.
    if (own.includes(namespace)) tables.push(["own namespaces", columns]);
    else if (OF_TENANTS.includes(namespace))
        tables.push(["own namespaces", columns.filter((column) => column === "onCall")]);
    return tables;
}
