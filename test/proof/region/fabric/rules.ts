/** What the fabric lets through: Azure's own checks of a packet, and the faults that proofs make. */

/** The fabric's table, as `nft` names it. */
export const TABLE = "ip region";

/**
 * Facts that the rules follow:
 *
 * - Azure takes packets from a network interface only if their source is the interface's own address, unless IP forwarding is
 *   enabled there (the program enables it nowhere).
 *   https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface#enable-or-disable-ip-forwarding
 * - Nobody answers for a machine that is gone: packets for it vanish, and no "unreachable" comes back.
 */
export const RULES = `
table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
    set attached { type ifname . ipv4_addr; }
    set cut { type ifname; }
    set separated { type ifname . ifname; }

    chain arriving {
        # Before connection tracking (-200) takes note of the packet.
        type filter hook prerouting priority -310; policy accept;
        iifname @cut drop
        iifname != "lo" iifname . ip saddr != @attached drop
    }
    chain remembering {
        # The kernel tracks connections and translates their addresses only as long as some rule asks for it: without this one,
        # the flows that exist would end with the balancer's last healthy backend.
        type nat hook prerouting priority dstnat + 1; policy accept;
        ct state new accept
    }
    chain leaving {
        type filter hook postrouting priority -310; policy accept;
        iifname . oifname @separated drop
    }
}
`;
