import { releases } from "../../components/controlPlane/boot/versions";
import type { cluster } from "../cluster";
import type { controlPlane } from "../controlPlane";
import type { zones } from "../environment";
import type { Problem } from "../problem";
import { diskLimitsOf } from "./diskLimits";
import { type Part, problem } from "./part";

/** What a self-managed control plane needs; nothing where Azure keeps one. */
export function controlPlaneRules(parts: {
    kind: Part<typeof cluster.shape.kind>;
    kubernetesVersion: Part<typeof cluster.shape.kubernetesVersion>;
    registry: Part<typeof cluster.shape.registry>;
    zones: Part<typeof zones>;
    controlPlane: Part<typeof controlPlane>;
    /** Whether the stack says anything of it, right or wrong. */
    given: boolean;
}): Problem[] {
    const { kind, kubernetesVersion, registry, zones, controlPlane, given } = parts;
    if (kind !== "selfManaged") return [];
    const problems: Problem[] = [];
    const minors = Object.keys(releases);
    if (kubernetesVersion && !minors.includes(kubernetesVersion)) {
        problems.push(
            problem(
                ["cluster", "kubernetesVersion"],
                kubernetesVersion,
                `${minors.join(" or ")} on machines of our own: what components/controlPlane/boot/versions.ts pins`,
                `set it to "${minors.at(-1)}", or pin the release there`,
            ),
        );
    }
    if (registry && !registry.credentialProvider) {
        problems.push(
            problem(
                ["cluster", "registry", "credentialProvider"],
                undefined,
                "version and SHA-256 of the credential provider, where nodes are our own: their kubelets sign in by it",
                "add it: download azure-acr-credential-provider-linux-amd64 of a release of cloud-provider-azure, and name its sha256sum",
            ),
        );
    }
    if (!given) {
        return [
            ...problems,
            problem(
                ["controlPlane"],
                undefined,
                "settings of a control plane where cluster.kind is selfManaged",
                "add it: one line, signIn.clientId, is all that has no default",
            ),
        ];
    }
    if (!controlPlane) return problems;
    if (zones?.length === 2 && !controlPlane.allowTwoZones) {
        problems.push(
            problem(
                ["zones"],
                zones,
                "three zones for a control plane: of two, one holds most of the machines, and the cluster stands still without it",
                "add the region's third zone, or accept it by mainstay:controlPlane.allowTwoZones: true",
            ),
        );
    }
    for (const machine of Object.keys(controlPlane.generations)) {
        if (Number(machine) <= controlPlane.machines) continue;
        problems.push(
            problem(
                ["controlPlane", "generations", machine],
                controlPlane.generations[machine],
                `generations of machines 1 to ${controlPlane.machines}`,
                "remove it",
            ),
        );
    }
    for (const list of ["authorities", "encryptionKeys", "serviceAccountKeys"] as const) {
        const numbers = controlPlane.certificates[list];
        if (new Set(numbers).size === numbers.length) continue;
        problems.push(
            problem(["controlPlane", "certificates", list], numbers, "different numbers", "name each one once"),
        );
    }
    return [...problems, ...sizeProblems(controlPlane)];
}

type ControlPlane = NonNullable<Part<typeof controlPlane>>;
type Disk = ControlPlane["etcdDisk"];

/** A disk is as fast as the machine lets it be. */
function sizeProblems({ size, etcdDisk }: ControlPlane): Problem[] {
    const path = ["controlPlane", "size"];
    if (/^Standard_B/.test(size)) {
        return [
            problem(
                path,
                size,
                "a size that is not burstable: etcd must not run out of credits",
                "choose a D or E size, such as Standard_D4ds_v5",
            ),
        ];
    }
    const limits = diskLimitsOf(size);
    const own = premiumV2Problems(etcdDisk);
    // Of other families the preflight knows more: it asks Azure.
    if (!limits) return own;
    if (!limits.premium) {
        return [
            ...own,
            problem(
                path,
                size,
                "a size that takes Premium disks (an s after the number), for etcd",
                "choose such a size, such as Standard_D4ds_v5",
            ),
        ];
    }
    const slow = (["iops", "mebibytesPerSecond"] as const)
        .filter((figure) => etcdDisk[figure] > limits[figure])
        .map((figure) =>
            problem(
                ["controlPlane", "etcdDisk", figure],
                etcdDisk[figure],
                `at most ${limits[figure]}, which is what ${size} passes to its disks`,
                `lower it, or choose a larger mainstay:controlPlane.size`,
            ),
        );
    return [...own, ...slow];
}

/** A Premium SSD v2 gives 500 operations a second for each GiB (3000 at least), and a quarter MiB for each operation. */
function premiumV2Problems({ sizeGiB, iops, mebibytesPerSecond }: Disk): Problem[] {
    const mostIops = Math.max(3000, sizeGiB * 500);
    const most = Math.max(125, Math.floor(iops / 4));
    const problems: Problem[] = [];
    if (iops > mostIops) {
        problems.push(
            problem(
                ["controlPlane", "etcdDisk", "iops"],
                iops,
                `at most ${mostIops} on a Premium SSD v2 of ${sizeGiB} GiB`,
                `lower it, or set sizeGiB to ${Math.ceil(iops / 500)}`,
            ),
        );
    }
    if (mebibytesPerSecond > most) {
        problems.push(
            problem(
                ["controlPlane", "etcdDisk", "mebibytesPerSecond"],
                mebibytesPerSecond,
                `at most ${most} on a Premium SSD v2 of ${iops} operations a second`,
                `lower it, or set iops to ${mebibytesPerSecond * 4}`,
            ),
        );
    }
    return problems;
}
