import type { BalancerSpec } from "./azure";

/** The balancer's table, as `nft` names it: one a frontend, so that there may be several. */
export const tableOf = ({ address }: Pick<BalancerSpec, "address">): string =>
    `ip balancer_${address.replaceAll(".", "_")}`;

/**
 * The balancer in the kernel's words: what `nft -f -` puts in the place of its table in one step. Flows that exist are none of
 * its business: connection tracking brings their packets to where the first one went, and translates the answers back.
 *
 * As Azure's: https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview#probe-down-behavior,
 * https://learn.microsoft.com/azure/load-balancer/distribution-mode-concepts
 *
 * - A new flow goes to one of the healthy backends by a hash of its five-tuple: two addresses, two ports, the protocol (here TCP
 *   alone). Its source stays as it is: nothing is proxied and nothing tried again.
 * - A backend that is probed down gets no new flows; those that it has go on. So it is also when all are down: then new flows
 *   go nowhere, without an answer.
 * - A backend whose flow hashes to itself sees a packet from its own address come in by its network card. Its own system drops
 *   that, as it does in Azure; here is no rule for it.
 *   https://learn.microsoft.com/troubleshoot/azure/load-balancer/load-balancer-troubleshoot-backend-traffic
 * - A packet of a flow that is not known (any more) goes nowhere. Azure resets an idle flow when it forgets it (`enableTcpReset`),
 *   after half an hour as the program has it: no proof lasts that long, so there is no such reset here.
 *
 * @param healthy - names of the backends that get new flows
 */
export function rulesFor(spec: BalancerSpec, healthy: string[]): string {
    const { address, port, backendPort, backends } = spec;
    const table = tableOf(spec);
    const ends = backends.filter(({ name }) => healthy.includes(name)).map((backend) => backend.address);
    const map = ends.map((end, number) => `${number} : ${end}`).join(", ");
    const hash = `jhash ip saddr . tcp sport . ip daddr . tcp dport mod ${ends.length} seed ${SEED}`;
    return `
table ${table}
delete table ${table}
table ${table} {
    chain arriving {
        type nat hook prerouting priority dstnat; policy accept;
        ${ends.length === 0 ? "" : `ip daddr ${address} tcp dport ${port} ${SYN} dnat ip to ${hash} map { ${map} }:${backendPort}`}
        ip daddr ${address} drop
    }
}
`;
}

/** The same flow has the same hash after every change. */
const SEED = "0x6d61696e";

/** Only a flow's first packet. */
const SYN = "tcp flags & (fin|syn|rst|ack) == syn";
