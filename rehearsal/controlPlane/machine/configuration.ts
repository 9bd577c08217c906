import { parseAllDocuments } from "yaml";
import { BootError } from "./bootError";
import type { Bundle } from "./bundle";

/** One document of a file that kubeadm reads. */
export type Document = Record<string, any>;

const INIT = "kubernetes/kubeadm-init.yaml";

/** What a machine's `kubernetes/kubeadm-init.yaml` says, document by document. */
export interface InitFile {
    documents: Document[];
    init: Document;
    cluster: Document;
    /** Folder of the certificates on the machine. */
    certificatesFolder: string;
    /** Host and port by which everybody reaches the API. */
    endpoint: { host: string; port: number };
    /** Port on which this machine's API server listens. */
    bindPort: number;
    podAddressRange: string;
}

/** @throws BootError where the file, or a document that the rehearsal has to know, is missing */
export function readInitFile(bundle: Bundle): InitFile {
    const documents = readDocuments(bundle, INIT);
    const init = ofKind(documents, "InitConfiguration") ?? {};
    const cluster = ofKind(documents, "ClusterConfiguration");
    if (!cluster) throw new BootError("cluster", `${INIT} has no ClusterConfiguration`, "the program has to write one");
    const bindPort = init.localAPIEndpoint?.bindPort ?? 6443;
    const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(cluster.controlPlaneEndpoint ?? "") ?? [];
    if (!host)
        throw new BootError(
            "cluster",
            `${INIT} has no controlPlaneEndpoint`,
            "without it, no second machine could ever join",
        );
    return {
        documents,
        init,
        cluster,
        certificatesFolder: cluster.certificatesDir ?? "/etc/kubernetes/pki",
        endpoint: { host, port: port ? Number(port) : bindPort },
        bindPort,
        podAddressRange: cluster.networking?.podSubnet ?? "10.244.0.0/16",
    };
}

/** Empty where the bundle has no such file. @throws BootError where it is no YAML */
export function readDocuments(bundle: Bundle, path: string): Document[] {
    const file = bundle.get(path);
    if (!file) return [];
    return parseAllDocuments(file.toString("utf8")).flatMap((document) => {
        if (document.errors.length > 0)
            throw new BootError("cluster", `${path}: ${document.errors[0].message}`, "the program has to write YAML");
        return (document.toJS() as Document | null) ?? [];
    });
}

export function ofKind(documents: Document[], kind: string): Document | undefined {
    return documents.find((document) => document.kind === kind);
}

/** `nodeRegistration.kubeletExtraArgs`: a list of names and values, or before v1beta4 a map. */
export function kubeletArguments(registration: Document | undefined): Record<string, string> {
    const given = registration?.kubeletExtraArgs ?? {};
    if (!Array.isArray(given)) return given;
    return Object.fromEntries(given.map(({ name, value }: { name: string; value: string }) => [name, value]));
}
