import assert from "node:assert/strict";
import { readBundle } from "../../components/controlPlane/boot";
import { machineImage } from "../../components/controlPlane/machines";
import { build, buildOtherwise, inGroup, site, waitsFor } from "./recordedControlPlane";
import { idOf } from "./recordedProgram";

const numbers = [1, 2, 3];

describe("control-plane machines", function () {
    this.timeout(30_000);

    it("are in a zone each, with an address of that zone's subnet that is theirs for good", async () => {
        const { recording } = await build();
        for (const number of numbers) {
            const machine = recording.one(`control-plane-machine-${number}`).inputs;
            assert.deepEqual(machine.zones, [String(number)]);
            assert.equal(machine.vmName, `mainstay-prod-cp-${number}`);
            assert.equal(machine.osProfile.computerName, machine.vmName);
            const [network, ...others] = machine.networkProfile.networkInterfaces;
            assert.deepEqual(others, []);
            assert.equal(network.id, idOf(`control-plane-nic-${number}`));
            assert.equal(network.deleteOption, "Detach");

            const { ipConfigurations, enableAcceleratedNetworking } = recording.one(
                `control-plane-nic-${number}`,
            ).inputs;
            const [address] = ipConfigurations;
            assert.equal(enableAcceleratedNetworking, true);
            assert.equal(address.privateIPAllocationMethod, "Static");
            assert.equal(address.subnet.id, idOf(`network-control-plane-${number}`));
            assert.equal(address.publicIPAddress, undefined);
            assert.equal(address.loadBalancerBackendAddressPools.length, 1);
        }
        const addresses = numbers.map(
            (number) => recording.one(`control-plane-nic-${number}`).inputs.ipConfigurations[0].privateIPAddress,
        );
        assert.deepEqual(addresses, ["10.64.8.4", "10.64.16.5", "10.64.24.6"]);
    });

    it("keep etcd on a disk of its own in their zone, which outlives them", async () => {
        const { recording } = await build();
        for (const number of numbers) {
            const disk = recording.one(`control-plane-etcd-${number}`).inputs;
            assert.deepEqual(disk.zones, [String(number)]);
            assert.equal(disk.sku.name, "PremiumV2_LRS");
            assert.deepEqual([disk.diskSizeGB, disk.diskIOPSReadWrite, disk.diskMBpsReadWrite], [32, 4000, 150]);
            assert.equal(disk.networkAccessPolicy, "DenyAll");
            const [attached, ...others] = recording.one(`control-plane-machine-${number}`).inputs.storageProfile
                .dataDisks;
            assert.deepEqual(others, []);
            assert.deepEqual(attached, {
                lun: 0,
                createOption: "Attach",
                // Premium SSD v2 takes no cache.
                caching: "None",
                managedDisk: { id: idOf(`control-plane-etcd-${number}`) },
                deleteOption: "Detach",
            });
        }
    });

    it("start nothing that is not signed, encrypt on the host, and know no password", async () => {
        const { recording } = await build();
        for (const { inputs } of recording.ofType("azure-native:compute:VirtualMachine")) {
            assert.deepEqual(inputs.securityProfile, {
                encryptionAtHost: true,
                securityType: "TrustedLaunch",
                uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
            });
            assert.equal(inputs.osProfile.adminPassword, undefined);
            assert.equal(inputs.osProfile.linuxConfiguration.disablePasswordAuthentication, true);
            assert.match(inputs.osProfile.linuxConfiguration.ssh.publicKeys[0].keyData, /^ssh-ed25519 \S+$/);
            assert.deepEqual(inputs.diagnosticsProfile, { bootDiagnostics: { enabled: true } });
            assert.equal(inputs.storageProfile.imageReference.offer, "ubuntu-24_04-lts");
            assert.deepEqual(inputs.storageProfile.imageReference, machineImage);
            assert.equal(inputs.identity.type, "UserAssigned");
            assert.deepEqual(inputs.identity.userAssignedIdentities, [idOf("control-plane-identity")]);
        }
    });

    it("are never restarted by Azure's patching, which knows nothing of etcd's majority", async () => {
        const { recording } = await build();
        for (const { inputs } of recording.ofType("azure-native:compute:VirtualMachine")) {
            const { patchSettings } = inputs.osProfile.linuxConfiguration;
            assert.deepEqual(patchSettings, { patchMode: "ImageDefault", assessmentMode: "ImageDefault" });
        }
    });

    it("are replaced by their generation alone, the old one first, and what cannot change waits for that", async () => {
        const { recording, result } = await buildOtherwise();
        const generations = numbers.map((n) => recording.one(`control-plane-machine-${n}`).inputs.tags.generation);
        assert.deepEqual(generations, ["1", "7", "1"]);
        assert.deepEqual(
            result.machines.map(({ generation }) => generation),
            [1, 7, 1, 1, 1],
        );
        for (const { ignoreChanges, replaceOnChanges, deleteBeforeReplace } of recording.ofType(
            "azure-native:compute:VirtualMachine",
        )) {
            assert.deepEqual(ignoreChanges, ["hardwareProfile", "osProfile", "securityProfile", "storageProfile"]);
            assert.deepEqual(replaceOnChanges, ["tags.generation"]);
            assert.ok(deleteBeforeReplace);
        }
    });

    it("boot one after another, and the result of each boot is a resource that goes with the machine", async () => {
        const { recording, result } = await build();
        for (const number of numbers) {
            const boot = recording.one(`control-plane-boot-${number}`);
            assert.equal(boot.inputs.vmName, `mainstay-prod-cp-${number}`);
            assert.equal(boot.inputs.type, "CustomScript");
            assert.match(boot.inputs.settings.commandToExecute, /mainstay-boot$/);
            // CustomScript refuses what it does not know.
            assert.deepEqual(Object.keys(boot.inputs.settings), ["commandToExecute"]);
            assert.equal(boot.inputs.tags.generation, "1");
            assert.deepEqual(boot.replaceOnChanges, ["tags.generation"]);
            assert.equal(boot.deletedWith, `control-plane-machine-${number}`);
            assert.ok(boot.dependsOn.includes(`control-plane-machine-${number}`));
            assert.equal(boot.dependsOn.includes(`control-plane-boot-${number - 1}`), number > 1);
        }
        assert.equal(result.ready.length, 3);
    });

    it("run their boot again when their bundle changes, with the keys in the vault as with any fact", async () => {
        const [before, after] = [(await build()).recording, (await buildOtherwise()).recording];
        for (const number of numbers) {
            const tag = (recording: typeof before) =>
                recording.one(`control-plane-boot-${number}`).inputs.forceUpdateTag;
            assert.match(tag(before), /^[0-9a-f]{32}$/);
            assert.notEqual(tag(before), tag(after));
        }
        const facts = (recording: typeof before) =>
            readBundle(recording.one("control-plane-machine-1").inputs.userData)["facts.env"];
        assert.match(facts(before), /^KEY_GENERATIONS='authorities=1 encryption-keys=1 service-account-keys=1'$/m);
        assert.match(facts(after), /^KEY_GENERATIONS='authorities=1,2 encryption-keys=2,1 service-account-keys=1'$/m);
    });

    it("wait for their keys, for what they may do and for where they write", async () => {
        const { recording } = await build();
        const needed = [
            "control-plane-secret-kubernetes-ca-key",
            "control-plane-may-use-secrets",
            "control-plane-may-use-join",
            "control-plane-may-use-issuer",
            "control-plane-may-use-state",
            "control-plane-may-use-snapshots",
            "control-plane-secrets-endpoint-dns",
            "control-plane-join-endpoint-dns",
            "control-plane-storage-state-endpoint-dns",
            "control-plane-storage-etcd-endpoint-dns",
            "control-plane-storage-issuer-website",
            "control-plane-balancer-record",
        ];
        for (const number of numbers) {
            const all = waitsFor(recording.resources, `control-plane-machine-${number}`);
            assert.deepEqual(
                needed.filter((name) => !all.has(name)),
                [],
                `machine ${number}`,
            );
        }
    });

    it("get facts by which they find everything, and no secret", async () => {
        const { recording } = await build();
        const { userData } = recording.one("control-plane-machine-2").inputs;
        const files = readBundle(userData);
        const facts = files["facts.env"];
        for (const fact of [
            "ROLE='control-plane'",
            "MACHINE='mainstay-prod-cp-2'",
            "ZONE='2'",
            "NODE_ADDRESS='10.64.16.5'",
            "API_NAME='api.mainstay-prod.internal'",
            "API_ADDRESS='10.64.0.4'",
            "PEERS='mainstay-prod-cp-1=10.64.8.4 mainstay-prod-cp-2=10.64.16.5 mainstay-prod-cp-3=10.64.24.6'",
            "SNAPSHOT_RETENTION_DAYS='30'",
        ])
            assert.ok(facts.includes(`${fact}\n`), `${fact} in:\n${facts}`);
        const vault = recording.one("control-plane-secrets").inputs.vaultName;
        assert.ok(facts.includes(`VAULT_URL='https://${vault}.vault.azure.net'`));
        assert.deepEqual(JSON.parse(files["issuer/jwks"]).keys.length, 1);
        for (const [path, text] of Object.entries(files)) assert.doesNotMatch(text, /PRIVATE KEY/, path);
    });

    it("send the API server's audit log to a workspace, by an agent that signs in as they do", async () => {
        const { recording } = await build();
        const rule = recording.one("control-plane-audit-rule").inputs;
        assert.deepEqual(rule.dataSources.logFiles[0].filePatterns, ["/var/log/kubernetes/audit/*.log"]);
        const table = recording.one("control-plane-audit-table").inputs;
        assert.equal(rule.dataFlows[0].outputStream, `Custom-${table.tableName}`);
        for (const { name } of table.schema.columns)
            assert.match(rule.dataFlows[0].transformKql, new RegExp(`\\b${name} = `), name);
        assert.ok(Object.keys(rule.streamDeclarations).includes(rule.dataSources.logFiles[0].streams[0]));
        assert.equal(recording.one("control-plane-logs").inputs.retentionInDays, 90);
        for (const number of numbers) {
            const agent = recording.one(`control-plane-monitor-${number}`).inputs;
            assert.deepEqual(agent.settings.authentication.managedIdentity, {
                "identifier-name": "mi_res_id",
                "identifier-value": idOf("control-plane-identity"),
            });
            assert.equal(
                recording.one(`control-plane-audit-${number}`).inputs.resourceUri,
                inGroup(`Microsoft.Compute/virtualMachines/mainstay-prod-cp-${number}`),
            );
        }
    });

    it("carry the environment's tags and say what they are", async () => {
        const { recording } = await build();
        for (const { inputs } of recording.ofType("azure-native:compute:VirtualMachine"))
            assert.deepEqual(inputs.tags, { ...site.tags, "mainstay-role": "control-plane", generation: "1" });
    });
});
