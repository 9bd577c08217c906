import { request } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";

type Done = (error: Error | null, stream?: Duplex) => void;

/** Stands for a proxy where there is none, and nobody may be asked directly. */
export const NOBODY = "http://nobody.invalid";

/** Reaches every server through a proxy, by CONNECT; who answers is verified as without one. */
export class ProxyAgent extends https.Agent {
    constructor(
        private readonly proxy: string,
        options: https.AgentOptions,
    ) {
        super(options);
    }

    override createConnection(options: ConnectionOptions, done: Done): undefined {
        if (this.proxy === NOBODY) {
            done(new Error("no control plane runs in this rehearsal, which leaves this machine for nothing"));
            return undefined;
        }
        const authority = `${isIP(options.host ?? "") === 6 ? `[${options.host}]` : options.host}:${options.port}`;
        const asked = request(this.proxy, { method: "CONNECT", path: authority, agent: false });
        asked.on("error", (error) => done(new Error(`the proxy ${this.proxy} does not answer: ${error.message}`)));
        asked.on("connect", (answer, socket) => {
            if (answer.statusCode !== 200) {
                socket.destroy();
                return done(new Error(answer.statusMessage || `the proxy answers ${answer.statusCode}`));
            }
            const secured = connect({ ...options, socket }, () => {
                secured.off("error", done);
                done(null, secured);
            });
            secured.once("error", done);
        });
        asked.end();
        return undefined;
    }
}
