import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { knownRole } from "./roleDefinition";
import { at, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const roleAssignment: Rule = function* (candidate) {
    const { inputs, id, cloud, current, all } = candidate;
    const principal = textAt(inputs, "principalId");
    const role = textAt(inputs, "roleDefinitionId");
    const scope = textAt(inputs, "scope");
    if (principal && !GUID.test(principal)) {
        yield refuse(
            "principalId",
            `\`principalId\` must be an object ID, a GUID, but ${JSON.stringify(principal)} was given.`,
            "InvalidPrincipalId",
        );
    }
    if (
        role &&
        !/^(\/subscriptions\/[^/]+)?(\/.+)?\/providers\/Microsoft\.Authorization\/roleDefinitions\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(
            role,
        )
    ) {
        yield refuse(
            "roleDefinitionId",
            `\`roleDefinitionId\` must be the ID of a role definition, such as /subscriptions/…/providers/Microsoft.Authorization/roleDefinitions/<GUID>, but ${JSON.stringify(role)} was given.`,
            "InvalidRoleDefinitionId",
        );
    }
    yield* knownRole(candidate);
    if (!principal) return;
    // The SDK says "User" where the program says nothing; Azure compares with what the principal is.
    const type = textAt(inputs, "principalType");
    const owner = all().find(
        (resource) =>
            !/^Microsoft\.Authorization\//i.test(resource.type) && principalsOf(resource.outputs).includes(principal),
    );
    if (owner && type && type !== "ServicePrincipal") {
        yield refuse(
            "principalType",
            `\`principalType\` must be "ServicePrincipal" for the identity of ${owner.id}, but is ${JSON.stringify(type)} (which the SDK takes where none is given).`,
            "UnmatchedPrincipalType",
        );
    }
    if (current || !role || !scope) return;
    const end = role.split("/").at(-1)!.toLowerCase();
    const twin = cloud
        .list("Microsoft.Authorization/roleAssignments")
        .find(
            (other) =>
                !(id && sameId(other.id, id)) &&
                textAt(other.inputs, "principalId") === principal &&
                sameId(`/${textAt(other.inputs, "scope")!.replace(/^\//, "")}`, `/${scope.replace(/^\//, "")}`) &&
                textAt(other.inputs, "roleDefinitionId")?.toLowerCase().endsWith(end),
        );
    if (twin)
        yield refuse(
            "principalId",
            `The role assignment already exists: ${twin.id} gives the same role to the same principal on the same scope.`,
            "RoleAssignmentExists",
        );
};

/** The principals that Azure made for a resource: an identity's, a resource's own, those of a cluster's nodes and add-ons. */
function principalsOf(outputs: Properties): unknown[] {
    const addons = Object.values((outputs.addonProfiles ?? {}) as Properties);
    return [
        outputs.principalId,
        at(outputs, "identity", "principalId"),
        at(outputs, "identityProfile", "kubeletidentity", "objectId"),
        ...addons.map((addon) => at(addon, "identity", "objectId")),
    ];
}

export const federatedCredential: Rule = function* ({ inputs, id, cloud, current }) {
    const issuer = textAt(inputs, "issuer");
    const subject = textAt(inputs, "subject");
    if (issuer && !/^https:\/\//.test(issuer))
        yield refuse(
            "issuer",
            `\`issuer\` must be an https address, but ${JSON.stringify(issuer)} was given.`,
            "InvalidParameter",
        );
    if (issuer && /[?#\s]/.test(issuer))
        yield refuse(
            "issuer",
            `\`issuer\` must be an address without query, fragment and blanks, but ${JSON.stringify(issuer)} was given.`,
            "InvalidParameter",
        );
    for (const key of ["issuer", "subject"]) {
        const text = textAt(inputs, key);
        if (inputs[key] === undefined || text === "")
            yield refuse(key, `\`${key}\` is required and may not be empty.`, "InvalidParameter");
        if (text !== undefined && text.length > 600)
            yield refuse(key, `\`${key}\` may have 600 characters, but has ${text.length}.`, "InvalidParameter");
    }
    if (Array.isArray(inputs.audiences) && inputs.audiences.length === 0)
        yield refuse("audiences", "`audiences` must have one entry, but is empty.", "InvalidParameter");
    const audiences = textsAt(inputs, "audiences");
    if (audiences.length > 1)
        yield refuse("audiences", `\`audiences\` may have one entry, but has ${audiences.length}.`, "InvalidParameter");
    if (!id || current) return;
    const siblings = cloud.siblings(
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        `${id.split("/").slice(0, -1).join("/")}/`,
    );
    const twin = siblings.find(
        (other) => !sameId(other.id, id) && other.inputs.issuer === issuer && other.inputs.subject === subject,
    );
    if (twin && issuer && subject)
        yield refuse(
            "subject",
            `Issuer and subject are those of ${twin.id}: they must be a pair of their own under one identity.`,
            "BadRequest",
        );
    if (siblings.length >= 20)
        yield refuse(undefined, "An identity may have 20 federated credentials: it has as many.", "BadRequest");
};

/** Logs that a control plane can give (Microsoft Learn, "Supported log categories"). */
const CLUSTER_LOGS = new Set(
    "kube-apiserver kube-audit kube-audit-admin kube-controller-manager kube-scheduler cluster-autoscaler cloud-controller-manager guard csi-azuredisk-controller csi-azurefile-controller csi-snapshot-controller fleet-mcs-controller-manager fleet-member-agent fleet-member-net-controller-manager karpenter-events".split(
        " ",
    ),
);

export const diagnosticSetting: Rule = function* ({ inputs }) {
    const destinations = ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"];
    if (destinations.every((key) => inputs[key] === undefined)) {
        yield refuse(
            "workspaceId",
            `\`workspaceId\` is missing: a diagnostic setting needs a destination, one of ${destinations.join(", ")}.`,
            "BadRequest",
        );
    }
    const logs = objectsAt(inputs, "logs");
    if (inputs.logs === undefined && inputs.metrics === undefined)
        yield refuse("logs", "`logs` is missing: a diagnostic setting sends logs or metrics.", "BadRequest");
    const resource = textAt(inputs, "resourceUri");
    for (const [index, log] of logs.entries()) {
        const category = textAt(log, "category");
        const path = `logs[${index}]`;
        if (log.category !== undefined && log.categoryGroup !== undefined)
            yield refuse(
                `${path}.categoryGroup`,
                `\`${path}.categoryGroup\` cannot be given together with category.`,
                "BadRequest",
            );
        if (category && /\/managedClusters\/[^/]+$/i.test(resource ?? "") && !CLUSTER_LOGS.has(category)) {
            yield refuse(
                `${path}.category`,
                `\`${path}.category\` '${category}' is not supported. A cluster has: ${[...CLUSTER_LOGS].join(", ")}.`,
                "BadRequest",
            );
        }
    }
};
