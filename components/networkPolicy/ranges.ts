import { contains, parseRange } from "../network";
import type { Peer } from "./policy";

/** Address ranges that belong to the environment, as CIDRs. */
export interface Ranges {
    /** The virtual network: nodes, the API's frontend, private endpoints. */
    addressSpace: string;
    podCidr: string;
    serviceCidr: string;
}

/** The instance metadata service: it tells who asks the machine's own tokens. */
export const METADATA_SERVICE = "169.254.169.254";

/** Azure's agent on every machine, its name server, its probes; it hands out what a machine is set up with. */
export const WIRE_SERVER = "168.63.129.16";

/** The machine's own, link-local ones with the metadata service among them, and WireServer. */
const machines = ["127.0.0.0/8", "169.254.0.0/16", `${WIRE_SERVER}/32`];

/** Somebody's network, and never the internet's. */
const privateRanges = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

/** What no range of a tenant ever opens, whatever it says. */
export function reservedRanges({ addressSpace, podCidr, serviceCidr }: Ranges): string[] {
    return [...machines, addressSpace, podCidr, serviceCidr];
}

/**
 * A range of addresses outside of the cluster, without what is reserved in it. One that is wider than a private range means
 * the internet, and leaves private ranges out: whoever means somebody's network names that.
 *
 * @throws Error where nothing is left: settings refuse such a range, with the mend
 */
export function addressesOf(cidr: string, except: readonly string[], ranges: Ranges): Peer {
    const reserved = reservedRanges(ranges);
    const around = reserved.find((each) => holds(each, cidr));
    if (around) throw new Error(`${cidr} cannot be opened to pods: it is part of ${around}`);
    const inside = [...reserved, ...privateRanges].filter((each) => each !== cidr && holds(cidr, each));
    return { ipBlock: { cidr, except: [...new Set([...except, ...inside])] } };
}

/** The internet: every public address. */
export function internet(ranges: Ranges): Peer {
    return addressesOf("0.0.0.0/0", [], ranges);
}

function holds(outer: string, inner: string): boolean {
    return contains(parseRange(outer), parseRange(inner));
}
