/** What every machine has to know of its cluster. Plain strings: nothing in it is a secret. */
interface MachineFacts {
    /** Name of the cluster, such as `mainstay-prod`. */
    cluster: string;
    /** Zone that the machine is in; empty on scale sets that span zones. */
    zone: string;
    /** `v1.35.8` */
    kubernetesVersion: string;
    /** Name by which nodes reach the API. */
    apiName: string;
    /** @default 6443 */
    apiPort?: number;
    /** Where the instance metadata service answers. @default http://169.254.169.254 */
    imdsUrl?: string;
    /** The vault that workers may read, too. */
    joinVaultUrl: string;
    /** Name of the secret in it that holds the discovery file. @default discovery */
    joinSecret?: string;
    /** More lines of facts, for services. Names are upper case. */
    more?: Record<string, string>;
}

export interface ControlPlaneFacts extends MachineFacts {
    /** Name of the machine, which is its node's name. */
    machine: string;
    /** Grows when the machine is to be replaced. */
    generation: number;
    nodeAddress: string;
    /** Address of the internal load balancer's frontend. */
    apiAddress: string;
    /** All control-plane machines, this one included. */
    peers: { name: string; address: string }[];
    /** The vault with keys, which control-plane machines alone may read. */
    vaultUrl: string;
    /** Name of a secret in the vault → the file that it becomes. */
    secretFiles: Record<string, string>;
    /** Blob container of lock and mark. */
    stateUrl: string;
    /** Blob container of etcd's snapshots. */
    snapshotUrl: string;
    /** What tokens of service accounts name as their issuer. */
    issuerUrl: string;
    /** Blob service that the issuer's documents are written to. */
    issuerBlobUrl: string;
    /** Device of etcd's disk by its LUN. Empty: etcd has no disk of its own. @default /dev/disk/azure/scsi1/lun0 */
    etcdDisk?: string;
}

export interface WorkerFacts extends MachineFacts {
    /** Name of the node pool. */
    pool: string;
}

/** Text of `facts.env` of a control-plane machine. */
export function controlPlaneFactsFile(facts: ControlPlaneFacts): string {
    return factsFile({
        ROLE: "control-plane",
        ...shared(facts),
        MACHINE: facts.machine,
        GENERATION: String(facts.generation),
        NODE_ADDRESS: facts.nodeAddress,
        API_ADDRESS: facts.apiAddress,
        PEERS: facts.peers.map((peer) => `${peer.name}=${peer.address}`).join(" "),
        VAULT_URL: facts.vaultUrl,
        SECRET_FILES: Object.entries(facts.secretFiles)
            .map(([name, path]) => `${name}=${path}`)
            .join(" "),
        STATE_URL: facts.stateUrl,
        SNAPSHOT_URL: facts.snapshotUrl,
        ISSUER_URL: facts.issuerUrl,
        ISSUER_BLOB_URL: facts.issuerBlobUrl,
        ETCD_DISK: facts.etcdDisk ?? "/dev/disk/azure/scsi1/lun0",
        ...facts.more,
    });
}

/** Text of `facts.env` of a worker. */
export function workerFactsFile(facts: WorkerFacts): string {
    return factsFile({ ROLE: "worker", ...shared(facts), POOL: facts.pool, ...facts.more });
}

function shared(facts: MachineFacts): Record<string, string> {
    return {
        CLUSTER: facts.cluster,
        ZONE: facts.zone,
        KUBERNETES_VERSION: facts.kubernetesVersion,
        API_NAME: facts.apiName,
        API_PORT: String(facts.apiPort ?? 6443),
        IMDS_URL: facts.imdsUrl ?? "http://169.254.169.254",
        JOIN_VAULT_URL: facts.joinVaultUrl,
        JOIN_SECRET: facts.joinSecret ?? "discovery",
    };
}

/** Lines that bash sources back to exactly these values: one line a fact, the format's own version first. */
export function factsFile(facts: Record<string, string>): string {
    const lines = Object.entries({ MAINSTAY_FACTS: "1", ...facts }).map(([name, value]) => {
        if (!/^[A-Z][A-Z0-9_]*$/.test(name))
            throw new Error(`fact ${name}: names are upper case letters, digits and _`);
        if (value.includes("\0")) throw new Error(`fact ${name}: bash cannot hold a zero byte`);
        return `${name}=${quote(value)}\n`;
    });
    return lines.join("");
}

/** Between single quotes bash changes nothing; a single quote itself leaves them for a moment. */
function quote(value: string): string {
    return `'${value.replaceAll("'", `'\\''`)}'`;
}
