import { packFiles } from "../../components/controlPlane/boot/bundle";
import type { Properties, Resource } from "./program";

const tags = { environment: "test", Owner: "platform" };
const zones = ["1", "2", "3"];
const ofControlPlane = { ...tags, "mainstay-role": "control-plane" };

/** User data as a program may pack it: a compressed archive. */
export function bundleOf(files: Record<string, string>): string {
    return packFiles("user data of a test", files);
}

export const authentication = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
    enabled: true
    conditions:
        - path: /readyz
jwt:
    - issuer:
          url: https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0
          audiences: [kubernetes]
`;

/** What a machine of a control plane is given, good. */
export const controlPlaneFiles = {
    "facts.env":
        "MAINSTAY_FACTS='1'\nROLE='control-plane'\nSNAPSHOT_URL='https://etcd.blob.core.windows.net/snapshots'\n",
    "kubernetes/files/authentication.yaml": authentication,
    "units/mainstay-etcd-snapshot.timer": "[Timer]\nOnCalendar=*:0/15\n",
};

/** A machine as nobody objects to it, of whichever shape. */
export const hardened = {
    osProfile: {
        adminUsername: "mainstay",
        customData: Buffer.from("#cloud-config\nlock_passwd: true\n").toString("base64"),
        linuxConfiguration: { disablePasswordAuthentication: true },
    },
    securityProfile: {
        encryptionAtHost: true,
        securityType: "TrustedLaunch",
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
    },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
};

/** A request of the named group, as openssl writes it. */
export const requestOf = {
    masters: `-----BEGIN CERTIFICATE REQUEST-----
MIHjMIGKAgEAMCgxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ0wCwYDVQQDDARy
b290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExu39AiVEc/go5nF2cH9JKyta
d1Dg5r4jwTpwIKNA0TjsSFekv1/sxH0zoEDPVxLoUnrZH4GPWNGDseKL+sAYlKAA
MAoGCCqGSM49BAMCA0gAMEUCIQDEUhP0At0CnZiYERdRNarIoR4/BpTaEC5/B2aZ
ohO5IgIgS9oR2IJ7wVm9GR9YTGUwhJcMG0y9EZvSf2nmb9LOUZw=
-----END CERTIFICATE REQUEST-----`,
    administrators: `-----BEGIN CERTIFICATE REQUEST-----
MIHrMIGSAgEAMDAxHzAdBgNVBAoMFmt1YmVhZG06Y2x1c3Rlci1hZG1pbnMxDTAL
BgNVBAMMBHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASJ2MhoLLpZ/DNI
iF+IGFx940MnJcUoziaqO96nON0AagFjtEtXlydjRkTUYsQB2swsAO6gXYNmgPxT
0FFwQG85oAAwCgYIKoZIzj0EAwIDSAAwRQIgdf3MWpM01Rwn0Jr1EC5vWSKbpDYb
l/sP4R5NQ6jONlkCIQCRnXmyRvyIQgCeTAhW10UUw3dXP/sGtA+LcTw9wRDG7Q==
-----END CERTIFICATE REQUEST-----`,
};

const inbound = { direction: "Inbound", access: "Allow", protocol: "Tcp", sourcePortRange: "*" };

const balancing = {
    sku: { name: "Standard" },
    backendAddressPools: [{ name: "machines" }],
    probes: [
        {
            name: "readyz",
            protocol: "Https",
            port: 6443,
            requestPath: "/readyz",
            intervalInSeconds: 5,
            probeThreshold: 1,
        },
    ],
    loadBalancingRules: [
        {
            name: "api",
            protocol: "Tcp",
            frontendPort: 6443,
            backendPort: 6443,
            probe: {
                id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/loadBalancers/b/probes/readyz",
            },
            enableTcpReset: true,
            disableOutboundSnat: true,
        },
    ],
    tags,
};

const family = "plane";
const inGroup = { resourceGroupName: { ref: "plane-group", output: "name" } };

/** A control plane of three machines with what belongs to it. */
const controlPlane: Resource[] = [
    { type: "azure-native:resources:ResourceGroup", name: "plane-group", family, props: { tags } },
    {
        type: "azure-native:network:NetworkSecurityGroup",
        name: "plane-guard",
        family,
        props: {
            tags,
            securityRules: [
                {
                    ...inbound,
                    name: "etcd",
                    priority: 100,
                    sourceAddressPrefix: "10.9.0.0/28",
                    destinationAddressPrefix: "10.9.0.0/28",
                    destinationPortRange: "2379-2380",
                },
                {
                    ...inbound,
                    name: "etcd-deny",
                    access: "Deny",
                    priority: 110,
                    protocol: "*",
                    sourceAddressPrefix: "*",
                    destinationAddressPrefix: "10.9.0.0/28",
                    destinationPortRanges: ["2379", "2380"],
                },
                {
                    ...inbound,
                    name: "probes",
                    priority: 120,
                    sourceAddressPrefix: "AzureLoadBalancer",
                    destinationAddressPrefix: "*",
                    destinationPortRange: "*",
                },
                {
                    ...inbound,
                    name: "network",
                    priority: 130,
                    sourceAddressPrefix: "VirtualNetwork",
                    destinationAddressPrefix: "10.9.0.0/28",
                    destinationPortRange: "1024-65535",
                },
                {
                    ...inbound,
                    name: "deny-rest",
                    access: "Deny",
                    priority: 4096,
                    protocol: "*",
                    sourceAddressPrefix: "*",
                    destinationAddressPrefix: "*",
                    destinationPortRange: "*",
                },
            ],
        },
    },
    {
        type: "azure-native:network:Subnet",
        name: "plane-subnet",
        family,
        props: {
            virtualNetworkName: { ref: "network", output: "name" },
            addressPrefix: "10.9.0.0/28",
            networkSecurityGroup: { id: { ref: "plane-guard" } },
        },
    },
    {
        type: "azure-native:network:LoadBalancer",
        name: "plane-balancer",
        family,
        props: {
            ...structuredClone(balancing),
            frontendIPConfigurations: [{ name: "api", subnet: { id: { ref: "plane-subnet" } }, zones }],
        },
    },
    ...zones.flatMap((zone): Resource[] => [
        {
            type: "azure-native:network:NetworkInterface",
            name: `plane-card-${zone}`,
            family,
            props: {
                ipConfigurations: [
                    {
                        name: "primary",
                        subnet: { id: { ref: "plane-subnet" } },
                        // The third is known by its tag alone.
                        loadBalancerBackendAddressPools: zone === "3" ? [] : [{ id: { ref: "plane-balancer" } }],
                    },
                ],
                tags,
            },
        },
        {
            type: "azure-native:compute:Disk",
            name: `plane-disk-${zone}`,
            family,
            props: { sku: { name: "PremiumV2_LRS" }, zones: [zone], tags },
        },
        {
            type: "azure-native:compute:VirtualMachine",
            name: `plane-${zone}`,
            family,
            props: {
                ...inGroup,
                ...structuredClone(hardened),
                zones: [zone],
                userData: bundleOf(controlPlaneFiles),
                storageProfile: {
                    dataDisks: [{ lun: 0, caching: "None", managedDisk: { id: { ref: `plane-disk-${zone}` } } }],
                },
                networkProfile: { networkInterfaces: [{ id: { ref: `plane-card-${zone}` } }] },
                tags: ofControlPlane,
            },
        },
        {
            type: "azure-native:monitor:DataCollectionRuleAssociation",
            name: `plane-audit-${zone}`,
            family,
            props: { resourceUri: { ref: `plane-${zone}` }, dataCollectionRuleId: { ref: "audit-collection" } },
        },
    ]),
];

const worker = {
    sku: { name: "Standard_D4s_v5", capacity: 1 },
    upgradePolicy: { mode: "Rolling", rollingUpgradePolicy: { maxSurge: true } },
    automaticRepairsPolicy: { enabled: true },
    virtualMachineProfile: {
        ...hardened,
        userData: bundleOf({ "facts.env": "ROLE='worker'\nJOIN_SECRET='discovery'\n" }),
        extensionProfile: { extensions: [{ name: "health", type: "ApplicationHealthLinux" }] },
    },
};

const autoscaled = {
    ...tags,
    "mainstay-role": "worker",
    "cluster-autoscaler-enabled": "true",
    "cluster-autoscaler-name": "test",
    min: "1",
    max: "4",
};

const ofSystem = {
    ...autoscaled,
    max: "1",
    "k8s.io_cluster-autoscaler_node-template_label_kubernetes.azure.com_mode": "system",
    "k8s.io_cluster-autoscaler_node-template_taint_CriticalAddonsOnly": "true:NoSchedule",
};

function scaleSet(name: string, zone: string, tags: Properties): Resource {
    const props: Properties = structuredClone({ ...worker, zones: [zone], tags });
    props.virtualMachineProfile.networkProfile = {
        networkInterfaceConfigurations: [
            { name: "primary", ipConfigurations: [{ name: "primary", subnet: { id: { ref: `subnet-${zone}` } } }] },
        ],
    };
    return { type: "azure-native:compute:VirtualMachineScaleSet", name, props };
}

const vault = {
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
    publicNetworkAccess: "Disabled",
};

const account = {
    allowSharedKeyAccess: false,
    allowBlobPublicAccess: false,
    enableHttpsTrafficOnly: true,
    minimumTlsVersion: "TLS1_2",
    publicNetworkAccess: "Disabled",
    tags,
};

const RELEASE = "kubernetes:helm.sh/v3:Release";

const charts: Record<string, Properties> = {
    "pod-network": { chart: "oci://registry.example/charts/cilium" },
    autoscaler: { chart: "cluster-autoscaler" },
    identities: { chart: "./workload-identity-webhook-1.6.0.tgz" },
    "secrets-driver": {
        chart: "csi-secrets-store-provider-azure",
        values: { "secrets-store-csi-driver": { enableSecretRotation: true } },
    },
    reboots: { chart: "kured", values: { configuration: { startTime: "1:00", endTime: "5:00" } } },
};

/** What a self-managed cluster is made of; it refers to networks of the good program. */
export const selfManagedProgram: Resource[] = [
    {
        type: "azure-native:monitor:DataCollectionRule",
        name: "audit-collection",
        props: {
            dataSources: { logFiles: [{ name: "audit", filePatterns: ["/var/log/kubernetes/audit/*.log"] }] },
            destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: { ref: "workspace" } }] },
            tags,
        },
    },
    ...controlPlane,
    {
        type: "azure-native:network:PublicIPAddress",
        name: "public-address",
        family: "public-balancer",
        props: { zones, tags },
    },
    {
        type: "azure-native:network:LoadBalancer",
        name: "public-balancer",
        family: "public-balancer",
        props: {
            ...structuredClone(balancing),
            frontendIPConfigurations: [{ name: "api", publicIPAddress: { id: { ref: "public-address" } } }],
        },
    },
    {
        type: "azure-native:compute:VirtualMachineExtension",
        name: "boot",
        props: { settings: { commandToExecute: "/usr/local/sbin/boot" }, tags },
    },
    ...zones.map((zone) => scaleSet(`workers-${zone}`, zone, autoscaled)),
    ...zones.map((zone) => scaleSet(`system-workers-${zone}`, zone, ofSystem)),
    { type: "azure-native:keyvault:Vault", name: "vault", family: "vault", props: { properties: vault, tags } },
    {
        type: "azure-native:keyvault:Secret",
        name: "vault-secret",
        family: "vault",
        props: { vaultName: { ref: "vault", output: "name" }, secretName: "kubernetes-ca-key" },
    },
    {
        type: "azure-native:keyvault:Vault",
        name: "endpoint-vault",
        family: "endpoint-vault",
        props: { properties: vault, tags },
    },
    {
        type: "azure-native:network:PrivateEndpoint",
        name: "vault-endpoint",
        family: "endpoint-vault",
        props: { privateLinkServiceConnections: [{ privateLinkServiceId: { ref: "endpoint-vault" } }], tags },
    },
    {
        // For keys that people's programs use from anywhere.
        type: "azure-native:keyvault:Vault",
        name: "public-vault",
        props: { properties: { ...vault, publicNetworkAccess: "Enabled" }, tags },
    },
    { type: "azure-native:storage:StorageAccount", name: "account", family: "account", props: account },
    {
        type: "azure-native:network:PrivateEndpoint",
        name: "account-endpoint",
        family: "account",
        props: { privateLinkServiceConnections: [{ privateLinkServiceId: { ref: "account" } }], tags },
    },
    {
        type: "azure-native:storage:StorageAccount",
        name: "public-account",
        props: { ...account, publicNetworkAccess: "Enabled" },
    },
    {
        type: "azure-native:storage:BlobContainer",
        name: "container",
        props: { accountName: { ref: "account", output: "name" }, publicAccess: "None" },
    },
    ...Object.entries(charts).map(([name, props]): Resource => ({ type: RELEASE, name, props })),
    {
        type: "tls:index/certRequest:CertRequest",
        name: "request",
        props: { subject: { commonName: "administrator", organization: "kubeadm:cluster-admins" } },
    },
    {
        type: "tls:index/locallySignedCert:LocallySignedCert",
        name: "signed",
        props: { certRequestPem: requestOf.administrators },
    },
    {
        type: "tls:index/selfSignedCert:SelfSignedCert",
        name: "authority",
        props: { subject: { commonName: "kubernetes" }, isCaCertificate: true },
    },
];
