import type { IncomingHttpHeaders } from "node:http";

/** What a simulated service is asked. */
export interface Asked {
    method: string;
    /** Below the service, without the leading slash, decoded. */
    path: string;
    query: URLSearchParams;
    headers: IncomingHttpHeaders;
    body: Buffer;
}

export interface Answer {
    code: number;
    headers?: Record<string, string>;
    body?: string | Buffer;
}

export function json(code: number, body: unknown): Answer {
    return { code, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** A refusal as Blob storage words it. */
export function storageError(code: number, name: string): Answer {
    const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${name}</Code></Error>`;
    return { code, headers: { "Content-Type": "application/xml", "x-ms-error-code": name }, body };
}
