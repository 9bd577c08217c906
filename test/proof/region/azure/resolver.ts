import { type Child, startChild } from "./child";
import type { Endpoint, NameRecord } from "./names";

/** Where every virtual network of Azure has its resolver. */
export const resolverAddress = "168.63.129.16";

/**
 * dnsmasq's arguments: it knows the program's names and nothing else, and says so at once.
 *
 * A service with a private endpoint is found as in Azure: its public name is an alias of the one in the private zone.
 */
export function resolverArguments(endpoints: Endpoint[], records: NameRecord[]): string[] {
    const inPublic = endpoints.filter((one) => one.isPublic).map(({ host, address }) => ({ name: host, address }));
    const inPrivate = endpoints.filter((one) => one.privateName !== undefined);
    return [
        "--no-daemon",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
        "--bind-interfaces",
        `--listen-address=${resolverAddress}`,
        // An answer of "no such name" for everything else; without it, dnsmasq refuses, and resolvers ask again.
        "--address=/#/",
        ...[...records, ...inPublic].map(({ name, address }) => `--host-record=${name},${address}`),
        ...inPrivate.flatMap(({ host, privateName, address }) => [
            `--host-record=${privateName},${address}`,
            `--cname=${host},${privateName}`,
        ]),
    ];
}

export function startResolver(endpoints: Endpoint[], records: NameRecord[]): Promise<Child> {
    return startChild("dnsmasq", resolverArguments(endpoints, records), {}, (said) =>
        said.includes("started, version"),
    );
}
