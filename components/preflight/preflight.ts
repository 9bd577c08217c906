/*
 * What is asked, and by which call of Azure:
 *
 *   azure-native:authorization:getClientConfig                  the subscription that azure-native is signed in to
 *   azure-native:authorization:getClientToken                   a token for Azure Resource Manager, for the GETs below
 *   azure-native:features:getSubscriptionFeatureRegistration    GET …/Microsoft.Features/featureProviders/Microsoft.Compute/subscriptionFeatureRegistrations/EncryptionAtHost
 *   GET /subscriptions/{id}/providers                           resource providers and whether they are registered
 *   GET …/Microsoft.Compute/skus                                sizes: zones, cores, abilities, restrictions
 *   GET …/Microsoft.Compute/locations/{location}/usages         quotas
 *   GET …                                                       machines that exist, whose cores are in the usage already:
 *                                                               each kind of cluster says where
 *
 * azure-native has no functions for lists, on purpose (pulumi-azure-native#772): its makers point to Azure's API, which is
 * asked here with azure-native's own token.
 */
import { getClientConfig } from "@pulumi/azure-native/authorization/getClientConfig";
import { getClientToken } from "@pulumi/azure-native/authorization/getClientToken";
import { getSubscriptionFeatureRegistration } from "@pulumi/azure-native/features/getSubscriptionFeatureRegistration";
import * as pulumi from "@pulumi/pulumi";
import {
    type ExistingPool,
    judgeFeature,
    judgeProviders,
    judgeQuota,
    judgeSizes,
    type Lack,
    type MachineNeed,
    type ResourceProvider,
    type Sku,
    type Usage,
} from "./judgements";
import { resourceManager } from "./resourceManager";

/** Arguments of {@link preflight}. */
export interface PreflightArgs {
    location: string;
    needs: MachineNeed[];
    /** Resource providers that this kind of cluster needs beside those that every kind does. */
    namespaces: string[];
    /** Where its machines are, if it exists already. */
    existing: ExistingMachines[];
    /** What else has to be there, or must not. */
    questions: Question[];
}

/** A question about one thing in Azure, or one list. */
export interface Question {
    /** What it is about, for a warning where it cannot be asked. */
    about: string;
    /** Below the subscription, with its API version: `/resourceGroups/…?api-version=…`. */
    path: string;
    /** @param answer - as Azure gives it; `undefined` where there is nothing */
    judge(answer: any): Lack[];
}

/** One question about machines that may exist. */
export interface ExistingMachines {
    /** Below the subscription, with its API version: `/resourceGroups/…?api-version=…`. */
    path: string;
    /** The machines in Azure's answer. */
    read(answer: any): ExistingPool[];
}

/** Where azure-native is signed in to. */
export interface Subscription {
    subscriptionId: string;
    /** Entra ID's directory. */
    tenantId: string;
}

/** The subscription lacks something that the deployment would fail on half-way. */
export class PreflightError extends pulumi.RunError {
    constructor(readonly lacks: readonly Lack[]) {
        const list = lacks.map(({ what, mend }) => `  ${what}\n      mend  ${mend}`);
        super(`The subscription lacks what this deployment needs. Nothing was deployed.\n\n${list.join("\n\n")}\n`);
    }
}

/**
 * Asks Azure, before the first resource, whether the subscription can carry the deployment.
 *
 * What cannot be asked (no right to read it, no way to reach Azure's API) is a warning and not an error: the deployment may
 * still be able to do its work.
 *
 * @returns where the deployment goes
 * @throws PreflightError with all that is lacking
 */
export async function preflight(args: PreflightArgs): Promise<Subscription> {
    const { location, needs, namespaces } = args;
    const { subscriptionId, tenantId } = await getClientConfig();
    const unasked: string[] = [];
    const ask = async <T>(what: string, question: Promise<T>): Promise<T | undefined> => {
        try {
            return await question;
        } catch (error) {
            unasked.push(`${what}: ${(error as Error).message.split("\n")[0]}`);
            return undefined;
        }
    };

    const feature = ask("the feature EncryptionAtHost", encryptionAtHost());
    const lists = await ask("resource providers, sizes and quotas", readSubscription(subscriptionId, args, ask));
    const featureState = await feature;
    const lacks = [
        ...(lists?.providers ? judgeProviders(lists.providers, namespaces) : []),
        ...(featureState === undefined ? [] : judgeFeature(featureState)),
        ...(lists?.skus ? judgeSizes(needs, lists.skus, location) : []),
        ...(lists?.skus && lists.usages && lists.existing
            ? judgeQuota(needs, lists.skus, lists.usages, lists.existing, location)
            : []),
        ...(lists?.answers ?? []),
    ];
    if (lacks.length > 0) throw new PreflightError(lacks);
    if (unasked.length > 0) {
        await pulumi.log.warn(
            `Preflight could not ask Azure about everything, and goes on without. ${unasked.join("; ")}. ` +
                "The deployment's identity needs the role Reader on the subscription.",
        );
    }
    return { subscriptionId, tenantId };
}

async function encryptionAtHost(): Promise<string> {
    try {
        const { properties } = await getSubscriptionFeatureRegistration({
            providerNamespace: "Microsoft.Compute",
            featureName: "EncryptionAtHost",
        });
        return properties?.state ?? "NotRegistered";
    } catch (error) {
        // A feature that nobody ever registered has no registration to be found.
        if (/\b404\b|NotFound/.test((error as Error).message)) return "NotRegistered";
        throw error;
    }
}

type Ask = <T>(what: string, question: Promise<T>) => Promise<T | undefined>;

async function readSubscription(
    subscriptionId: string,
    { location, existing: existingMachines, questions }: PreflightArgs,
    ask: Ask,
) {
    const { token } = await getClientToken();
    const azure = resourceManager(token);
    const subscription = `/subscriptions/${subscriptionId}`;
    const compute = `${subscription}/providers/Microsoft.Compute`;
    const [providers, skus, usages, existing, answers] = await Promise.all([
        ask("resource providers", azure.list(`${subscription}/providers?api-version=2021-04-01`)),
        ask(
            "sizes",
            azure.list(
                `${compute}/skus?api-version=2021-07-01&$filter=${encodeURIComponent(`location eq '${location}'`)}`,
            ),
        ),
        ask("quotas", azure.list(`${compute}/locations/${location}/usages?api-version=2024-07-01`)),
        ask(
            "the cluster that may exist",
            Promise.all(
                existingMachines.map(async ({ path, read }) => {
                    const answer = await azure.get(subscription + path);
                    // None, where there is no cluster yet.
                    return answer === undefined ? [] : read(answer);
                }),
            ).then((pools) => pools.flat()),
        ),
        Promise.all(questions.map(({ about, path, judge }) => ask(about, azure.get(subscription + path).then(judge)))),
    ]);
    return {
        providers: providers as ResourceProvider[] | undefined,
        skus: skus as Sku[] | undefined,
        usages: usages as Usage[] | undefined,
        existing,
        answers: answers.flatMap((lacks) => lacks ?? []),
    };
}
