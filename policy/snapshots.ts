import { checklist } from "./checklist";
import { isTaggedControlPlane } from "./machines";
import { filesOf } from "./packedFiles";
import { resourceRule } from "./rule";

const etcdSnapshotsScheduled = resourceRule({
    name: "etcd-snapshots-scheduled",
    item: checklist.snapshots,
    title: "A control plane's machines make snapshots of etcd, outside of themselves, by a timer",
    severity: "critical",
    why: "Without a snapshot the loss of etcd's majority is the loss of the cluster, of all that was ever applied to it.",
    mend: "Bring a systemd timer or a cron job for `etcdctl snapshot save` in the machine's user data, and say in its facts.env as SNAPSHOT_URL where they go.",
    kinds: ["azure-native:compute:VirtualMachine"],
    check({ props }, judge) {
        if (!isTaggedControlPlane(props)) judge.notConcerned("It is no machine of a control plane");
        const files = [...filesOf(props.userData), ...filesOf(props.osProfile?.customData)];
        if (!files.some(({ path, text }) => isSnapshotTimer(path, text))) {
            judge.refuse({ at: "userData", given: "no timer of etcd's snapshots", allowed: "one" });
        }
        if (!files.some(({ text }) => /^\s*(?:export )?SNAPSHOT_URL=['"]?https:\/\//m.test(text))) {
            judge.refuse({
                at: "userData",
                given: "no address that snapshots go to",
                allowed: "SNAPSHOT_URL, of a container of blobs",
            });
        }
    },
});

/** A systemd timer or a line for cron, in whose name or command are both words. */
function isSnapshotTimer(path: string, text: string): boolean {
    const speaksOfIt = /etcd.{0,40}snapshot|snapshot.{0,40}etcd/i;
    if (path.endsWith(".timer"))
        return /^On(?:Calendar|UnitActiveSec|UnitInactiveSec)=/m.test(text) && speaksOfIt.test(path + text);
    return text
        .split("\n")
        .some(
            (line) => /^\s*(?:-\s*)?["']?(?:@\w+|(?:[\d*/,-]+\s+){4}[\d*/,\w-]+)\s/.test(line) && speaksOfIt.test(line),
        );
}

export const snapshots = [etcdSnapshotsScheduled];
