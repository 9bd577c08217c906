import { VirtualMachineExtension } from "@pulumi/azure-native/compute/virtualMachineExtension";
import { DataCollectionEndpoint } from "@pulumi/azure-native/monitor/dataCollectionEndpoint";
import { DataCollectionRule } from "@pulumi/azure-native/monitor/dataCollectionRule";
import { DataCollectionRuleAssociation } from "@pulumi/azure-native/monitor/dataCollectionRuleAssociation";
import { Table } from "@pulumi/azure-native/operationalinsights/table";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace";
import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site";
import { type Machine, machineId } from "./machines";

/** Where the API server writes them, as the configuration says. */
const AUDIT_FILES = ["/var/log/kubernetes/audit/*.log"];

const LINES = "Custom-Text-KubernetesAudit";
const TABLE = "KubernetesAudit_CL";

/** What a line becomes: the questions that people ask of an audit log, and the whole event for all others. */
const COLUMNS = [
    { name: "TimeGenerated", type: "dateTime", from: "todatetime(Event.stageTimestamp)" },
    { name: "Computer", type: "string", from: "Computer" },
    { name: "User", type: "string", from: "tostring(Event.user.username)" },
    { name: "Verb", type: "string", from: "tostring(Event.verb)" },
    { name: "Namespace", type: "string", from: "tostring(Event.objectRef.namespace)" },
    { name: "Resource", type: "string", from: "tostring(Event.objectRef.resource)" },
    { name: "Name", type: "string", from: "tostring(Event.objectRef.name)" },
    { name: "RequestUri", type: "string", from: "tostring(Event.requestURI)" },
    { name: "Code", type: "int", from: "toint(Event.responseStatus.code)" },
    { name: "Event", type: "dynamic", from: "Event" },
];

/**
 * Ships the API servers' audit logs out of the machines' reach: an agent on each machine reads the files, a rule makes
 * columns of them, a workspace keeps them. Whoever takes a machine can stop its shipping, not take back what was shipped.
 */
export function createAuditLogs(
    name: string,
    site: Site,
    args: {
        resourceGroupName: string;
        workspaceName: string;
        machines: Machine[];
        identityId: pulumi.Input<string>;
        retentionDays: number;
    },
    child: pulumi.CustomResourceOptions,
): Workspace {
    const { resourceGroupName } = args;
    const place = { resourceGroupName, location: site.location, tags: site.tags };
    const workspace = new Workspace(
        `${name}-logs`,
        {
            ...place,
            workspaceName: args.workspaceName,
            sku: { name: "PerGB2018" },
            retentionInDays: args.retentionDays,
            features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true },
        },
        child,
    );
    const table = new Table(
        `${name}-audit-table`,
        {
            tableName: TABLE,
            workspaceName: args.workspaceName,
            resourceGroupName,
            plan: "Analytics",
            retentionInDays: args.retentionDays,
            totalRetentionInDays: args.retentionDays,
            schema: { name: TABLE, columns: COLUMNS.map(({ name, type }) => ({ name, type })) },
        },
        { ...child, dependsOn: [workspace] },
    );
    // Text logs come in by an endpoint of their own.
    const endpoint = new DataCollectionEndpoint(
        `${name}-audit-endpoint`,
        {
            ...place,
            dataCollectionEndpointName: `${site.prefix}-audit`,
            kind: "Linux",
            networkAcls: { publicNetworkAccess: "Enabled" },
        },
        child,
    );
    const rule = new DataCollectionRule(
        `${name}-audit-rule`,
        {
            ...place,
            dataCollectionRuleName: `${site.prefix}-audit`,
            kind: "Linux",
            dataCollectionEndpointId: endpoint.id,
            streamDeclarations: {
                [LINES]: {
                    // The same type as in the table, and another spelling.
                    columns: [
                        { name: "TimeGenerated", type: "datetime" },
                        { name: "RawData", type: "string" },
                        { name: "FilePath", type: "string" },
                        { name: "Computer", type: "string" },
                    ],
                },
            },
            // No format of a timestamp: a record is a line.
            dataSources: {
                logFiles: [{ name: "audit", streams: [LINES], filePatterns: AUDIT_FILES, format: "text" }],
            },
            destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: workspace.id }] },
            dataFlows: [
                {
                    streams: [LINES],
                    destinations: ["workspace"],
                    outputStream: `Custom-${TABLE}`,
                    transformKql: `source | extend Event = parse_json(RawData) | project ${COLUMNS.map(({ name, from }) => `${name} = ${from}`).join(", ")}`,
                },
            ],
        },
        { ...child, dependsOn: [table] },
    );
    for (const machine of args.machines) shipFrom(name, site, machine, { ...args, rule }, child);
    return workspace;
}

/** The agent and what it has to read. After the boot, so that the two do not wait for each other's locks. */
function shipFrom(
    name: string,
    site: Site,
    machine: Machine,
    args: { resourceGroupName: string; identityId: pulumi.Input<string>; rule: DataCollectionRule },
    child: pulumi.CustomResourceOptions,
): void {
    const withGeneration = {
        ...child,
        replaceOnChanges: ["tags.generation"],
        deleteBeforeReplace: true,
        deletedWith: machine.virtualMachine,
        dependsOn: [machine.boot],
    };
    new VirtualMachineExtension(
        `${name}-monitor-${machine.number}`,
        {
            vmName: machine.name,
            vmExtensionName: "AzureMonitorLinuxAgent",
            resourceGroupName: args.resourceGroupName,
            location: site.location,
            publisher: "Microsoft.Azure.Monitor",
            type: "AzureMonitorLinuxAgent",
            typeHandlerVersion: "1.33",
            autoUpgradeMinorVersion: true,
            enableAutomaticUpgrade: true,
            settings: {
                authentication: {
                    managedIdentity: { "identifier-name": "mi_res_id", "identifier-value": args.identityId },
                },
            },
            tags: { ...site.tags, "mainstay-role": "control-plane", generation: String(machine.generation) },
        },
        withGeneration,
    );
    new DataCollectionRuleAssociation(
        `${name}-audit-${machine.number}`,
        {
            associationName: `${site.prefix}-audit`,
            resourceUri: machineId(site, args.resourceGroupName, machine),
            dataCollectionRuleId: args.rule.id,
            // It has no tags, so it says its machine's generation here: with another machine it is another one.
            description: `API server's audit log of ${machine.name}, generation ${machine.generation}`,
        },
        { ...withGeneration, replaceOnChanges: ["description"] },
    );
}
