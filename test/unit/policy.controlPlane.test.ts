import assert from "node:assert/strict";
import * as fc from "fast-check";
import { placeOverZones } from "../../components/controlPlane/placement";
import { isInside, overlaps } from "../../policy/addressRanges";
import { judge, judgeStack, UNKNOWN, type StackResource } from "../policy/judge";
import type { Properties } from "../policy/program";

const MACHINE = "azure-native:compute:VirtualMachine";
const tags = { "mainstay-role": "control-plane" };

/** Machines by their zones, with what belongs to them. */
function machines(zones: (string | undefined)[], props: Properties = { tags }): StackResource[] {
    return zones.flatMap((zone, at): StackResource[] => [
        {
            type: MACHINE,
            name: `machine-${at}`,
            props: { resourceGroupName: "cluster", ...(zone && { zones: [zone] }), ...props },
            refersTo: { networkProfile: `card-${at}` },
        },
        { type: "azure-native:network:NetworkInterface", name: `card-${at}`, refersTo: { ipConfigurations: "subnet" } },
    ]);
}

const zone = fc.constantFrom("1", "2", "3");

describe("policy: machines of a control plane", () => {
    it("are as many as etcd wants exactly if their number is odd and three or more", () => {
        fc.assert(
            fc.property(fc.array(zone, { minLength: 1, maxLength: 9 }), (zones) => {
                const { outcome } = judgeStack("control-plane-machines", machines(zones));
                assert.equal(outcome, zones.length >= 3 && zones.length % 2 === 1 ? "passed" : "refused");
            }),
        );
    });

    it("are spread evenly exactly if no zone has two more than another, one without any among them", () => {
        fc.assert(
            fc.property(fc.array(zone, { minLength: 3, maxLength: 7 }), (zones) => {
                const counts = ["1", "2", "3"].map((one) => zones.filter((other) => other === one).length);
                const { outcome } = judgeStack("control-plane-across-zones", machines(zones));
                assert.equal(outcome, Math.max(...counts) - Math.min(...counts) <= 1 ? "passed" : "refused");
            }),
        );
    });

    it("are spread evenly wherever the project's own placement puts them", () => {
        const regions = [
            ["1", "2", "3"],
            ["1", "3"],
        ];
        fc.assert(
            fc.property(fc.constantFrom(3, 5), fc.constantFrom(...regions), (count, zones) => {
                const placed = placeOverZones(count as 3, zones).map(({ zone }) => zone);
                const stack = machines(placed);
                const config = { minimumZones: zones.length };
                assert.equal(judgeStack("control-plane-across-zones", stack, config).outcome, "passed");
            }),
        );
    });

    it("of two groups are two control planes", () => {
        const [one, two] = ["one", "two"].map((resourceGroupName) =>
            machines(["1", "2", "3"], { tags, resourceGroupName }).map((resource) => ({
                ...resource,
                name: `${resourceGroupName}-${resource.name}`,
                refersTo: undefined,
            })),
        );
        assert.equal(judgeStack("control-plane-machines", [...one, ...two]).outcome, "passed");
        assert.equal(judgeStack("control-plane-machines", [...one, ...two.slice(0, 3)]).outcome, "refused");
    });

    it("are known by a load balancer of port 6443 in front of them as well, others not at all", () => {
        const balancer = (port: number): StackResource => ({
            type: "azure-native:network:LoadBalancer",
            name: "subnet",
            props: { loadBalancingRules: [{ frontendPort: 443, backendPort: port }] },
        });
        const untagged = machines(["1", "2"], { tags: { team: "a" } });
        assert.equal(judgeStack("control-plane-machines", [...untagged, balancer(6443)]).outcome, "refused");
        assert.equal(judgeStack("control-plane-machines", [...untagged, balancer(443)]).outcome, "not concerned");
        assert.equal(judgeStack("control-plane-machines", untagged).outcome, "not concerned");
    });

    it("in an update are replaced where they are not there, what is theirs is, and a generation came before", () => {
        // In this stand-in resources have no inputs apart: these are outputs, as a preview shows them.
        const update = (states: ("stays" | "replaced" | "new" | "unfinished")[]) =>
            judgeStack(
                "control-plane-one-at-a-time",
                states.flatMap((state, at) =>
                    machines(["1"]).map((resource) => ({
                        ...resource,
                        name: `${state}-${at}-${resource.name}`,
                        props: {
                            ...resource.props,
                            tags: { ...tags, generation: state === "new" || state === "unfinished" ? "1" : "2" },
                            name: state === "stays" || (state !== "new" && resource.type !== MACHINE) ? "x" : UNKNOWN,
                        },
                        refersTo: resource.type === MACHINE ? { networkProfile: `${state}-${at}-card-0` } : undefined,
                    })),
                ),
            );
        const state = fc.constantFrom("stays" as const, "replaced" as const, "new" as const, "unfinished" as const);
        fc.assert(
            fc.property(fc.array(state, { minLength: 1, maxLength: 7 }), (states) => {
                const replaced = states.filter((one) => one === "replaced").length;
                const { outcome, findings, isOpen } = update(states);
                assert.equal(outcome, replaced > 1 ? "refused" : "passed");
                assert.equal(findings.length, replaced > 1 ? replaced : 0);
                assert.ok(!isOpen);
            }),
        );
    });
});

describe("policy: etcd's ports", () => {
    const own = ["10.64.0.64/26", "10.64.0.128/26"];
    const any = { protocol: "*", sourceAddressPrefix: "*", destinationAddressPrefix: "*", destinationPortRange: "*" };
    const etcd = {
        direction: "Inbound",
        access: "Allow",
        priority: 100,
        protocol: "Tcp",
        sourceAddressPrefixes: own,
        destinationAddressPrefixes: own,
        destinationPortRange: "2379-2380",
    };
    const deny = { ...any, direction: "Inbound", access: "Deny", priority: 4096 };

    function closed(securityRules: Properties[], atCard?: Properties[]) {
        const group = (name: string, rules: Properties[]): StackResource => ({
            type: "azure-native:network:NetworkSecurityGroup",
            name,
            props: { securityRules: rules },
        });
        return judgeStack("etcd-closed", [
            ...machines(["1", "2", "3"]).map((resource) =>
                resource.type === MACHINE || !atCard
                    ? resource
                    : { ...resource, refersTo: { ...resource.refersTo, networkSecurityGroup: "card-guard" } },
            ),
            {
                type: "azure-native:network:Subnet",
                name: "subnet",
                props: { addressPrefixes: own },
                refersTo: { networkSecurityGroup: "guard" },
            },
            group("guard", securityRules),
            ...(atCard ? [group("card-guard", atCard)] : []),
        ]).outcome;
    }

    it("are closed by a rule for the control plane's own addresses and a denial of the rest, in any order of the list", () => {
        assert.equal(closed([etcd, deny]), "passed");
        assert.equal(closed([deny, etcd]), "passed");
        assert.equal(closed([deny, { ...etcd, sourceAddressPrefixes: ["10.0.0.0/8"] }]), "refused");
    });

    it("are open by Azure's own last rules where nothing denies", () => {
        assert.equal(closed([etcd]), "refused");
        assert.equal(closed([]), "refused");
    });

    it("are open to whoever a rule above the denial lets in, by whichever shape of it", () => {
        const into = (more: Properties) => closed([etcd, { ...etcd, priority: 200, ...more }, deny]);
        const from = (sourceAddressPrefix: string) => ({ sourceAddressPrefixes: undefined, sourceAddressPrefix });
        assert.equal(into(from("10.64.0.64/28")), "passed");
        assert.equal(into(from("10.64.0.0/16")), "refused");
        assert.equal(into(from("VirtualNetwork")), "refused");
        assert.equal(into(from("AzureLoadBalancer")), "passed");
        assert.equal(into({ sourceAddressPrefixes: [...own, "10.64.1.0/24"] }), "refused");
        assert.equal(into({ ...from("*"), destinationPortRange: "2000-2379" }), "refused");
        assert.equal(into({ ...from("*"), destinationPortRange: "*", protocol: "Udp" }), "passed");
        assert.equal(into({ ...from("*"), destinationAddressPrefixes: ["10.64.32.0/19"] }), "passed");
        assert.equal(into({ ...from("*"), direction: "Outbound" }), "passed");
        assert.equal(
            into({ sourceAddressPrefixes: undefined, sourceApplicationSecurityGroups: [{ id: "workers" }] }),
            "refused",
        );
    });

    it("are closed to what a rule below their own denial lets in", () => {
        const wide = { ...any, direction: "Inbound", access: "Allow", priority: 300, protocol: "Tcp" };
        const denied = { ...deny, priority: 200, destinationPortRange: "2379-2380" };
        assert.equal(closed([etcd, denied, wide, deny]), "passed");
        assert.equal(closed([etcd, { ...denied, destinationAddressPrefix: own[0] }, wide, deny]), "refused");
        assert.equal(closed([etcd, { ...denied, destinationPortRange: "2380" }, wide, deny]), "refused");
    });

    it("are closed where one of the two groups in the way is", () => {
        assert.equal(closed([], [etcd, deny]), "passed");
        assert.equal(closed([], []), "refused");
    });

    it("ranges are inside each other, and overlap, by their addresses", () => {
        const range = fc
            .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
            .map(([address, length]) => `${address}/${length}`);
        fc.assert(
            fc.property(range, range, (one, other) => {
                assert.ok(isInside(one, one) && overlaps(one, one));
                assert.ok(isInside(one, "0.0.0.0/0"));
                assert.equal(overlaps(one, other), overlaps(other, one));
                // Ranges of this kind never cross: they overlap where one is in the other.
                assert.equal(overlaps(one, other), isInside(one, other) || isInside(other, one));
            }),
        );
        assert.ok(!isInside("10.64.0.0/25", "10.64.0.0/26"));
        assert.ok(!isInside("VirtualNetwork", "10.0.0.0/8"));
    });
});

describe("policy: a machine of a control plane", () => {
    it("in a first preview leaves open only what its user data decides", () => {
        const props = {
            tags,
            userData: UNKNOWN,
            osProfile: { customData: "", linuxConfiguration: { disablePasswordAuthentication: true } },
            securityProfile: { encryptionAtHost: true },
        };
        for (const rule of ["user-data-without-secrets", "etcd-snapshots-scheduled", "entra-sign-in"]) {
            assert.equal(judge(rule, MACHINE, props).outcome, "undecided", rule);
        }
        for (const rule of ["machines-without-passwords", "host-encryption", "machines-private"]) {
            assert.equal(judge(rule, MACHINE, props).outcome, "passed", rule);
        }
    });

    it("with snapshots by cron, from plain cloud-init, has them as well", () => {
        const snapshots = (line: string) =>
            judge("etcd-snapshots-scheduled", MACHINE, {
                tags,
                userData: Buffer.from(`#cloud-config\nwrite_files:\n- content: |\n${line}\n`).toString("base64"),
            }).outcome;
        const address = "    SNAPSHOT_URL=https://a.blob.core.windows.net/c";
        assert.equal(snapshots(`    */15 * * * * root etcdctl snapshot save /x\n${address}`), "passed");
        assert.equal(snapshots(`    # etcd snapshots are made by hand\n${address}`), "refused");
    });
});
