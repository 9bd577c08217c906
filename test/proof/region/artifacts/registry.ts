import type { ServerResponse } from "node:http";
import type { Blob, ImageStore } from "./images";
import { listen, sendFile } from "./serve";

/**
 * A registry that one can pull from and nothing else: the part of the OCI's distribution specification that containerd asks for. It stands in
 * for every host that the images' names have, so the asker says by `ns` which one it means, as containerd does of a mirror.
 *
 * @returns closes it
 */
export function serveRegistry(images: ImageStore, host: string, port: number): Promise<() => Promise<void>> {
    return listen(host, port, (request, response) => {
        if (request.method !== "GET" && request.method !== "HEAD")
            return refuse(response, 405, "UNSUPPORTED", "images can be pulled from here, not pushed");
        const url = new URL(request.url!, "http://registry");
        if (url.pathname === "/v2/") return void response.writeHead(200).end("{}");
        const asked = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<reference>[^/]+)$/.exec(url.pathname);
        if (!asked?.groups) return refuse(response, 404, "UNSUPPORTED", `${url.pathname} is not served`);
        const { repository, kind, reference } = asked.groups;
        const found = find(images, `${url.searchParams.get("ns")}/${repository}`, kind, reference);
        if (!found) {
            const code = kind === "blobs" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN";
            return refuse(response, 404, code, `${repository} has no ${reference}`);
        }
        const headers = { "content-type": found.mediaType, "docker-content-digest": found.digest };
        sendFile(request, response, { ...found, headers });
    });
}

function find(images: ImageStore, repository: string, kind: string, reference: string): Blob | undefined {
    for (const [name, { manifest, blobs }] of images) {
        const colon = name.lastIndexOf(":");
        if (name.slice(0, colon) !== repository) continue;
        const parts = kind === "blobs" ? blobs : [manifest];
        const isTag = kind === "manifests" && name.slice(colon + 1) === reference;
        const found = isTag ? manifest : parts.find(({ digest }) => digest === reference);
        if (found) return found;
    }
    return undefined;
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
}
