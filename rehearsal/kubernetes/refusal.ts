import { ApiError, UnreachableError } from "./client";

/** The server's own words, and what to do about it where those do not say. */
export function explain(doing: string, error: unknown): Error {
    if (!(error instanceof ApiError)) {
        if (!(error instanceof UnreachableError)) return error as Error;
        return new UnreachableError(`${doing}: ${error.message}`);
    }
    return new Error(
        [`${doing} was refused by the API server: ${error.message}`, mend(error)].filter(Boolean).join("\n"),
    );
}

function mend({ reason, message }: ApiError): string {
    if (reason === "Conflict" && message.includes("conflict"))
        return (
            "Another field manager owns these fields. Leave them out of the program if the other one is to decide; " +
            'take them with the annotation "pulumi.com/patchForce": "true" where this program is.'
        );
    if (reason === "AlreadyExists")
        return (
            "An object of that name exists and is not in this stack's state. Import it (`import:` in the resource's " +
            "options, or `pulumi import`), give this one another name, or use a …Patch resource for single fields."
        );
    if (reason === "Forbidden") return "The identity of the provider's kubeconfig lacks the permission.";
    if (reason === "Unauthorized") return "The provider's kubeconfig holds no credential that the API server accepts.";
    return "";
}

/** The namespace that an object is to go into is not there (yet). */
export function isNamespaceMissing(error: unknown): boolean {
    return error instanceof ApiError && error.code === 404 && /^namespaces ".*" not found$/.test(error.message);
}
