import { LoadBalancer } from "@pulumi/azure-native/network/loadBalancer";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress";
import { PrivateRecordSet } from "@pulumi/azure-native/privatedns/privateRecordSet";
import * as pulumi from "@pulumi/pulumi";
import { apiAddress, apiNameOf, type Network } from "../../network";
import { type Site, siteOf } from "../../site";
import { balanceApi, POOL } from "./balancing";

export { API_PORT } from "./balancing";

/**
 * Zones of a frontend: all that the region has, also where the machines are in two of them. Azure refuses an internal
 * frontend of two zones, and makes a public address of two zones one of three.
 */
const ALL_ZONES = ["1", "2", "3"];

/** Arguments of {@link ApiLoadBalancer}. */
export interface ApiLoadBalancerArgs extends Site {
    /** Group that the balancers are made in. Plain: the balancers' parts name each other by IDs. */
    resourceGroupName: string;
    /** Network of a self-managed cluster. */
    network: Network;
    /** Whether there is a public frontend as well; the network's rules say who may use it. @default false */
    public?: boolean;
}

/**
 * Load balancing of the Kubernetes API over the control plane's machines: an internal frontend that nodes always use, and a
 * public one beside it where a stack asks for it. Machines join by {@link backendPoolIds}.
 *
 * @example
 * const balancer = new ApiLoadBalancer("control-plane-lb", { ...site, resourceGroupName, network }, { parent: this, dependsOn: [group] });
 */
export class ApiLoadBalancer extends pulumi.ComponentResource {
    /** IDs of the pools, one a balancer, that each machine's network interface has to be in. */
    public readonly backendPoolIds: pulumi.Output<string>[];
    /** Address of the internal frontend, such as `10.64.0.4`. */
    public readonly privateAddress: string;
    /** Name of the internal frontend, such as `api.mainstay-prod.internal`. */
    public readonly privateName: string;
    /** Name of the public frontend, such as `mainstay-prod.westeurope.cloudapp.azure.com`; absent where there is none. */
    public readonly publicName?: string;
    /** The records by which the names are found. Whoever calls the API by name waits for them. */
    public readonly named: pulumi.Resource[];

    constructor(
        name: string,
        args: ApiLoadBalancerArgs,
        opts?: pulumi.ComponentResourceOptions & { dependsOn?: pulumi.Resource[] },
    ) {
        super("mainstay:index:ApiLoadBalancer", name, {}, opts);
        // A component's children do not wait for what it waits for.
        const child = { parent: this, dependsOn: opts?.dependsOn };
        const site = siteOf(args);
        const { network, resourceGroupName } = args;

        this.privateAddress = apiAddress(network.addressSpace);
        this.privateName = apiNameOf(site);
        const internal = new LoadBalancer(
            `${name}-internal`,
            balanceApi(site, resourceGroupName, `${site.prefix}-api-internal`, {
                subnet: { id: network.apiSubnetId },
                privateIPAddress: this.privateAddress,
                privateIPAllocationMethod: "Static",
                privateIPAddressVersion: "IPv4",
                zones: ALL_ZONES,
            }),
            child,
        );
        const record = new PrivateRecordSet(
            `${name}-record`,
            {
                privateZoneName: network.internalZone,
                resourceGroupName: network.resourceGroupName,
                recordType: "A",
                relativeRecordSetName: "api",
                ttl: 300,
                aRecords: [{ ipv4Address: this.privateAddress }],
            },
            child,
        );
        this.backendPoolIds = [poolOf(internal)];
        this.named = [record];

        if (args.public) {
            const address = new PublicIPAddress(
                `${name}-address`,
                {
                    publicIpAddressName: `${site.prefix}-api`,
                    resourceGroupName,
                    location: site.location,
                    // A public frontend is where its address is: the address has the zones.
                    zones: ALL_ZONES,
                    sku: { name: "Standard", tier: "Regional" },
                    publicIPAllocationMethod: "Static",
                    publicIPAddressVersion: "IPv4",
                    dnsSettings: { domainNameLabel: site.prefix },
                    tags: site.tags,
                },
                child,
            );
            const outer = new LoadBalancer(
                `${name}-public`,
                balanceApi(site, resourceGroupName, `${site.prefix}-api-public`, {
                    publicIPAddress: { id: address.id },
                }),
                child,
            );
            this.publicName = `${site.prefix}.${site.location}.cloudapp.azure.com`;
            this.backendPoolIds.push(poolOf(outer));
            this.named.push(address);
        }
        this.registerOutputs({ privateName: this.privateName, publicName: this.publicName });
    }
}

function poolOf(balancer: LoadBalancer): pulumi.Output<string> {
    return balancer.id.apply((id) => `${id}/backendAddressPools/${POOL}`);
}
