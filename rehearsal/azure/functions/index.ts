import type { Properties } from "../../provider/values";
import { ArmType } from "../arm/armType";
import { AzureError, notFound } from "../error";
import type { Requests } from "../faults/requests";
import { simulatedKey } from "../guid";
import type { Sdk } from "../sdk/sdk";
import type { Cloud, CloudResource } from "../state/cloud";
import type { Account } from "../subscription";
import { userKubeconfig, adminKubeconfig } from "./kubeconfig";
import { resourceManager } from "./resourceManager";

export interface FunctionContext {
    sdk: Sdk;
    cloud: Cloud;
    account: Account;
    requests: Requests;
}

type Implementation = (args: Properties, context: FunctionContext) => Promise<Properties> | Properties;

/** Functions that are more than the reading of a resource. */
const FUNCTIONS: Record<string, Implementation> = {
    "authorization:getClientConfig": (_, { account: { clientId, objectId, subscriptionId, tenantId } }) => ({
        clientId,
        objectId,
        subscriptionId,
        tenantId,
    }),
    "authorization:getClientToken": async (_, context) => ({ token: await resourceManager(context) }),
    "containerservice:listManagedClusterUserCredentials": (args, context) => {
        const cluster = existing("containerservice:ManagedCluster", args, context);
        return { kubeconfigs: [{ name: "clusterUser", value: userKubeconfig(cluster, context.account) }] };
    },
    "containerservice:listManagedClusterAdminCredentials": (args, context) => {
        const cluster = existing("containerservice:ManagedCluster", args, context);
        if (cluster.inputs.disableLocalAccounts === true) {
            throw new AzureError(
                400,
                "BadRequest",
                "Getting static credential is not allowed because this cluster is set to disable local accounts.",
            );
        }
        return { kubeconfigs: [{ name: "clusterAdmin", value: adminKubeconfig(cluster) }] };
    },
    "features:getSubscriptionFeatureRegistration": ({ providerNamespace, featureName }, { account, requests }) => ({
        azureApiVersion: "2021-07-01",
        id: `/subscriptions/${account.subscriptionId}/providers/Microsoft.Features/featureProviders/${String(providerNamespace)}/subscriptionFeatureRegistrations/${String(featureName)}`,
        name: String(featureName),
        type: "Microsoft.Features/featureProviders/subscriptionFeatureRegistrations",
        properties: {
            featureName: String(featureName),
            providerNamespace: String(providerNamespace),
            state: requests.faults.unregistered?.includes(`${String(providerNamespace)}/${String(featureName)}`)
                ? "NotRegistered"
                : "Registered",
            subscriptionId: account.subscriptionId,
            tenantId: account.tenantId,
        },
    }),
    "operationalinsights:getSharedKeys": (args, context) => {
        const { id } = existing("operationalinsights:Workspace", args, context);
        return {
            primarySharedKey: simulatedKey(64, id, "primary"),
            secondarySharedKey: simulatedKey(64, id, "secondary"),
        };
    },
    "storage:listStorageAccountKeys": (args, context) => {
        const { id, inputs } = existing("storage:StorageAccount", args, context);
        if (inputs.allowSharedKeyAccess === false) {
            throw new AzureError(
                403,
                "KeyBasedAuthenticationNotPermitted",
                "Key based authentication is not permitted on this storage account.",
            );
        }
        return {
            keys: ["key1", "key2"].map((keyName) => ({
                keyName,
                permissions: "FULL",
                value: simulatedKey(64, id, keyName),
            })),
        };
    },
};

/** Answers a function: one of those above, or the getter of a resource. */
export async function invokeFunction(token: string, args: Properties, context: FunctionContext): Promise<Properties> {
    const [, module, name] = token.split(":");
    const subject = `/subscriptions/${context.account.subscriptionId}/functions/${module}/${name}/${JSON.stringify(args)}`;
    await context.requests.admit({ method: name.startsWith("get") ? "GET" : "POST", id: subject });

    const implementation = FUNCTIONS[`${module}:${name}`];
    if (implementation) return implementation(args, context);
    if (name.startsWith("get")) {
        context.sdk.function(token);
        const resource = existing(`${module}:${name.slice(3)}`, args, context);
        return { ...resource.outputs, id: resource.id };
    }
    throw new Error(
        `${token} is not simulated: the rehearsal's Azure answers getters, and ${Object.keys(FUNCTIONS).join(", ")}.`,
    );
}

function existing(type: string, args: Properties, { sdk, cloud, account }: FunctionContext): CloudResource {
    const id = ArmType.of(sdk.resource(`azure-native:${type}`)).id(args, account.subscriptionId);
    if (!id) throw new Error(`azure-native:${type}: ${JSON.stringify(args)} does not name a resource.`);
    const found = cloud.get(id);
    if (!found) throw new Error(`request failed ${id}: ${notFound(id).message}`);
    return found;
}
