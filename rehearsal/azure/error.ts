/** An answer of Azure that is no: an HTTP status, Azure's code, and its words. */
export class AzureError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        readonly detail: string,
    ) {
        super(`Status=${status} Code="${code}" Message="${detail}"`);
    }
}

export function notFound(id: string): AzureError {
    const group = /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
    const resource = /\/providers\/(.+)$/i.exec(id)?.[1];
    return resource
        ? new AzureError(
              404,
              "ResourceNotFound",
              `The Resource '${resource}' under resource group '${group ?? ""}' was not found.`,
          )
        : new AzureError(404, "ResourceGroupNotFound", `Resource group '${group ?? id}' could not be found.`);
}
