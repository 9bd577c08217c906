import { balanceApi } from "../../../../components/controlPlane/loadBalancer/balancing";
import type { CloudResource } from "../../../../rehearsal/azure/state/cloud";
import type { Resources } from "../../../../rehearsal/controlPlane/door/frontends";
import type { Properties } from "../../../../rehearsal/provider/values";

const subscriptionId = "11111111-1111-4111-8111-111111111111";
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers`;

/** The machines of {@link sampleCloud}. */
export const machines = [1, 2, 3].map((number) => ({
    name: `mainstay-staging-cp-${number}`,
    address: `10.65.${number}.4`,
}));

/**
 * What the balancer is read from: the program's own load balancer with its machines behind it, and a machine that is not. As
 * large a part of a simulated Azure as the region's balancer looks at.
 *
 * @param change - of the balancer's inputs
 */
export function sampleCloud(change: (inputs: Properties) => void = () => {}): Resources {
    const site = {
        prefix: "mainstay-staging",
        location: "westeurope",
        zones: [],
        tags: {},
        subscriptionId,
        tenantId: "",
    };
    const frontend = { privateIPAddress: "10.65.0.4", privateIPAllocationMethod: "Static" };
    // Without Outputs in it, as all that it is given is plain.
    const inputs = structuredClone(balanceApi(site, "rg", "api", frontend)) as unknown as Properties;
    change(inputs);
    const balancer = resource("Microsoft.Network/loadBalancers", "api", inputs);
    const pool = { id: `${balancer.id}/backendAddressPools/control-plane` };
    const behind = machines.flatMap(({ name, address }) => machine(name, address, [pool]));
    const resources = [balancer, ...behind, ...machine("elsewhere", "10.65.9.4", [])];
    return {
        get: (id) => resources.find((one) => one.id.toLowerCase() === id.toLowerCase()),
        list: (type) => resources.filter((one) => one.type === type),
    };
}

function machine(
    name: string,
    privateIPAddress: string,
    loadBalancerBackendAddressPools: Properties[],
): CloudResource[] {
    const nic = resource("Microsoft.Network/networkInterfaces", name, {
        ipConfigurations: [{ name: "primary", privateIPAddress, loadBalancerBackendAddressPools }],
    });
    const networkInterfaces = [{ id: nic.id }];
    return [nic, resource("Microsoft.Compute/virtualMachines", name, { networkProfile: { networkInterfaces } })];
}

function resource(type: string, name: string, inputs: Properties): CloudResource {
    const id = `${group}/${type}/${name}`;
    return { id, type, name, token: "", urn: "", inputs, body: inputs, outputs: {}, createdAt: "" };
}
