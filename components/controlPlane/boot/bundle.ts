import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "fflate";
import { type ControlPlaneFacts, type WorkerFacts, controlPlaneFactsFile, workerFactsFile } from "./facts";
import { readTar, writeTar } from "./tar";
import { type Download, type KubernetesMinor, releases } from "./versions";

/** Azure takes 64 KiB of user data and does not say before or after base64: the larger one has to fit. */
export const USER_DATA_LIMIT = 64 * 1024;

/** Read from the tree: the program runs from it. */
const SCRIPTS = join(__dirname, "scripts");

/** What workers have no use for, and what would tempt somebody to look for secrets there. */
const CONTROL_PLANE_ONLY = [
    /^lib\/(api-address|cluster|converge|disk|etcd|lease|restore|secrets|static-pods)\.sh$/,
    /^system\/kubelet-etcd-disk/,
    /^services\/(api-address|certificates|etcd|issuer|join-credentials)/,
    /^units\/mainstay-(api-address|certificates|etcd|issuer|join-credentials)/,
];

/**
 * User data of a control-plane machine: facts, scripts, downloads and the given files (kubeadm's configuration and what it refers to)
 * as base64 of a compressed tar. Whatever `files` holds wins over a file of the same path.
 *
 * @param more - further downloads, such as a credential provider
 * @throws when it is larger than Azure allows
 */
export function controlPlaneBundle(
    facts: ControlPlaneFacts,
    files: Record<string, string>,
    more: Download[] = [],
): string {
    return packFiles(`user data of ${facts.machine}`, {
        ...scriptFiles(),
        "downloads.txt": downloadsFile(facts.kubernetesVersion, more),
        ...files,
        "facts.env": controlPlaneFactsFile(facts),
    });
}

/** User data of a worker pool's machines; see {@link controlPlaneBundle}. Workers get no etcd tools and no script that needs a key. */
export function workerBundle(facts: WorkerFacts, files: Record<string, string>, more: Download[] = []): string {
    const scripts = Object.entries(scriptFiles()).filter(
        ([path]) => !CONTROL_PLANE_ONLY.some((only) => only.test(path)),
    );
    return packFiles(`user data of pool ${facts.pool}`, {
        ...Object.fromEntries(scripts),
        "downloads.txt": downloadsFile(facts.kubernetesVersion, more, (download) => download.name !== "etcd"),
        ...files,
        "facts.env": workerFactsFile(facts),
    });
}

/** What is in a bundle: path → text. */
export function readBundle(userData: string): Record<string, string> {
    return readTar(Buffer.from(gunzipSync(Buffer.from(userData, "base64"))));
}

/** Every checked-in script, unit and configuration file: path in the bundle → text. */
export function scriptFiles(): Record<string, string> {
    const names = readdirSync(SCRIPTS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
        names.map((entry) => {
            const path = join(entry.parentPath, entry.name);
            return [path.slice(SCRIPTS.length + 1), readFileSync(path, "utf8")];
        }),
    );
}

/** `name version architecture sha256 url` a line, for both architectures: the machine knows its own. */
function downloadsFile(kubernetesVersion: string, more: Download[], wanted = (_: Download) => true): string {
    const minor = /^v(\d+\.\d+)\./.exec(kubernetesVersion)?.[1] as KubernetesMinor;
    const release = releases[minor];
    if (release?.kubernetes !== kubernetesVersion) {
        const known = Object.values(releases).map((each) => each.kubernetes);
        throw new Error(
            `Kubernetes ${kubernetesVersion} is not pinned in boot/versions.ts; it has ${known.join(", ")}`,
        );
    }
    const lines = [...release.downloads, ...more].filter(wanted).flatMap(({ name, version, url, sha256 }) =>
        (["amd64", "arm64"] as const).map((architecture) => {
            return `${name} ${version} ${architecture} ${sha256[architecture]} ${url.replaceAll("{architecture}", architecture)}\n`;
        }),
    );
    return lines.join("");
}

/** Compressed in JavaScript: Node's zlib writes other bytes on other processors, and every machine would boot again. */
export function packFiles(what: string, files: Record<string, string>): string {
    const entries = Object.entries(files).map(([path, text]) => ({
        path,
        content: Buffer.from(text),
        executable: path.endsWith(".sh"),
    }));
    const userData = Buffer.from(gzipSync(writeTar(entries), { level: 9, mtime: 0 })).toString("base64");
    if (userData.length > USER_DATA_LIMIT) {
        const largest = entries.sort((a, b) => b.content.length - a.content.length).slice(0, 3);
        throw new Error(
            `${what}: ${userData.length} bytes are more than the ${USER_DATA_LIMIT} that Azure takes; ` +
                `make the largest files smaller: ${largest.map((entry) => entry.path).join(", ")}`,
        );
    }
    return userData;
}
