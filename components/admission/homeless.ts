import { notControlPlane, type Policy, where } from "./policy";
import { workloads } from "./tenantPods/shapes";

/** Pods where nothing guards them: in `default`, and in namespaces that are older than the policies; the cluster's own aside. */
export const homeless = (systemNamespaces: string[]): Policy => ({
    name: "no-pods-outside.mainstay.io",
    resources: ["v1/pods", ...workloads],
    operations: ["CREATE"],
    namespaces: {
        matchExpressions: [
            { key: "mainstay.io/tenant", operator: "DoesNotExist" },
            { key: "mainstay.io/platform", operator: "DoesNotExist" },
            { key: "kubernetes.io/metadata.name", operator: "NotIn", values: systemNamespaces },
        ],
    },
    conditions: [notControlPlane],
    variables: [where],
    rules: [
        {
            expression: "false",
            message:
                "variables.where + ' would run where no quota, Pod Security or network policy holds: namespace ' + request.namespace + ' belongs to no tenant. " +
                "Use a namespace of the team (kubectl get namespaces -L mainstay.io/tenant), or add one to mainstay:tenants'",
        },
    ],
});
