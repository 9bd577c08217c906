import ipaddr from "ipaddr.js";

/** A range of IPv4 addresses: the first one as a number, and how many. */
export interface Range {
    first: number;
    size: number;
}

/** Subnets of the virtual network, as CIDRs. */
export interface AddressPlan {
    addressSpace: string;
    /** AKS: nodes of the system pool, of all zones. */
    system: string;
    /** Self-managed: the frontend of the API's internal load balancer. A quarter of what is the system pool's on AKS. */
    api: string;
    /** Self-managed: machines of the control plane, keyed by zone. The other quarters. */
    controlPlane: Record<string, string>;
    /** Nodes of the user pools; with a self-managed cluster, of all pools. Keyed by zone. */
    zones: Record<string, string>;
    /** Private endpoints of storage accounts, key vaults and the like. */
    endpoints: string;
}

/** Azure takes five addresses of every subnet: network, gateway, two for DNS, broadcast. */
export const RESERVED_IN_SUBNET = 5;

/** Kept free in a node subnet for frontends of internal load balancers and the API's private endpoint. */
export const FRONTENDS_IN_SUBNET = 16;

/** Every node takes a range of this prefix out of the pods' range. */
export const POD_PREFIX_OF_NODE = 24;

const PARTS = 8;
const QUARTERS = 4;

/** Azure keeps a subnet's first four addresses for itself. */
const FIRST_PLACE = 4;

/** Reads a CIDR. The host bits have to be zero, as Azure wants them. @throws RangeError otherwise */
export function parseRange(cidr: string): Range {
    const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
    const first = toNumber(address);
    const size = 2 ** (32 - prefix);
    if (first % size !== 0) {
        throw new RangeError(
            `${cidr} has host bits: the range that holds it is ${formatRange({ first: first - (first % size), size })}`,
        );
    }
    return { first, size };
}

export function formatRange({ first, size }: Range): string {
    return `${formatAddress(first)}/${32 - Math.log2(size)}`;
}

export function contains(outer: Range, inner: Range): boolean {
    return outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size;
}

export function overlap(a: Range, b: Range): boolean {
    return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** The address at a place in a range, counted from 0. */
export function addressAt(range: Range, place: number): string {
    return formatAddress(range.first + place);
}

export function parseAddress(address: string): Range {
    return { first: toNumber(ipaddr.IPv4.parse(address)), size: 1 };
}

/** Addresses that nodes can have in a subnet. */
export function nodesThatFit(subnet: string): number {
    return parseRange(subnet).size - RESERVED_IN_SUBNET - FRONTENDS_IN_SUBNET;
}

/**
 * Cuts an address space into subnets.
 *
 * Eight equal parts, and a zone's part depends on the zone's number only: a subnet with machines in it cannot change its
 * range, so neither more nodes nor another zone may move one. Part 0 is the system pool's on AKS and cut in quarters for a
 * self-managed control plane (the API's frontend, then a quarter a zone), 1 to 3 are the zones', 4 is for private endpoints,
 * 5 to 7 stay free.
 */
export function planAddresses(addressSpace: string, zones: readonly string[]): AddressPlan {
    const parts = cut(parseRange(addressSpace), PARTS);
    const quarters = cut(parts[0], QUARTERS);
    const ofZones = (ranges: Range[]) =>
        Object.fromEntries(zones.map((zone) => [zone, formatRange(ranges[Number(zone)])]));
    return {
        addressSpace,
        system: formatRange(parts[0]),
        api: formatRange(quarters[0]),
        controlPlane: ofZones(quarters),
        zones: ofZones(parts),
        endpoints: formatRange(parts[4]),
    };
}

/** Self-managed: where nodes of all kinds have their addresses, as CIDRs. */
export function nodeSubnets(addressSpace: string, zones: readonly string[]): string[] {
    const plan = planAddresses(addressSpace, zones);
    return [...Object.values(plan.controlPlane), ...Object.values(plan.zones)];
}

/** Where private endpoints have their addresses, as a CIDR. */
export function endpointsSubnet(addressSpace: string): string {
    return planAddresses(addressSpace, []).endpoints;
}

/** Address of the API's internal frontend: it depends on the address space only. */
export function apiAddress(addressSpace: string): string {
    return addressAt(parseRange(planAddresses(addressSpace, []).api), FIRST_PLACE);
}

/**
 * Address of a control-plane machine. It depends on the machine's number and zone only: a replaced machine comes back to
 * it, and another machine or zone moves nobody.
 *
 * @param machine - counted from 1
 */
export function controlPlaneAddress(addressSpace: string, machine: number, zone: string): string {
    const subnet = planAddresses(addressSpace, [zone]).controlPlane[zone];
    return addressAt(parseRange(subnet), FIRST_PLACE + machine - 1);
}

function cut({ first, size }: Range, count: number): Range[] {
    return Array.from({ length: count }, (_, index) => ({ first: first + (index * size) / count, size: size / count }));
}

function toNumber(address: ipaddr.IPv4): number {
    return address.octets.reduce((number, octet) => number * 256 + octet, 0);
}

function formatAddress(number: number): string {
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
