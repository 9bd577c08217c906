import { belongsTo } from "./belonging";
import { checklist } from "./checklist";
import { API_PORT, balancesApi } from "./controlPlanes";
import { shown } from "./finding";
import type { Judged } from "./kinds";
import { minimumZones } from "./minimumZones";
import { allOf, each, refers } from "./reading";
import { resourceRule, stackRule } from "./rule";

const item = checklist.loadBalancer;
const LOAD_BALANCER = "azure-native:network:LoadBalancer";

const standardLoadBalancer = resourceRule({
    name: "standard-load-balancer",
    item,
    title: "Load balancers are of the Standard kind",
    severity: "high",
    why: "A Basic load balancer knows no zones, and Azure has retired it; behind it one zone's loss takes everything.",
    mend: "Choose the Standard kind, which for a cluster is the default.",
    kinds: ["azure-native:containerservice:ManagedCluster", LOAD_BALANCER],
    check(resource, judge) {
        if (resource.kind === "azure-native:containerservice:ManagedCluster") {
            const given = resource.props.networkProfile?.loadBalancerSku;
            if ((given ?? "standard").toLowerCase() !== "standard") {
                judge.refuse({ at: "networkProfile.loadBalancerSku", given: shown(given), allowed: "standard" });
            }
            return;
        }
        const given = resource.props.sku?.name;
        if (!["Standard", "Gateway"].includes(given ?? "")) {
            judge.refuse({ at: "sku.name", given: shown(given), allowed: "Standard, or Gateway" });
        }
    },
});

type LoadBalancer = Judged<typeof LOAD_BALANCER>["props"];
type LoadBalancingRule = NonNullable<LoadBalancer["loadBalancingRules"]>[number];

function eachApiRule(props: LoadBalancer, visit: (rule: LoadBalancingRule, path: string) => void): void {
    each(props.loadBalancingRules, (rule, index) => {
        if (rule.frontendPort === API_PORT || rule.backendPort === API_PORT)
            visit(rule, `loadBalancingRules[${index}].`);
    });
}

const apiProbe = resourceRule({
    name: "api-probe",
    item,
    title: "The API's load balancer asks API servers whether they are ready, every five seconds",
    severity: "critical",
    why: "A port that is open is not yet a server that is ready: behind a TCP probe clients are sent to one that has lost etcd.",
    mend: 'Give the rule a probe: { protocol: "Https", port: 6443, requestPath: "/readyz", intervalInSeconds: 5, probeThreshold: 1 }.',
    kinds: [LOAD_BALANCER],
    check({ props }, judge) {
        if (!balancesApi({ props })) judge.notConcerned("It does not balance port 6443");
        eachApiRule(props, (rule, path) => {
            if (!refers(rule.probe, "id")) {
                judge.refuse({ at: `${path}probe`, given: "nothing", allowed: "a probe" });
                return;
            }
            const probes = props.probes ?? [];
            // With one probe it is that one, though its ID may not be known.
            const index =
                probes.length === 1 ? 0 : probes.findIndex(({ name }) => rule.probe!.id!.endsWith(`/probes/${name}`));
            if (index < 0) return;
            const probe = probes[index];
            const refuse = (property: string, given: string | number | undefined, allowed: string) =>
                judge.refuse({ at: `probes[${index}].${property}`, given: shown(given), allowed });
            allOf(
                () => probe.protocol === "Https" || refuse("protocol", probe.protocol, "Https"),
                () => probe.port === rule.backendPort || refuse("port", probe.port, shown(rule.backendPort)),
                () =>
                    /^\/readyz(\?|$)/.test(probe.requestPath ?? "") ||
                    refuse("requestPath", probe.requestPath, "/readyz"),
                () =>
                    (probe.intervalInSeconds ?? 15) <= 5 ||
                    refuse("intervalInSeconds", probe.intervalInSeconds, "5 seconds"),
                () =>
                    (probe.probeThreshold ?? 0) >= 1 ||
                    refuse("probeThreshold", probe.probeThreshold, "stated, since numberOfProbes has no effect"),
            );
        });
    },
});

const apiConnectionsReset = resourceRule({
    name: "api-connections-reset",
    item,
    title: "The API's load balancer tells both ends when it gives a connection up, and is nobody's way out",
    severity: "medium",
    why: "Without a reset a watch that was forgotten is silent until its client's own timeout; a balancer that is also the way out runs out of ports.",
    mend: "Set enableTcpReset: true on the rule, and with a public frontend disableOutboundSnat: true.",
    kinds: [LOAD_BALANCER],
    check({ props }, judge) {
        if (!balancesApi({ props })) judge.notConcerned("It does not balance port 6443");
        const isPublic = (props.frontendIPConfigurations ?? []).some((frontend) => refers(frontend, "publicIPAddress"));
        eachApiRule(props, ({ enableTcpReset, disableOutboundSnat }, path) => {
            if (enableTcpReset !== true) {
                judge.refuse({ at: `${path}enableTcpReset`, given: shown(enableTcpReset), allowed: "true" });
            }
            if (isPublic && disableOutboundSnat !== true) {
                judge.refuse({ at: `${path}disableOutboundSnat`, given: shown(disableOutboundSnat), allowed: "true" });
            }
        });
    },
});

const frontendsAcrossZones = stackRule({
    name: "frontends-across-zones",
    item,
    title: "A load balancer's frontend is in all zones",
    severity: "high",
    why: "A frontend of one zone is lost with that zone, and everything behind it with the frontend.",
    mend: 'Set zones: ["1", "2", "3"] on an internal frontend; of a public one, on its address.',
    config: minimumZones,
    kind: LOAD_BALANCER,
    reads: ["azure-native:network:PublicIPAddress"],
    check(stack) {
        const { minimumZones } = stack.config<{ minimumZones: number }>();
        const addresses = stack.all("azure-native:network:PublicIPAddress");
        for (const balancer of stack.all(LOAD_BALANCER)) {
            (balancer.props.frontendIPConfigurations ?? []).forEach((frontend, index) => {
                if (!refers(frontend, "subnet") || (frontend.zones?.length ?? 0) >= minimumZones) return;
                stack.refuse(balancer, {
                    at: `frontendIPConfigurations[${index}].zones`,
                    given: shown(frontend.zones),
                    allowed: `at least ${minimumZones} zones`,
                });
            });
            for (const address of addresses) {
                if (!belongsTo(address, balancer, "frontendIPConfigurations")) continue;
                if ((address.props.zones?.length ?? 0) >= minimumZones) continue;
                stack.refuse(address, {
                    at: "zones",
                    given: shown(address.props.zones),
                    allowed: `at least ${minimumZones} zones, since it is a load balancer's frontend`,
                });
            }
        }
    },
});

export const loadBalancer = [standardLoadBalancer, apiProbe, apiConnectionsReset, frontendsAcrossZones];
