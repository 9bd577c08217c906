import { join } from "node:path";
import { Cloud, type CloudResource } from "./cloud";

/** Vaults and what is in them stay for a while after their deletion: their names are not to be had, and they can be recovered. */
const KEPT = /^microsoft\.keyvault\/vaults(\/(secrets|keys|certificates))?$/i;

/** What was deleted and is kept: files as the cloud's own, beside them. */
export class SoftDeleted {
    private readonly kept: Cloud;

    constructor(cloudFolder: string) {
        this.kept = new Cloud(join(cloudFolder, "softDeleted"));
    }

    get(id: string): CloudResource | undefined {
        return this.kept.get(id);
    }

    /** A vault by its name, which is one in all of Azure. */
    vault(name: string): CloudResource | undefined {
        return this.kept.list("Microsoft.KeyVault/vaults").find((one) => one.name.toLowerCase() === name.toLowerCase());
    }

    keep(resource: CloudResource): void {
        if (KEPT.test(resource.type)) this.kept.replace(resource);
    }

    /** Brings back what was in a vault; its own file is the caller's to write. */
    recover(vault: CloudResource, cloud: Cloud): void {
        const inside = `${vault.id}/`.toLowerCase();
        for (const resource of this.kept.all()) {
            if (!resource.id.toLowerCase().startsWith(inside)) continue;
            cloud.replace(resource);
            this.kept.remove(resource);
        }
        this.kept.remove(vault);
    }
}
