import { type Answer, type Asked, json } from "./answer";

/** What the instance metadata service knows of the machine that asks. */
export interface MachineMetadata {
    name: string;
    /** Base64, as it is in the machine's resource. */
    userData: string;
    /** Scheduled events. */
    events: Record<string, unknown>[];
    /** Lets an event start. */
    approve(eventId: string): void;
    /** A token of the machine's identity; `undefined` when there is no such resource or no such identity. */
    token(resource: string, clientId: string | undefined): string | undefined;
}

/** The instance metadata service, simulated: below `/metadata/`. */
export function answerMetadata(asked: Asked, machine: MachineMetadata): Answer {
    if (asked.headers.metadata?.toString().toLowerCase() !== "true") return json(400, { error: "Bad request" });
    if (!asked.query.get("api-version")) return json(400, { error: "api-version is missing" });
    switch (asked.path) {
        case "identity/oauth2/token":
            return tokenAnswer(asked, machine);
        case "instance/compute/userData":
            return text(machine.userData);
        case "instance/compute/name":
            return text(machine.name);
        case "scheduledevents":
            if (asked.method !== "POST") return json(200, { DocumentIncarnation: 1, Events: machine.events });
            for (const { EventId } of JSON.parse(asked.body.toString()).StartRequests) machine.approve(EventId);
            return { code: 200 };
        default:
            return json(404, { error: "Not found" });
    }
}

function tokenAnswer({ query }: Asked, machine: MachineMetadata): Answer {
    const resource = query.get("resource") ?? "";
    const token = machine.token(resource, query.get("client_id") ?? undefined);
    if (token === undefined) return json(400, { error: "invalid_request", error_description: "Identity not found" });
    return json(200, { access_token: token, expires_in: "86000", resource, token_type: "Bearer" });
}

const text = (body: string): Answer => ({ code: 200, headers: { "Content-Type": "text/plain" }, body });
