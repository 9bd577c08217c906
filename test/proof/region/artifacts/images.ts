import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../../../rehearsal/toolchain";
import { readEntry, writeEntry } from "../../../../rehearsal/toolchain/cacheEntry";
import { sha256 } from "../../../../rehearsal/toolchain/files";
import { withLock } from "../../../../rehearsal/toolchain/lock.cjs";
import { writeTarball } from "./tarball";
import type { NodeProgram, NodeTools } from "./tools";

/** What an image is made of: our programs in an otherwise empty file system. */
export interface Recipe {
    /** Path in the image → file here. */
    files: Record<string, string>;
    entrypoint: string[];
}

/** A part of an image as a registry hands it out. */
export interface Blob {
    digest: string;
    bytes: number;
    mediaType: string;
    /** The file that it is. */
    path: string;
}

/** An image as the OCI's image specification describes it. */
export interface Image {
    manifest: Blob;
    /** Its configuration and its one layer. */
    blobs: Blob[];
}

/** Name with tag, `registry.k8s.io/etcd:3.6.6-0` → image. */
export type ImageStore = Map<string, Image>;

/** Programs of each image, by the last part of its name. The first one is what it runs. */
const contents: Record<string, NodeProgram[]> = {
    "kube-apiserver": ["kube-apiserver"],
    "kube-controller-manager": ["kube-controller-manager"],
    "kube-scheduler": ["kube-scheduler"],
    etcd: ["etcd", "etcdctl", "etcdutl"],
    pause: ["pause"],
};

/** Images that kubeadm names and the program does without: Cilium takes kube-proxy's place, and CoreDNS is the program's own. */
const left = ["kube-proxy", "coredns"];

/** Image of the proofs' client, for a pod. */
export const clientImage = "mainstay.test/client:1";

/**
 * Images of these programs under the names that kubeadm gives to what it runs. The originals cannot be pulled here: the programs are the
 * toolchain's, of the same releases, and `pause` is our own. Made once for each set of programs, in the cache folder.
 */
export async function imagesOf(tools: NodeTools): Promise<ImageStore> {
    const { stdout } = await promisify(execFile)(tools.paths.kubeadm, [
        ...["config", "images", "list", "--kubernetes-version", tools.kubernetesVersion],
    ]);
    const store: ImageStore = new Map();
    for (const reference of stdout.trim().split("\n")) {
        const name = nameOf(reference);
        if (left.includes(name)) continue;
        if (!contents[name]) throw new Error(`kubeadm runs ${reference}, and no image of that name is made`);
        if (name === "etcd") requireMinor(reference, tools.etcdVersion);
        const files = contents[name].map((program) => [`usr/local/bin/${program}`, tools.paths[program]]);
        store.set(
            reference,
            await imageOf(name, { files: Object.fromEntries(files), entrypoint: [contents[name][0]] }),
        );
    }
    const client = { files: { "usr/local/bin/client": tools.paths.client }, entrypoint: ["client"] };
    store.set(clientImage, await imageOf("client", client));
    return store;
}

/** Last part of an image's name, without its tag. */
function nameOf(reference: string): string {
    return /([^/:]+):[^/:]+$/.exec(reference)?.[1] ?? reference;
}

/** An image says a version to whoever reads its name; one of another minor would prove nothing about it. */
function requireMinor(reference: string, version: string): void {
    const minor = version.split(".").slice(0, 2).join(".");
    if (reference.includes(`:${minor}.`)) return;
    throw new Error(
        `kubeadm runs ${reference}, and etcd here is ${version}: pin that minor in rehearsal/toolchain/pins.ts`,
    );
}

/** The image of a recipe, from the cache or made now. */
export async function imageOf(name: string, recipe: Recipe): Promise<Image> {
    const key = await keyOf(recipe);
    const entryName = `image-${name}`;
    return (
        (await inCache(entryName, key)) ??
        withLock(join(cacheFolder(), "locks", `${entryName}.lock`), async () => {
            const found = await inCache(entryName, key);
            if (found) return found;
            await make(entryName, key, recipe);
            const made = await inCache(entryName, key);
            if (!made) throw new Error(`image ${name} was made and then not found in ${cacheFolder()}`);
            return made;
        })
    );
}

/** Changed whenever images are made differently. */
const making = 1;

/** Changes with whatever is in the image. */
async function keyOf({ files, entrypoint }: Recipe): Promise<string> {
    const parts = Object.entries(files).map(async ([path, file]) => [path, await sha256(file)]);
    const all = JSON.stringify([await Promise.all(parts), entrypoint, process.arch, making]);
    return createHash("sha256").update(all).digest("hex").slice(0, 16);
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

interface Manifest {
    config: Omit<Blob, "path" | "bytes"> & { size: number };
    layers: (Omit<Blob, "path" | "bytes"> & { size: number })[];
}

async function inCache(name: string, key: string): Promise<Image | undefined> {
    const entry = await readEntry(name, key);
    if (entry.state !== "complete") return undefined;
    const folder = dirname(entry.path);
    const path = join(folder, "image.json");
    const text = readFileSync(path);
    const { config, layers } = JSON.parse(text.toString()) as Manifest;
    const blob = ({ size, ...rest }: Manifest["config"], file: string): Blob => ({
        ...rest,
        bytes: size,
        path: join(folder, file),
    });
    return {
        manifest: { digest: digestOf(text), bytes: text.length, mediaType: manifestType, path },
        blobs: [blob(config, "configuration.json"), blob(layers[0], "layer.tar")],
    };
}

async function make(name: string, key: string, { files, entrypoint }: Recipe): Promise<void> {
    const bin = join(cacheFolder(), "bin");
    mkdirSync(bin, { recursive: true });
    const work = mkdtempSync(join(bin, `.making-${name}-`));
    try {
        // Not compressed: it never leaves this machine.
        const layer = await writeTarball(files, join(work, "layer.tar"), "tar");
        const config = configuration(entrypoint, `sha256:${layer.sha256}`);
        writeFileSync(join(work, "configuration.json"), config);
        const manifest = {
            schemaVersion: 2,
            mediaType: manifestType,
            config: {
                mediaType: "application/vnd.oci.image.config.v1+json",
                digest: digestOf(config),
                size: statSync(join(work, "configuration.json")).size,
            },
            layers: [
                {
                    mediaType: "application/vnd.oci.image.layer.v1.tar",
                    digest: `sha256:${layer.sha256}`,
                    size: layer.bytes,
                },
            ],
        };
        writeFileSync(join(work, "image.json"), JSON.stringify(manifest));
        await writeEntry(name, key, "build", work, ["image.json", "configuration.json", "layer.tar"]);
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

/** An image's configuration. kubeadm's pods name a program without its folder, so PATH must have it. */
function configuration(entrypoint: string[], layer: string): string {
    return JSON.stringify({
        architecture: process.arch === "x64" ? "amd64" : process.arch,
        os: "linux",
        config: { Env: ["PATH=/usr/local/bin:/usr/bin:/bin"], Entrypoint: entrypoint },
        rootfs: { type: "layers", diff_ids: [layer] },
    });
}

function digestOf(content: string | Buffer): string {
    return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
