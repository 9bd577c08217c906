import { emptyNamespaces } from "./emptyNamespaces";
import { celList, notControlPlane, type Policy } from "./policy";

const isGuard = (key: string) =>
    `${key}.startsWith('mainstay.io/') || ${key}.startsWith('pod-security.kubernetes.io/')`;

/**
 * A namespace belongs to a tenant or to the platform: everything else (quota, network, images) hangs on the label, so one
 * without would be without all of it.
 *
 * Who may say whose it is: whoever may do everything, which is the deployment and the administrators. It is asked for as a right
 * of its own (`relabel` on `namespaces.mainstay.io`), which no role gives but one that gives all; so a right to change namespaces,
 * which operators of third parties have, is not enough.
 */
export const namespaces = (systemNamespaces: string[]): Policy => ({
    name: "namespaces.mainstay.io",
    resources: ["v1/namespaces"],
    operations: ["CREATE", "UPDATE"],
    conditions: [
        notControlPlane,
        {
            name: "not-the-clusters-own",
            expression: `!(request.name in ${celList([...systemNamespaces, ...emptyNamespaces])})`,
        },
        // Finalizers, annotations of controllers: a namespace from before the policy can still go.
        {
            name: "labels-changed",
            expression: "oldObject == null || object.metadata.?labels != oldObject.metadata.?labels",
        },
    ],
    variables: [
        { name: "labels", expression: "object.metadata.?labels.orValue({})" },
        { name: "before", expression: "oldObject == null ? {} : oldObject.metadata.?labels.orValue({})" },
        {
            name: "changed",
            expression:
                `variables.labels.filter(k, (${isGuard("k")}) && (!(k in variables.before) || variables.before[k] != variables.labels[k]))` +
                ` + variables.before.filter(k, (${isGuard("k")}) && !(k in variables.labels))`,
        },
        { name: "annotations", expression: "object.metadata.?annotations.orValue({})" },
        { name: "level", expression: "variables.labels[?'pod-security.kubernetes.io/enforce'].orValue('')" },
    ],
    rules: [
        {
            expression: "('mainstay.io/tenant' in variables.labels) != ('mainstay.io/platform' in variables.labels)",
            message:
                "'Namespace ' + request.name + ' belongs to nobody, or to two: it has to have one of the labels mainstay.io/tenant and " +
                "mainstay.io/platform. A team gets its namespaces by mainstay:tenants in the settings of the stack, with quota, rights and network policies; " +
                "make it there'",
        },
        {
            expression:
                "size(variables.changed) == 0 || authorizer.group('mainstay.io').resource('namespaces').check('relabel').allowed()",
            message:
                "'Namespace ' + request.name + ': ' + request.userInfo.username + ' may not set, change or remove ' + variables.changed.join(', ') + '. " +
                "The labels say whose it is and how its pods are guarded, and change with mainstay:tenants in the settings of the stack'",
        },
        {
            expression:
                "variables.level == 'restricted' || (variables.level in ['baseline', 'privileged'] && variables.annotations[?'mainstay.io/pod-security-reason'].orValue('') != '' && " +
                "('mainstay.io/platform' in variables.labels || variables.annotations[?'mainstay.io/pod-security-expires'].orValue('').matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}$')))",
            message:
                "'Namespace ' + request.name + ' has ' + (variables.level == '' ? 'no Pod Security level' : 'the Pod Security level ' + variables.level) + ' and no exception for it. " +
                "Label it pod-security.kubernetes.io/enforce: restricted, or write the exception with reason and expires under podSecurity of its tenant in mainstay:tenants'",
        },
    ],
});
