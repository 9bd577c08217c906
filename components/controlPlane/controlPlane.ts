import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls/privateKey";
import { createIdentity, type Grant, type Identity } from "../identity";
import { controlPlaneAddress, type Network } from "../network";
import { type Site, siteOf } from "../site";
import { createAuditLogs } from "./auditLogs";
import { bootCommand, controlPlaneBundle, customData, type KubernetesMinor, releases } from "./boot";
import { createCertificates } from "./certificates";
import { type ClusterPlan, controlPlaneFiles } from "./configuration";
import { API_PORT, ApiLoadBalancer } from "./loadBalancer";
import { createMachine, type EtcdDiskArgs, type Machine, type MachinePlan } from "./machines";
import { controlPlaneNames } from "./names";
import { placeOverZones } from "./placement";
import { credentialProvider, type Registry, registryHost } from "./registry";
import { createStorage } from "./storage";
import { createVault, putSecrets } from "./vault";

/** Arguments of {@link ControlPlane}. */
export interface ControlPlaneArgs extends Site {
    network: Network;
    /** Minor version, such as `1.35`. */
    kubernetesVersion: KubernetesMinor;
    /** A private API, or a public one beside it for these ranges only. */
    api: { private: boolean; authorizedRanges: string[] };
    /** Overlay range of the pods. */
    podCidr: string;
    serviceCidr: string;
    /** Inside `serviceCidr`. */
    dnsServiceIP: string;
    /** How many. Odd, so that etcd keeps a majority when one is gone. */
    machines: 3 | 5;
    /** Virtual machine size of machines made from now on: it reaches the others one by one, as their generations grow. */
    size: string;
    etcdDisk: EtcdDiskArgs;
    /** Generation by the machine's number: a higher one replaces that machine. @default 1 for each */
    generations: Partial<Record<string, number>>;
    /** Generations of keys and certificates: how they are rotated. */
    certificates: {
        authorities: number[];
        administrator: number;
        encryptionKeys: number[];
        serviceAccountKeys: number[];
    };
    /** A higher number runs every machine's boot again, one after another, though nothing else has changed. */
    bootRun: number;
    /** Application ID of the registration that people sign in by. */
    signIn: { clientId: string };
    snapshots: { retentionDays: number };
    auditLogs: { retentionDays: number };
    /** A private container registry that the machines pull from. @default none */
    registry?: Registry;
}

/** Secret in the join vault by which workers join. The control plane's machines write it anew, again and again. */
const JOIN_SECRET = "discovery";

/**
 * A Kubernetes control plane that survives the loss of a zone: kubeadm machines with etcd of their own, one load balancer
 * in front. Machines get their keys from a vault, by their identity; who initialises the cluster they settle by a lock.
 *
 * @example
 * const controlPlane = new ControlPlane("control-plane", {
 *     ...site,
 *     ...settings.network,
 *     ...settings.cluster,
 *     ...settings.controlPlane,
 *     network,
 * });
 */
export class ControlPlane extends pulumi.ComponentResource {
    /** Where clients reach the API: `https://host:6443`. */
    public readonly endpoint: string;
    /** Break glass: in the vault for people, here for the deployment. */
    public readonly administratorKubeconfig: pulumi.Output<string>;
    /** Certificates that a client of the API may trust. */
    public readonly authorityBundle: pulumi.Output<string>;
    /** Issuer of service account tokens, without a slash at its end. */
    public readonly oidcIssuerUrl: pulumi.Output<string>;
    /** What the configuration of every machine follows from. */
    public readonly plan: pulumi.Output<ClusterPlan>;
    /** The machines: what is known beforehand, and their resources. */
    public readonly machines: Machine[];
    /** How the machines' boots ended. Whoever asks the API for something waits for them. */
    public readonly ready: pulumi.Resource[];
    /** The vault that workers read: `secret` of it is what they join by. `url` and `id` are plain. */
    public readonly joinVault: { url: string; id: string; secret: string };
    /** Which authorities nodes trust, such as `authorities=1,2`: nodes that were told of others have to be made anew. */
    public readonly trust: string;
    /** Identity of the control plane's machines: whoever adds something to the cluster may let it do more. */
    public readonly identity: Identity;
    /** Identity of the workers: it reads the join vault. */
    public readonly workerIdentity: Identity;
    /** Public half of a key that nobody uses: Azure wants one where there is no password. */
    public readonly sshPublicKey: pulumi.Output<string>;
    public readonly resourceGroupName: string;

    constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
        super("mainstay:index:ControlPlane", name, {}, opts);
        const child = { parent: this };
        const site = siteOf(args);
        const { network } = args;
        const names = controlPlaneNames(site);
        const release = releases[args.kubernetesVersion];

        const resourceGroup = new ResourceGroup(
            `${name}-group`,
            { resourceGroupName: names.resourceGroup, location: site.location, tags: site.tags },
            child,
        );
        // By its name and not by its output: so a preview knows where everything will be.
        const resourceGroupName = names.resourceGroup;
        const inGroup = { ...child, dependsOn: [resourceGroup] };

        const balancer = new ApiLoadBalancer(
            `${name}-balancer`,
            { ...site, resourceGroupName, network, public: !args.api.private },
            inGroup,
        );
        const endpoint = `https://${balancer.publicName ?? balancer.privateName}:${API_PORT}`;

        const certificates = createCertificates(name, { site, apiServer: endpoint, ...args.certificates }, child);

        const secretsVault = createVault(
            `${name}-secrets`,
            site,
            { vaultName: names.secretsVault, resourceGroupName, network },
            inGroup,
        );
        const joinVault = createVault(
            `${name}-join`,
            site,
            { vaultName: names.joinVault, resourceGroupName, network },
            inGroup,
        );
        const secrets = putSecrets(
            `${name}-secret`,
            site,
            { vault: secretsVault, resourceGroupName },
            certificates.secrets,
            child,
        );

        const storage = createStorage(
            `${name}-storage`,
            site,
            {
                resourceGroupName,
                network,
                accountNames: {
                    issuer: names.issuerAccount,
                    state: names.stateAccount,
                    snapshots: names.snapshotAccount,
                },
            },
            inGroup,
        );

        const machinesMayWrite = "Storage Blob Data Contributor";
        const pull: Grant[] = args.registry ? [{ role: "AcrPull", scope: args.registry.id, on: "registry" }] : [];
        const identity = createIdentity(
            name,
            site,
            {
                resourceName: names.identity,
                resourceGroupName,
                describes: "the control plane",
                grants: [
                    { role: "Key Vault Secrets User", scope: secretsVault.id, on: "secrets" },
                    { role: "Key Vault Secrets Officer", scope: joinVault.id, on: "join" },
                    { role: machinesMayWrite, scope: storage.scopes.issuer, on: "issuer" },
                    { role: machinesMayWrite, scope: storage.scopes.state, on: "state" },
                    { role: machinesMayWrite, scope: storage.scopes.snapshots, on: "snapshots" },
                    ...pull,
                ],
            },
            // The scopes are plain, so their makers have to be named.
            { ...child, dependsOn: [...secretsVault.reachable, ...joinVault.reachable, ...storage.reachable] },
        );
        const workerIdentity = createIdentity(
            `${name}-worker`,
            site,
            {
                resourceName: names.workerIdentity,
                resourceGroupName,
                describes: "workers",
                grants: [{ role: "Key Vault Secrets User", scope: joinVault.id, on: "join" }, ...pull],
            },
            { ...child, dependsOn: joinVault.reachable },
        );

        const planned: MachinePlan[] = placeOverZones(args.machines, site.zones).map(({ machine, zone }) => ({
            number: machine,
            name: names.machine(machine),
            zone,
            address: controlPlaneAddress(network.addressSpace, machine, zone),
            generation: args.generations[machine] ?? 1,
        }));
        const plan = storage.issuer.url.apply((issuerUrl): ClusterPlan => ({
            cluster: site.prefix,
            resourceGroupName,
            kubernetesVersion: release.kubernetes,
            apiName: balancer.privateName,
            apiAddress: balancer.privateAddress,
            apiPort: API_PORT,
            publicName: balancer.publicName,
            podCidr: args.podCidr,
            serviceCidr: args.serviceCidr,
            dnsServiceIP: args.dnsServiceIP,
            issuerUrl,
            tenantId: site.tenantId,
            signInClientId: args.signIn.clientId,
            machines: planned.map(({ name, address }) => ({ name, address })),
            registry: args.registry && registryHost(args.registry),
        }));
        const userData = (machine: MachinePlan) =>
            pulumi.all([plan, certificates.jwks]).apply(([plan, jwks]) =>
                controlPlaneBundle(
                    {
                        ...plan,
                        machine: machine.name,
                        nodeAddress: machine.address,
                        zone: machine.zone,
                        generation: machine.generation,
                        peers: plan.machines,
                        vaultUrl: secretsVault.url,
                        secretFiles: certificates.secretFiles,
                        joinVaultUrl: joinVault.url,
                        joinSecret: JOIN_SECRET,
                        stateUrl: storage.stateUrl,
                        snapshotUrl: storage.snapshotUrl,
                        issuerBlobUrl: storage.issuer.blobUrl,
                        more: {
                            SNAPSHOT_RETENTION_DAYS: String(args.snapshots.retentionDays),
                            KEY_GENERATIONS: keyGenerations(args.certificates),
                        },
                    },
                    { ...controlPlaneFiles(plan, machine), "issuer/jwks": jwks },
                    args.registry ? [credentialProvider(args.registry)] : [],
                ),
            );

        const sshKey = new PrivateKey(`${name}-unused-ssh-key`, { algorithm: "ED25519" }, child);
        this.sshPublicKey = sshKey.publicKeyOpenssh.apply((key) => key.trim());
        const machineArgs = {
            resourceGroupName,
            size: args.size,
            etcdDisk: args.etcdDisk,
            identityId: identity.id,
            backendPoolIds: balancer.backendPoolIds,
            sshPublicKey: this.sshPublicKey,
            customData,
            bootCommand,
            bootRun: args.bootRun,
        };
        const waitsFor = [...identity.grants, ...secrets, ...storage.reachable, ...balancer.named];
        this.machines = [];
        for (const machine of planned) {
            const own = {
                subnetId: network.controlPlaneSubnetIds[machine.zone],
                userData: userData(machine),
                waitsFor,
                previous: this.machines.at(-1),
            };
            this.machines.push(createMachine(name, site, machine, machineArgs, own, inGroup));
        }

        createAuditLogs(
            name,
            site,
            {
                resourceGroupName,
                workspaceName: names.logs,
                machines: this.machines,
                identityId: identity.id,
                retentionDays: args.auditLogs.retentionDays,
            },
            inGroup,
        );

        this.endpoint = endpoint;
        this.administratorKubeconfig = certificates.administratorKubeconfig;
        this.authorityBundle = certificates.authorityBundle;
        this.trust = `authorities=${args.certificates.authorities.join()}`;
        this.oidcIssuerUrl = storage.issuer.url;
        this.plan = plan;
        this.ready = this.machines.map(({ boot }) => boot);
        this.joinVault = { url: joinVault.url, id: joinVault.id, secret: JOIN_SECRET };
        this.identity = identity;
        this.workerIdentity = workerIdentity;
        this.resourceGroupName = resourceGroupName;
        this.registerOutputs({
            endpoint: this.endpoint,
            oidcIssuerUrl: this.oidcIssuerUrl,
            resourceGroupName: this.resourceGroupName,
        });
    }
}

/**
 * Which keys the vault holds, such as `authorities=1,2 encryption-keys=1`. Other keys make another bundle, so that machines
 * fetch them, one machine after another: of a change in the vault they would not know.
 */
function keyGenerations(keys: ControlPlaneArgs["certificates"]): string {
    return [
        `authorities=${keys.authorities.join()}`,
        `encryption-keys=${keys.encryptionKeys.join()}`,
        `service-account-keys=${keys.serviceAccountKeys.join()}`,
    ].join(" ");
}
