import { open } from "node:fs/promises";
import type { EngineEvent } from "./events";

const POLL_MILLISECONDS = 100;

/**
 * Reads the file that the engine writes with `--event-log`, one JSON event a line, while it grows.
 * Diagnostics of level debug are passed over: the SDK puts whole resources into them, secrets in the clear.
 *
 * @returns a function that reads the rest and stops
 */
export function followEvents(file: string, onEvent: (event: EngineEvent) => void): () => Promise<void> {
    let offset = 0;
    let rest: Buffer = Buffer.alloc(0);
    let reading: Promise<void> = Promise.resolve();

    async function read(): Promise<void> {
        const handle = await open(file, "r").catch(() => undefined);
        if (!handle) return;
        try {
            const chunk = Buffer.alloc(1 << 20);
            for (;;) {
                const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
                if (bytesRead === 0) break;
                offset += bytesRead;
                rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
                let end: number;
                while ((end = rest.indexOf(0x0a)) >= 0) {
                    const line = rest.toString("utf8", 0, end).trim();
                    rest = rest.subarray(end + 1);
                    if (!line) continue;
                    const event = JSON.parse(line) as EngineEvent;
                    if (event.diagnosticEvent?.severity !== "debug") onEvent(event);
                }
            }
        } finally {
            await handle.close();
        }
    }

    const timer = setInterval(() => (reading = reading.then(read)), POLL_MILLISECONDS);
    // A broken line is reported by the last read.
    return async () => {
        clearInterval(timer);
        await reading;
        await read();
    };
}
