import { AzureError } from "../error";
import type { Cloud, CloudResource } from "../state/cloud";
import { armIds } from "../rules/references";
import { objectsAt, textAt } from "../rules/rule";

/** Azure's refusal for a type that is still in use, by ARM type, lower case. */
const IN_USE: Record<string, { code: string; says: (resource: CloudResource, user: string) => string }> = {
    "microsoft.network/virtualnetworks/subnets": {
        code: "InUseSubnetCannotBeDeleted",
        says: ({ name }, user) => `Subnet ${name} is in use by ${user} and cannot be deleted.`,
    },
    "microsoft.network/virtualnetworks": {
        code: "InUseVirtualNetworkCannotBeDeleted",
        says: ({ name }, user) => `Virtual network ${name} is in use by ${user} and cannot be deleted.`,
    },
    "microsoft.network/networksecuritygroups": {
        code: "InUseNetworkSecurityGroupCannotBeDeleted",
        says: ({ name }, user) => `Network security group ${name} cannot be deleted because it is in use by ${user}.`,
    },
    "microsoft.network/routetables": {
        code: "InUseRouteTableCannotBeDeleted",
        says: ({ name }, user) => `Route table ${name} is in use and cannot be deleted: ${user}.`,
    },
    "microsoft.network/natgateways": {
        code: "InUseNatGatewayCannotBeDeleted",
        says: ({ name }, user) => `Nat Gateway ${name} cannot be deleted because it is in use by ${user}.`,
    },
    "microsoft.network/publicipaddresses": {
        code: "PublicIPAddressCannotBeDeleted",
        says: ({ id }, user) =>
            `Public IP address ${id} can not be deleted since it is still allocated to resource ${user}.`,
    },
    "microsoft.network/publicipprefixes": {
        code: "InUsePublicIpPrefixCannotBeDeleted",
        says: ({ id }, user) => `Public IP prefix ${id} can not be deleted since it is in use by ${user}.`,
    },
    "microsoft.network/networkinterfaces": {
        code: "NicInUse",
        says: ({ name }, user) =>
            `Network Interface ${name} is used by existing resource ${user}. In order to delete the network interface, it must be dissociated from the resource.`,
    },
    "microsoft.network/loadbalancers": {
        code: "InUseLoadBalancerCannotBeDeleted",
        says: ({ name }, user) => `Load balancer ${name} cannot be deleted because it is in use by ${user}.`,
    },
    "microsoft.network/applicationsecuritygroups": {
        code: "InUseApplicationSecurityGroupCannotBeDeleted",
        says: ({ name }, user) => `Application security group ${name} is in use by ${user} and cannot be deleted.`,
    },
    "microsoft.network/privatednszones": {
        code: "CannotDeleteResource",
        says: ({ name }, user) =>
            `Can not delete resource before nested resources are deleted. Zone ${name} is linked: ${user}.`,
    },
    "microsoft.compute/disks": {
        code: "OperationNotAllowed",
        says: ({ name }, user) => `Disk ${name} is attached to VM ${user}.`,
    },
};

/** A custom role that somebody has is not taken from them. */
function refuseGivenRole(resource: CloudResource, cloud: Cloud): void {
    if (!/^microsoft\.authorization\/roledefinitions$/i.test(resource.type)) return;
    const end = `/${resource.name.toLowerCase()}`;
    const given = cloud
        .list("Microsoft.Authorization/roleAssignments")
        .find((assignment) => String(assignment.inputs.roleDefinitionId).toLowerCase().endsWith(end));
    if (given) {
        throw new AzureError(
            400,
            "RoleDefinitionHasAssignments",
            `There are existing role assignments referencing role: ${resource.name}. Remove them first: ${given.id}.`,
        );
    }
}

/** Users that do not hold a resource back: they describe it or belong to it. */
const HARMLESS =
    /^microsoft\.(insights\/(diagnosticsettings|metricalerts|datacollectionruleassociations)|authorization\/)/i;

/** Throws what Azure answers to the deletion of something that others still use. */
export function refuseDeletion(resource: CloudResource, cloud: Cloud): void {
    const lock = lockOn(resource, cloud);
    if (lock) {
        throw new AzureError(
            409,
            "ScopeLocked",
            `The scope '${resource.id}' cannot perform delete operation because following scope(s) are locked: '${lock}'. Please remove the lock and try again.`,
        );
    }
    refuseGivenRole(resource, cloud);
    const rule = IN_USE[resource.type.toLowerCase()];
    if (!rule) return;
    const id = resource.id.toLowerCase();
    for (const other of cloud.all()) {
        const otherId = other.id.toLowerCase();
        if (otherId === id || HARMLESS.test(other.type)) continue;
        // Links of a zone are children that hold it back; other children go along.
        const child = otherId.startsWith(`${id}/`);
        if (child && !/\/virtualnetworklinks$/i.test(other.type)) continue;
        const uses = child || armIds(other.inputs).some((reference) => refersTo(reference.id.toLowerCase(), id));
        if (uses) throw new AzureError(400, rule.code, rule.says(resource, other.id));
    }
}

/** Interfaces and disks that a machine was told to take along (`deleteOption`); without a word they stay. */
export function goingAlong({ type, inputs }: CloudResource): string[] {
    if (!/^microsoft\.compute\/virtualmachines$/i.test(type)) return [];
    const storage = inputs.storageProfile;
    return [
        ...objectsAt(inputs, "networkProfile", "networkInterfaces").map((one) => [one, textAt(one, "id")] as const),
        ...objectsAt(storage, "dataDisks").map((one) => [one, textAt(one, "managedDisk", "id")] as const),
    ].flatMap(([one, id]) => (one.deleteOption === "Delete" && id ? [id] : []));
}

function refersTo(reference: string, id: string): boolean {
    return reference === id || reference.startsWith(`${id}/`);
}

function lockOn(resource: CloudResource, cloud: Cloud): string | undefined {
    const id = resource.id.toLowerCase();
    if (/microsoft\.authorization\/locks$/i.test(resource.type)) return undefined;
    return cloud.list("Microsoft.Authorization/locks").find((lock) => {
        const scope = lock.id.toLowerCase().split("/providers/microsoft.authorization/locks/")[0];
        return id === scope || id.startsWith(`${scope}/`);
    })?.id;
}
