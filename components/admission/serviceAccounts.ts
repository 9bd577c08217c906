import { ofTenants, type Policy, where } from "./policy";

const STATED = "has(object.automountServiceAccountToken)";

/**
 * Kubernetes hands every pod a token of its account unless somebody says no. Here somebody says yes or no: an account that
 * is silent is refused, and the one that pods have without asking says no.
 */
export const serviceAccounts: Policy = {
    name: "service-accounts.mainstay.io",
    resources: ["v1/serviceaccounts"],
    operations: ["CREATE", "UPDATE"],
    namespaces: ofTenants,
    conditions: [
        {
            name: "automount-changed",
            expression:
                "oldObject == null || object.?automountServiceAccountToken != oldObject.?automountServiceAccountToken",
        },
    ],
    variables: [where],
    rules: [
        {
            // The controller makes `default` without it, a moment before or after the deployment says no.
            expression: `request.name == 'default' || ${STATED}`,
            message:
                "variables.where + ' does not say whether its pods get a token of the Kubernetes API. " +
                "State automountServiceAccountToken: false, or true if the program asks the API (and the tenant has api: true)'",
        },
        {
            expression: `request.name != 'default' || !${STATED} || !object.automountServiceAccountToken`,
            message:
                "variables.where + ' is what pods have that name no account, and automountServiceAccountToken: true would give every one of them a token. " +
                "Make an account for the program that asks the Kubernetes API'",
        },
    ],
};
