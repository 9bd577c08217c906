import { checklist } from "./checklist";
import { belongsTo } from "./belonging";
import { refers, some } from "./reading";
import { stackRule } from "./rule";

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

export const observability = [auditLogsShipped];
