/**
 * Ubuntu 24.04, generation 2 (trusted launch needs it), as it is on the day that a machine is made.
 *
 * No version: security updates come to a machine that is there by its own patching, and to a new one by the image. What
 * has to be the same on all of them, the container runtime and Kubernetes, is pinned by the boot's bundle.
 */
export const machineImage = {
    publisher: "Canonical",
    offer: "ubuntu-24_04-lts",
    sku: "server",
    version: "latest",
} as const;
