import http from "node:http";
import https from "node:https";
import net from "node:net";
import type { ProbeSpec } from "./azure";
import type { Answer } from "./health";

/** Errors that the network makes, not the backend: no answer has come. */
const SILENCE = new Set(["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ETIMEDOUT", "EADDRNOTAVAIL", "EPERM", "EINVAL"]);

/**
 * Asks a backend once. HTTPS is asked without regard to the certificate's names and authority: Azure wants of it only that its
 * signatures are of SHA-256 or better. A 200 alone is a good answer; no redirect is followed.
 *
 * @param source - address that the question comes from
 * @param patience - how long the answer may take, in milliseconds
 * @param signal - ends the question without an answer
 */
export function ask(
    spec: ProbeSpec,
    address: string,
    source: string,
    patience: number,
    signal: AbortSignal,
): Promise<Answer> {
    return new Promise((resolve) => {
        const end = (answer: Answer) => {
            clearTimeout(timer);
            signal.removeEventListener("abort", giveUp);
            // Whatever else it has to say comes too late: the next probe is another connection.
            question.destroy();
            resolve(answer);
        };
        const giveUp = () => end("none");
        // An answer that came while this process was busy counts: the kernel's news is read before it is said that there is none.
        const timer = setTimeout(() => setImmediate(giveUp), patience);
        const question = connect(spec, address, source, end);
        let error: NodeJS.ErrnoException | undefined;
        question.on("error", (what: NodeJS.ErrnoException) => (error = what));
        // After silence the patience runs on: in Azure nobody says "unreachable".
        question.on("close", () => SILENCE.has(error?.code ?? "") || end("ill"));
        signal.addEventListener("abort", giveUp);
    });
}

function connect(
    { protocol, port, path }: ProbeSpec,
    host: string,
    localAddress: string,
    end: (answer: Answer) => void,
): net.Socket | http.ClientRequest {
    if (protocol === "tcp") return net.connect({ host, port, localAddress }, () => end("well"));
    const module = protocol === "https" ? https : http;
    // No agent, so no connection is used twice.
    const options = { host, port, path, localAddress, agent: false, rejectUnauthorized: false };
    return module.get(options, (response) =>
        response.resume().once("end", () => end(response.statusCode === 200 ? "well" : "ill")),
    );
}
