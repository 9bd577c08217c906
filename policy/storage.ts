import { checklist } from "./checklist";
import { shown } from "./finding";
import { resourceRule } from "./rule";

const item = checklist.everyDeployment;
const ACCOUNT = "azure-native:storage:StorageAccount";

const storageWithoutKeys = resourceRule({
    name: "storage-without-keys",
    item,
    title: "Storage accounts know no shared keys",
    severity: "high",
    why: "An account key opens everything in the account to whoever has it, is nobody's, and stays in whatever it was copied into.",
    mend: "Set allowSharedKeyAccess: false, and assign roles on the account or a container.",
    kinds: [ACCOUNT],
    check({ props }, judge) {
        const given = props.allowSharedKeyAccess;
        if (given === false) return;
        judge.refuse({ at: "allowSharedKeyAccess", given: shown(given), allowed: "false" });
    },
});

const storageEncryptedOnTheWay = resourceRule({
    name: "storage-encrypted-on-the-way",
    item,
    title: "Storage accounts speak HTTPS only, with TLS 1.2 or newer",
    severity: "high",
    why: "Over HTTP, or with old TLS, tokens and snapshots can be read on their way.",
    mend: 'Set enableHttpsTrafficOnly: true and minimumTlsVersion: "TLS1_2".',
    kinds: [ACCOUNT],
    check({ props }, judge) {
        if (props.enableHttpsTrafficOnly === false) {
            judge.refuse({ at: "enableHttpsTrafficOnly", given: "false", allowed: "true, which is the default" });
        }
        const given = props.minimumTlsVersion;
        if (given === "TLS1_2" || given === "TLS1_3") return;
        judge.refuse({ at: "minimumTlsVersion", given: shown(given), allowed: "TLS1_2, or TLS1_3" });
    },
});

const noPublicBlobs = resourceRule({
    name: "no-public-blobs",
    item,
    title: "No container of blobs is open to anybody",
    severity: "critical",
    why: "Snapshots of etcd and of disks hold every secret of a cluster; one switch on one container gives them to everybody.",
    mend: 'Set allowBlobPublicAccess: false on the account and publicAccess: "None" on the container. A static website is served all the same.',
    kinds: [ACCOUNT, "azure-native:storage:BlobContainer"],
    check(resource, judge) {
        if (resource.kind === ACCOUNT) {
            const given = resource.props.allowBlobPublicAccess;
            if (given === false) return;
            judge.refuse({ at: "allowBlobPublicAccess", given: shown(given), allowed: "false" });
            return;
        }
        const given = resource.props.publicAccess ?? "None";
        if (given !== "None") judge.refuse({ at: "publicAccess", given: shown(given), allowed: "None" });
    },
});

export const storage = [storageWithoutKeys, storageEncryptedOnTheWay, noPublicBlobs];
