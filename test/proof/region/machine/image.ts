import { readFileSync } from "node:fs";
import { WIRE_SERVER } from "../fabric/fabric";

/** Files of a machine's image: path → text. */
export type Image = Record<string, string>;

/**
 * What a machine's image has of its own: whom it trusts and whom it asks for names and images, and a pod network in Cilium's place.
 *
 * @param number - of the machine, from 1: pods have addresses of their own on each
 * @param authority - PEM of who signed the services' certificates
 * @param registry - where all images are, `http://address:port`
 */
export function imageOf(number: number, authority: string, registry: string): Image {
    const bridge = {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipam: {
            type: "host-local",
            ranges: [[{ subnet: `10.244.${number}.0/24` }]],
            routes: [{ dst: "0.0.0.0/0" }],
        },
    };
    const authorities = "etc/ssl/certs/ca-certificates.crt";
    return {
        "etc/resolv.conf": `nameserver ${WIRE_SERVER}\n`,
        [authorities]: `${readFileSync(`/${authorities}`, "utf8")}\n${authority}`,
        "etc/containerd/certs.d/_default/hosts.toml": `[host."${registry}"]\n`,
        "etc/cni/net.d/10-bridge.conflist": JSON.stringify({ cniVersion: "1.0.0", name: "pods", plugins: [bridge] }),
    };
}
