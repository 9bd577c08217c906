import { type Answer, type Asked, json } from "./answer";

/** Where a simulated vault keeps its secrets. */
export interface SecretStore {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
}

/** Key Vault's secrets, simulated: below `https://<vault>.vault.azure.net/`. Who asks has been let in already. */
export function answerVault(asked: Asked, vault: string, secrets: SecretStore): Answer {
    const [kind, name] = asked.path.split("/");
    if (kind !== "secrets" || !asked.query.get("api-version")) return { code: 400 };
    if (asked.method === "PUT") secrets.set(name, JSON.parse(asked.body.toString()).value);
    const value = secrets.get(name);
    if (value === undefined)
        return json(404, {
            error: { code: "SecretNotFound", message: `${name} was not found in this key vault` },
        });
    const id = `https://${vault}.vault.azure.net/secrets/${name}/1`;
    return json(200, { value, id, attributes: { enabled: true } });
}
