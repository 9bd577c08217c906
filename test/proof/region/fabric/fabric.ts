import { readFileSync, writeFileSync } from "node:fs";
import { command } from "./command";
import { RULES, TABLE } from "./rules";

/** Azure's DNS server, and where its balancers' probes come from. */
export const WIRE_SERVER = "168.63.129.16";

/** Azure's instance metadata. */
export const METADATA = "169.254.169.254";

/** The MAC address that an Azure machine finds everything behind. */
const FABRIC_MAC = "12:34:56:78:9a:bc";

/** Next hop of every machine; where it is does not matter, since its MAC address is known. */
const GATEWAY = "169.254.1.1";

/**
 * Where packets go that nobody takes: an interface with nothing behind it. Not a rule that drops them: connection tracking takes
 * note of a flow once its first packet has left, and would let the balancer think anew about each SYN that is sent again.
 */
const VOID = "void";

/** A machine's, or a client's, connection with the network. */
export interface Link {
    name: string;
    address: string;
    /** The fabric's end of it. */
    interface: string;
}

/**
 * The network of a region, made in the network namespace that this process runs in (enter.sh): a star, as Azure's is. Each
 * machine has a link of its own to the fabric, so that all its packets come by here: the balancer's rules and the faults.
 *
 * There is no ARP: both ends know each other's MAC address, since in Azure the fabric answers for every address, also for those
 * of machines that are gone.
 *
 * @example
 * const fabric = await Fabric.open();
 * await fabric.attach("client-1", "10.64.4.9", child.pid!); // child: unshare --net …
 * …
 * await fabric.close();
 */
export class Fabric {
    private readonly links = new Map<string, Link>();
    private readonly own = new Set<string>();
    private made = 0;

    private constructor() {}

    /** @throws Error outside a namespace made for it */
    static async open(): Promise<Fabric> {
        // Whatever else this namespace is, it would not stay so.
        if (!process.env.MAINSTAY_REGION) throw new Error("A fabric is made inside test/proof/region/enter.sh alone.");
        const routes = readFileSync("/proc/net/route", "utf8").trim().split("\n").slice(1);
        if (routes.length > 0)
            throw new Error(`This network namespace has routes already, so it is not a fabric's: ${routes.join("; ")}`);
        const fabric = new Fabric();
        await command(
            "ip",
            ["-batch", "-"],
            `link set lo up
            link add ${VOID} type bridge
            link set ${VOID} arp off up
            route add default dev ${VOID}`,
        );
        await command("nft", ["-f", "-"], RULES);
        for (const [name, value] of Object.entries({
            "ipv4/ip_forward": 1,
            "ipv4/conf/all/send_redirects": 0,
            "ipv4/conf/default/send_redirects": 0,
            // Azure's balancer looks at addresses, ports and flags, not at sequence numbers: what a cut swallowed confuses nobody.
            "netfilter/nf_conntrack_tcp_be_liberal": 1,
        }))
            writeFileSync(`/proc/sys/net/${name}`, String(value));
        await fabric.addOwnAddress(WIRE_SERVER);
        await fabric.addOwnAddress(METADATA);
        return fabric;
    }

    /**
     * Plugs a machine in: its `eth0` appears in the network namespace of a process, with this address and all routes.
     * A name that is attached already (its machine was replaced) is detached first.
     *
     * @param name - of a machine, or of a client: `client-…`
     */
    async attach(name: string, address: string, pid: number): Promise<Link> {
        await this.detach(name);
        const number = ++this.made;
        const link = { name, address, interface: `${name.startsWith("client") ? "client" : "vm"}-${number}` };
        const mac = `00:0d:3a:00:${hex(number >> 8)}:${hex(number & 255)}`;
        await command(
            "ip",
            ["-batch", "-"],
            `link add ${link.interface} address ${FABRIC_MAC} type veth peer name eth0 address ${mac} netns ${pid}
            link set ${link.interface} up
            neighbour add ${address} lladdr ${mac} dev ${link.interface} nud permanent
            route add ${address}/32 dev ${link.interface}`,
        );
        await this.set("add", "attached", `"${link.interface}" . ${address}`);
        this.links.set(name, link);
        await command(
            "nsenter",
            ["--target", String(pid), "--net", "ip", "-batch", "-"],
            `link set lo up
            address add ${address}/32 dev eth0
            link set eth0 up
            neighbour add ${GATEWAY} lladdr ${FABRIC_MAC} dev eth0 nud permanent
            route add ${GATEWAY} dev eth0 scope link
            route add default via ${GATEWAY} dev eth0 src ${address}`,
        );
        return link;
    }

    /** Pulls a machine's plug: what is sent to its address vanishes from now on. Nothing happens if it is not attached. */
    async detach(name: string): Promise<void> {
        const link = this.links.get(name);
        if (!link) return;
        await this.set("delete", "cut", `"${link.interface}"`);
        const others = [...this.links.keys()].filter((other) => other !== name);
        await this.reunite([name], others);
        await this.set("delete", "attached", `"${link.interface}" . ${link.address}`);
        this.links.delete(name);
        // They are gone by themselves once the last process of the machine's namespace is; a cut one's route is not.
        await unlessGone(command("ip", ["route", "delete", `${link.address}/32`]));
        await unlessGone(command("ip", ["link", "delete", link.interface]));
    }

    /** From now on packets to and from a machine vanish; its interface stays up and it is told nothing. */
    async cut(name: string): Promise<void> {
        const link = this.link(name);
        await this.set("add", "cut", `"${link.interface}"`);
        await command("ip", ["route", "replace", `${link.address}/32`, "dev", VOID]);
    }

    /** The end of {@link cut}. Nothing happens if it was not cut. */
    async mend(name: string): Promise<void> {
        const link = this.link(name);
        await command("ip", ["route", "replace", `${link.address}/32`, "dev", link.interface]);
        await this.set("delete", "cut", `"${link.interface}"`);
    }

    /** From now on packets between the two sides vanish; each still reaches everybody else, and the balancer's probes reach both. */
    async separate(some: string[], others: string[]): Promise<void> {
        await this.set("add", "separated", ...this.pairs(some, others));
    }

    /** The end of {@link separate}, for these. */
    async reunite(some: string[], others: string[]): Promise<void> {
        await this.set("delete", "separated", ...this.pairs(some, others));
    }

    /** The end of every {@link cut} and {@link separate}. */
    heal(): Promise<void> {
        return this.load(`flush set ${TABLE} cut\nflush set ${TABLE} separated\n`);
    }

    /** An address of Azure's own, that this process may listen on: a private endpoint's. */
    async addOwnAddress(address: string): Promise<void> {
        if (this.own.has(address)) return;
        await command("ip", ["address", "add", `${address}/32`, "dev", "lo"]);
        this.own.add(address);
    }

    /** Loads rules in a table of their own, in one step. */
    async load(rules: string): Promise<void> {
        await command("nft", ["-f", "-"], rules);
    }

    /** Leaves the namespace as it was found. */
    async close(): Promise<void> {
        for (const name of [...this.links.keys()]) await this.detach(name);
        for (const address of this.own) await command("ip", ["address", "delete", `${address}/32`, "dev", "lo"]);
        this.own.clear();
        await command("nft", ["delete", "table", ...TABLE.split(" ")]);
        await command("ip", ["link", "delete", VOID]);
    }

    private link(name: string): Link {
        const link = this.links.get(name);
        if (!link) throw new Error(`${name} is not attached; attached are: ${[...this.links.keys()].join(", ")}`);
        return link;
    }

    private pairs(some: string[], others: string[]): string[] {
        return some.flatMap((one) =>
            others.flatMap((other) => {
                const [a, b] = [this.link(one).interface, this.link(other).interface];
                return [`"${a}" . "${b}"`, `"${b}" . "${a}"`];
            }),
        );
    }

    /** Adds before it deletes: `nft` refuses to delete what is not there. */
    private async set(verb: "add" | "delete", set: string, ...elements: string[]): Promise<void> {
        if (elements.length === 0) return;
        const list = `{ ${elements.join(", ")} }`;
        const add = `add element ${TABLE} ${set} ${list}\n`;
        await command("nft", ["-f", "-"], verb === "add" ? add : `${add}delete element ${TABLE} ${set} ${list}\n`);
    }
}

async function unlessGone(deletion: Promise<string>): Promise<void> {
    await deletion.catch((error: Error) => {
        if (!/Cannot find device|No such process/.test(error.message)) throw error;
    });
}

function hex(byte: number): string {
    return byte.toString(16).padStart(2, "0");
}
