import { checklist } from "./checklist";
import { belongsTo } from "./belonging";
import { controlPlaneReads, controlPlanesOf, type ControlPlaneMachine } from "./controlPlanes";
import { refers, some } from "./reading";
import { stackRule, type Member } from "./rule";

const destinations = ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"];

const auditLogsShipped = stackRule({
    name: "audit-logs-shipped",
    item: checklist.observability,
    title: "A cluster's audit log is kept outside of it",
    severity: "high",
    why: "Who did what on the API server is known from this log alone, and Azure keeps none unless asked.",
    mend: "Add a DiagnosticSetting on the cluster with category kube-audit-admin (or kube-audit) enabled and a workspace to keep it.",
    kind: "azure-native:containerservice:ManagedCluster",
    reads: ["azure-native:monitor:DiagnosticSetting"],
    check(stack) {
        const settings = stack.all("azure-native:monitor:DiagnosticSetting");
        for (const cluster of stack.all("azure-native:containerservice:ManagedCluster")) {
            const shipped = some(
                settings,
                (setting) =>
                    belongsTo(cluster, setting, "resourceUri") &&
                    destinations.some((destination) => refers(setting.props, destination)) &&
                    some(
                        setting.props.logs,
                        (log) =>
                            log.enabled &&
                            (["kube-audit", "kube-audit-admin"].includes(log.category ?? "") ||
                                ["audit", "allLogs"].includes(log.categoryGroup ?? "")),
                    ),
            );
            if (shipped) continue;
            stack.refuse(cluster, {
                at: "its diagnostic settings",
                given: "none that ships the audit log",
                allowed: "one with kube-audit or kube-audit-admin and a destination",
            });
        }
    },
});

const controlPlaneAuditShipped = stackRule({
    name: "control-plane-audit-shipped",
    item: checklist.observability,
    title: "A self-managed control plane's audit log leaves its machines",
    severity: "high",
    why: "Who did what on the API server is known from this log alone, and whoever takes a machine deletes the file there first.",
    mend: "Associate each machine with a DataCollectionRule that reads the audit log's files (logFiles) and has a destination.",
    kind: "azure-native:compute:VirtualMachine",
    reads: [
        ...controlPlaneReads,
        "azure-native:monitor:DataCollectionRule",
        "azure-native:monitor:DataCollectionRuleAssociation",
    ],
    check(stack) {
        const shipping = stack
            .all("azure-native:monitor:DataCollectionRule")
            .filter(({ props }) => some(props.dataSources?.logFiles, readsAudit) && refers(props, "destinations"));
        const associations = stack.all("azure-native:monitor:DataCollectionRuleAssociation");
        for (const machine of controlPlanesOf(stack).flat()) {
            const shipped = associations.some(
                (association) =>
                    isOf(machine, association) &&
                    shipping.some((rule) => belongsTo(rule, association, "dataCollectionRuleId")),
            );
            if (shipped) continue;
            stack.refuse(machine, {
                at: "its data collection rules",
                given: "none that reads the audit log",
                allowed: "one with logFiles of the audit log and a destination",
            });
        }
    },
});

function readsAudit({ filePatterns }: { filePatterns: readonly string[] }): boolean {
    return some(filePatterns, (pattern) => /audit/i.test(pattern));
}

/** By the machine that it is made from, or by an ID that was written out and ends with the machine's name. */
function isOf(
    machine: ControlPlaneMachine,
    association: Member<"azure-native:monitor:DataCollectionRuleAssociation">,
): boolean {
    if (belongsTo(machine, association, "resourceUri")) return true;
    if (association.resource.propertyDependencies.resourceUri?.some(({ type }) => type === machine.kind)) return false;
    const { vmName } = machine.props;
    return (
        vmName !== undefined &&
        association.props.resourceUri.toLowerCase().endsWith(`/virtualmachines/${vmName.toLowerCase()}`)
    );
}

export const observability = [auditLogsShipped, controlPlaneAuditShipped];
