import type { Egress } from "../tenants";
import { ciliumTcp, clusterDns } from "./peers";
import type { CiliumSpec, DnsName } from "./policy";

/** Where the cluster's own names end. CoreDNS answers them itself: whatever is asked below it leaves the cluster no further. */
const CLUSTER_DOMAIN = "cluster.local";

/**
 * The most labels in front of it: a name of five, which has the four dots up to which a resolver tries its search list
 * first, and the namespace's part of that list, `NAMESPACE.svc`.
 */
const CLUSTER_LABELS = 7;

/** The last entry of the search list, which a pod has from its node: Azure's own for a virtual network. */
const AZURE_SEARCH_DOMAIN = "*.*.internal.cloudapp.net";

/**
 * The way to addresses that are known by name only, in Cilium's words.
 *
 * A name opens the addresses that the cluster's DNS gave this pod for it, so a proxy has to see the pod's questions; what it
 * is not told to let through, it refuses. Each name is therefore told as resolvers ask it: as it is, and with what the
 * search list adds. `*` alone, which would let every question through, is not to be had on AKS, and would be a way out for
 * data. `*` means one label's characters.
 */
export function egressByName(names: Egress["names"]): NonNullable<CiliumSpec["egress"]> {
    if (names.length === 0) return [];
    const questions = [
        ...new Set(names.flatMap(({ name }) => [name, `${name}.${AZURE_SEARCH_DOMAIN}`])),
        ...Array.from({ length: CLUSTER_LABELS }, (_, index) => `${"*.".repeat(index + 1)}${CLUSTER_DOMAIN}`),
    ];
    const dns = {
        toEndpoints: [clusterDns.ciliumSelector],
        toPorts: [{ ports: [{ port: "53", protocol: "ANY" as const }], rules: { dns: questions.map(dnsName) } }],
    };
    const destinations = names.map(({ name, ports }) => ({
        toFQDNs: [dnsName(name)],
        ...(ports.length > 0 && { toPorts: ciliumTcp(ports) }),
    }));
    return [dns, ...destinations];
}

function dnsName(name: string): DnsName {
    return name.includes("*") ? { matchPattern: name } : { matchName: name };
}
