import assert from "node:assert/strict";
import type { Files } from "./machine/adapt";

/** A change of the bundle that machines converge to: `--goaway-chance` of the API server. */
export function otherFlag(files: Files): void {
    for (const path of Object.keys(files).filter((path) => path.endsWith("kubeadm-init.yaml"))) {
        const changed = files[path].replace(/(name: goaway-chance\s+value: )"0.001"/, '$1"0.002"');
        assert.notEqual(changed, files[path], `${path} has no such flag any more`);
        files[path] = changed;
    }
}
