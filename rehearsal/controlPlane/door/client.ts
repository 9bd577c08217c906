import { request } from "node:http";
import { layout, readJson } from "../folder";

/** How other processes of the rehearsal ask the supervisor for something: written by it while it listens. */
export interface Door {
    /** `http://127.0.0.1:port`: a proxy to the clusters' balancers, and the boot of machines. */
    address: string;
    /** Whoever asks for a boot has to know it. */
    token: string;
}

/** `undefined` where no control plane was started in the folder. */
export function doorOf(folder: string): Door | undefined {
    return readJson<Door>(layout(folder).door);
}

/** Has the machine booted; answers the boot's last line. @throws with the last line of a boot that failed */
export function askToBoot(door: Door, vmId: string): Promise<string> {
    return new Promise((resolve, reject) => {
        const asked = request(`${door.address}/boot`, { method: "POST", agent: false }, (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk) => chunks.push(chunk));
            answer.on("error", reject);
            answer.on("end", () => {
                const line = Buffer.concat(chunks).toString("utf8");
                if (answer.statusCode === 200) resolve(line);
                else reject(new Error(line));
            });
        });
        asked.on("error", (error) =>
            reject(new Error(`the rehearsal's control plane has ended, so no machine boots: ${error.message}`)),
        );
        asked.setHeader("authorization", `Bearer ${door.token}`);
        asked.end(JSON.stringify({ vmId }));
    });
}
