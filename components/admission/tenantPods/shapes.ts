/** A kind of object that pods come from, by where it keeps what they are. */
export interface Shape {
    /** Of the policy. */
    name: string;
    resources: string[];
    /** Path of the pod's specification. */
    path: string;
}

const templates = [
    "apps/v1/deployments",
    "apps/v1/statefulsets",
    "apps/v1/daemonsets",
    "apps/v1/replicasets",
    "batch/v1/jobs",
    "v1/replicationcontrollers",
];

/** What pods come from. */
export const workloads = [...templates, "batch/v1/cronjobs"];

/**
 * Pods are what counts: nothing runs that is not one. Their makers are judged too, so that whoever applies one is told, and
 * does not have to find a controller's event.
 */
export const shapes: Shape[] = [
    { name: "tenant-pods.mainstay.io", resources: ["v1/pods", "v1/pods/ephemeralcontainers"], path: "spec" },
    { name: "tenant-workloads.mainstay.io", resources: templates, path: "spec.template.spec" },
    {
        name: "tenant-cronjobs.mainstay.io",
        resources: ["batch/v1/cronjobs"],
        path: "spec.jobTemplate.spec.template.spec",
    },
];
