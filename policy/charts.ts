import { checklist } from "./checklist";
import { controlPlaneReads, controlPlanesOf } from "./controlPlanes";
import type { Finding } from "./finding";
import { shown } from "./finding";
import type { Kinds } from "./kinds";
import { stackRule, type Rule, type RuleText } from "./rule";

const RELEASE = "kubernetes:helm.sh/v3:Release";

type Release = Kinds[typeof RELEASE];

/**
 * A rule on what AKS brings and a self-managed cluster has to install: a program that makes a control plane installs one of
 * these charts, with values that are good.
 */
function chartRule(rule: RuleText & { charts: string[]; wrongIn?(release: Release): Finding | undefined }): Rule {
    const { charts, wrongIn = () => undefined } = rule;
    return stackRule({
        ...rule,
        kind: "azure-native:compute:VirtualMachine",
        reads: [...controlPlaneReads, RELEASE],
        check(stack) {
            const planes = controlPlanesOf(stack);
            const installed = stack.all(RELEASE).filter(({ props }) => charts.includes(nameOf(props.chart)));
            for (const release of installed) {
                const finding = wrongIn(release.props);
                if (finding) stack.refuse(release, finding);
            }
            if (installed.length > 0) return;
            for (const [machine] of planes) {
                stack.refuse(machine, {
                    at: "the charts of its cluster",
                    given: "none such",
                    allowed: charts.join(" or "),
                    mend: "Where another program installs it, disable this rule.",
                });
            }
        },
    });
}

/** `cilium` of `cilium`, `oci://registry/charts/cilium` and `./cilium-1.20.1.tgz`. */
function nameOf(chart: string | undefined): string {
    return (chart ?? "")
        .split("/")
        .at(-1)!
        .replace(/-v?\d[\w.+-]*\.tgz$/, "");
}

export const networkPolicyChart = chartRule({
    name: "network-policy-chart",
    item: checklist.networkPolicies,
    title: "A self-managed cluster gets a network that enforces network policies",
    severity: "critical",
    why: "Without one the API server accepts every NetworkPolicy and nothing enforces it.",
    mend: "Install Cilium, or Calico, as a Release in the same program.",
    charts: ["cilium", "tigera-operator", "calico", "antrea"],
});

export const autoscalerChart = chartRule({
    name: "autoscaler-chart",
    item: checklist.autoscaling,
    title: "A self-managed cluster gets the autoscaler that its scale sets' tags speak to",
    severity: "high",
    why: "Tags with limits grow nothing by themselves.",
    mend: "Install cluster-autoscaler as a Release in the same program.",
    charts: ["cluster-autoscaler"],
});

export const workloadIdentityChart = chartRule({
    name: "workload-identity-chart",
    item: checklist.everyDeployment,
    title: "Workloads of a self-managed cluster have identities of their own, without secrets",
    severity: "high",
    why: "Without it a workload that calls Azure holds a password, or shares the node's identity with all its neighbours.",
    mend: "Install workload-identity-webhook as a Release in the same program.",
    charts: ["workload-identity-webhook"],
});

export const keyVaultChart = chartRule({
    name: "key-vault-chart",
    item: checklist.everyDeployment,
    title: "A self-managed cluster reads secrets from Key Vault, and again when they change",
    severity: "medium",
    why: "Without rotation a changed password reaches a pod when somebody remembers to restart it.",
    mend: 'Install csi-secrets-store-provider-azure with "secrets-store-csi-driver": { enableSecretRotation: true }.',
    charts: ["csi-secrets-store-provider-azure"],
    wrongIn({ values }) {
        const given = values?.["secrets-store-csi-driver"]?.enableSecretRotation;
        if (given === true) return undefined;
        return { at: "values.secrets-store-csi-driver.enableSecretRotation", given: shown(given), allowed: "true" };
    },
});

export const rebootsChart = chartRule({
    name: "reboots-chart",
    item: checklist.everyDeployment,
    title: "Machines of a self-managed cluster restart for fixes one after another, in a window",
    severity: "high",
    why: "Machines that nobody restarts keep each published flaw; those that restart by themselves take etcd's majority along.",
    mend: "Install kured with configuration.startTime and endTime, and leave concurrency at 1.",
    charts: ["kured"],
    wrongIn({ values }) {
        const { concurrency = 1, startTime, endTime } = values?.configuration ?? {};
        if (concurrency !== 1)
            return { at: "values.configuration.concurrency", given: shown(concurrency), allowed: "1" };
        if (startTime !== undefined && endTime !== undefined) return undefined;
        return {
            at: "values.configuration.startTime and endTime",
            given: `${shown(startTime)} and ${shown(endTime)}`,
            allowed: "both",
        };
    },
});
