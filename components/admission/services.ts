import { ofTenants, type Policy, where } from "./policy";

/** Services that reach beyond their tenant: a port on every node, or addresses of others that traffic is drawn from. */
export const services: Policy = {
    name: "services.mainstay.io",
    resources: ["v1/services"],
    operations: ["CREATE", "UPDATE"],
    namespaces: ofTenants,
    conditions: [{ name: "spec-changed", expression: "oldObject == null || object.?spec != oldObject.?spec" }],
    variables: [where],
    rules: [
        {
            expression: "object.spec.?type.orValue('ClusterIP') != 'NodePort'",
            message:
                "variables.where + ' is of type NodePort, which opens a port on every node. " +
                "Allowed are ClusterIP (with an Ingress for clients from outside), and LoadBalancer within the quota of the tenant'",
        },
        {
            // Whoever sets one receives what all pods of the cluster send to that address (CVE-2020-8554).
            expression: "size(object.spec.?externalIPs.orValue([])) == 0",
            message:
                "variables.where + ' draws the traffic of the whole cluster to ' + object.spec.externalIPs.join(', ') + ' by externalIPs. " +
                "Leave them out; an Ingress or a Service of type LoadBalancer takes clients from outside'",
        },
    ],
};
