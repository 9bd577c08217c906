import type { ClusterPlan } from "../../components/controlPlane/configuration";

/** A cluster to write files for; every value is one that a shipped stack could have. */
export function samplePlan(changes: Partial<ClusterPlan> = {}, machines: 3 | 5 = 3): ClusterPlan {
    return {
        cluster: "mainstay-prod",
        kubernetesVersion: "v1.35.8",
        apiName: "api.mainstay-prod.internal",
        apiAddress: "10.64.0.4",
        apiPort: 6443,
        podCidr: "10.244.0.0/16",
        serviceCidr: "10.96.0.0/16",
        dnsServiceIP: "10.96.0.10",
        issuerUrl: "https://issuer0123456789abc.z6.web.core.windows.net",
        tenantId: "11111111-1111-4111-8111-111111111111",
        signInClientId: "22222222-2222-4222-8222-222222222222",
        machines: [1, 2, 3, 4, 5].slice(0, machines).map((number) => ({
            name: `mainstay-prod-cp-${number}`,
            address: `10.64.${((number - 1) % 3) + 1}.${3 + number}`,
        })),
        ...changes,
    };
}
