import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reached } from "../clients/lines";
import { reachArguments } from "../clients/run";
import { proof } from "../proof";
import type { Region } from ".";
import { until } from "./until";
import { clientImage } from "./artifacts";
import type { Machine } from "./machine";
import { wholeRegion } from "./shared";

const times = 100;

/** Azure's balancer gives a machine no answer that would come from itself; whoever runs there reaches the API all the same. */
describe("a pod on a control-plane node asks the API by the load balancer's name", function () {
    this.timeout(5 * 60_000);

    let region: Region;
    beforeEach(async function () {
        region = await wholeRegion(this);
    });

    proof(`network: ${times} times of ${times}, on every node`, async (figures) => {
        const reached = await Promise.all(region.machines.map((machine) => askFromPod(machine, "hairpin")));
        figures.answered = reached.map((requests) => requests.filter(({ ok }) => ok).length);
        figures.asked = reached.map((requests) => requests.length);
        assert.deepEqual(
            figures.answered,
            region.machines.map(() => times),
        );
    });

    proof(
        `network: the machine itself, ${times} times of ${times} while its own API server is down`,
        async (figures) => {
            const [machine, ...others] = region.machines;
            const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
            await machine.run(`mv ${manifest} /root/`);
            try {
                await region.found(others);
                await until(
                    async () => !(await machine.run("ip address show dev mainstay0")).stdout.includes("inet "),
                    60,
                    () => "the balancer's address stays on the machine",
                );
                const reached = await askFromMachine(machine);
                figures.answered = reached;
                assert.equal(reached, times);
            } finally {
                await machine.run(`mv /root/kube-apiserver.yaml ${manifest}`);
            }
        },
    );

    const apiName = () => new URL(region.clients.endpoint).hostname;

    async function askFromMachine(machine: Machine): Promise<number> {
        const { stdout } = await machine.run(
            `for i in {1..${times}}; do curl -s --max-time 2 --cacert /etc/kubernetes/pki/ca.crt -o /dev/null -w '%{http_code}\\n' https://${apiName()}:6443/readyz; done`,
        );
        return stdout.split("\n").filter((code) => code === "200").length;
    }

    async function askFromPod(machine: Machine, name: string): Promise<Reached[]> {
        const pod = `${name}-${machine.name}`;
        const account = "/var/run/secrets/kubernetes.io/serviceaccount";
        const args = reachArguments({
            authority: `${account}/ca.crt`,
            urls: [`${region.clients.endpoint}/readyz`],
            times,
        });
        const manifest = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: pod, namespace: "default" },
            spec: {
                nodeName: machine.name,
                restartPolicy: "Never",
                // The machine's own resolver, which knows the program's private zone.
                dnsPolicy: "Default",
                tolerations: [{ operator: "Exists" }],
                securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
                containers: [
                    {
                        name: "client",
                        image: clientImage,
                        args,
                        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                    },
                ],
            },
        };
        const path = join(process.env.MAINSTAY_REGION!, `${pod}.json`);
        writeFileSync(path, JSON.stringify(manifest));
        await region.clients.kubectl(`apply -f ${path}`);
        const phase = () => region.clients.kubectl(`get pod ${pod} -o jsonpath={.status.phase}`);
        await until(
            async () => ["Succeeded", "Failed"].includes(await phase()),
            120,
            () => region.clients.kubectl(`describe pod ${pod}`),
            1_000,
        );
        const { stdout } = await machine.run(`cat /var/log/pods/default_${pod}_*/client/*.log`);
        await region.clients.kubectl(`delete pod ${pod} --wait=false`);
        // Each line of the log has a time, a stream and a mark before it.
        const lines = stdout
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line.replace(/^\S+ \S+ \S+ /, "")) as Reached);
        return lines.filter((line) => "at" in line);
    }
});
