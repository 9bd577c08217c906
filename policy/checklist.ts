/** The checklist, line by line, in the words that reports use. */
export const checklist = {
    access: "access by group from Entra ID, never by user",
    networkPolicies: "network policies between pods",
    controlPlane: "control plane on several nodes",
    loadBalancer: "cloud load balancer across them",
    zones: "applications across availability zones",
    autoscaling: "autoscaling (pods and nodes)",
    observability: "Prometheus, Grafana, alerting, logging",
    snapshots: "scheduled snapshots through cron jobs",
    velero: "Velero",
    kasten: "Kasten K10",
    rancherBackup: "Rancher backup",
    azureDiskSnapshots: "Azure Disk snapshots",
    awsEbsSnapshots: "AWS EBS snapshots",
    gcpDiskSnapshots: "GCP disk snapshots",
    pgDump: "pg_dump",
    mysqldump: "mysqldump",
    tuning: "vertical and horizontal pod autoscaling tuned",
    placement: "affinity, taints and tolerations",
    everyDeployment: "all of it, on every deployment",
} as const;

export type ChecklistItem = (typeof checklist)[keyof typeof checklist];

/**
 * What an item asks for and its rules do not judge yet; an item without rules awaits everything. While something is awaited, passed rules are evidence for a
 * part of the item only: a report cannot call it met.
 */
export const awaited: { [item in ChecklistItem]?: string } = {
    [checklist.zones]: "the spread of the applications; so far only the nodes and their way out",
    [checklist.autoscaling]: "pods; so far only nodes",
    [checklist.observability]: "Prometheus, Grafana and alerting; so far only the control plane's audit log",
    [checklist.snapshots]: "applications' volumes; so far only a self-managed control plane's etcd",
    [checklist.placement]: "affinity and tolerations; so far only the system pool's taint",
};
