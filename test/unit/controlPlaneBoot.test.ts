import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { readBundle, type Bundle } from "../../rehearsal/controlPlane/machine/bundle";
import { parseFacts } from "../../rehearsal/controlPlane/machine/facts";
import { fingerprintOf } from "../../rehearsal/controlPlane/machine/fingerprint";
import {
    commandOf,
    hostFile,
    mountVolumes,
    probesOf,
    type StaticPod,
} from "../../rehearsal/controlPlane/machine/manifest";

describe("a machine's bundle, as the rehearsal reads it", () => {
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "mainstay-bundle-test-"));
        mkdirSync(join(folder, "kubernetes", "x".repeat(90)), { recursive: true });
        writeFileSync(join(folder, "facts.env"), "ROLE='control-plane'\n");
        writeFileSync(join(folder, "kubernetes", "x".repeat(90), "long.yaml"), "a".repeat(1025));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));
    const packed = (...flags: string[]): Buffer =>
        execFileSync("tar", ["--format=ustar", ...flags, "-cf", "-", "-C", folder, "facts.env", "kubernetes"]);

    for (const flags of [[], ["-z"]])
        it(`is what the system's tar packs${flags.length ? ", compressed too" : ""}`, () => {
            const bundle = readBundle(packed(...flags).toString("base64"))!;
            assert.deepEqual([...bundle.keys()].sort(), ["facts.env", `kubernetes/${"x".repeat(90)}/long.yaml`]);
            assert.equal(bundle.get(`kubernetes/${"x".repeat(90)}/long.yaml`)!.toString(), "a".repeat(1025));
        });

    it("that is cut off, altered, or something else, is none", () => {
        const whole = packed();
        assert.equal(readBundle(whole.subarray(0, 600).toString("base64")), undefined);
        const altered = Buffer.from(whole);
        altered[3] ^= 1;
        assert.equal(readBundle(altered.toString("base64")), undefined);
        assert.equal(readBundle(Buffer.from("#cloud-config\n").toString("base64")), undefined);
        for (const nothing of [undefined, "", 3, "no base64!"]) assert.equal(readBundle(nothing), undefined);
    });
});

describe("a facts file", () => {
    it("gives back what bash would read, whatever is in it", () => {
        const value = fc.string({ unit: fc.constantFrom("a", " ", "'", '"', "\\", "=", "$", "#", "`") });
        fc.assert(
            fc.property(value, (value) => {
                const line = `KEY='${value.replaceAll("'", "'\\''")}'`;
                assert.equal(parseFacts(line).KEY, value);
            }),
        );
        assert.deepEqual(parseFacts('# a comment\nexport A=1\nB="two words"\n'), { A: "1", B: "two words" });
    });
});

describe("a static pod on this machine", () => {
    const pod = (command: string[], mounts: object[] = [], volumes: object[] = []): StaticPod =>
        ({
            metadata: { name: "kube-apiserver" },
            spec: {
                containers: [
                    {
                        name: "kube-apiserver",
                        command,
                        volumeMounts: mounts,
                        ports: [{ name: "probe-port", containerPort: 6443 }],
                        livenessProbe: { httpGet: { path: "/livez", port: "probe-port", scheme: "HTTPS" } },
                    },
                ],
                volumes,
            },
        }) as unknown as StaticPod;
    const files = { root: "/here", elsewhere: { "/var/lib/etcd": "/data" } };
    const mount = (mountPath: string, path = mountPath, more = {}) => [
        [{ name: mountPath, mountPath, ...more }],
        [{ name: mountPath, hostPath: { path } }],
    ];

    it("finds its files where its volumes come from, each of a list", () => {
        const [mounts, volumes] = mount("/in/pod", "/etc/on/machine");
        const command = ["p", "--one=/in/pod/a", "--two=/in/pod/b,/in/pod/c", "--authorization-always-allow-paths=/x"];
        assert.deepEqual(commandOf(pod(command, mounts, volumes), files, {}).args, [
            "--one=/here/etc/on/machine/a",
            "--two=/here/etc/on/machine/b,/here/etc/on/machine/c",
            "--authorization-always-allow-paths=/x",
        ]);
        assert.equal(hostFile(files, "/var/lib/etcd/member"), "/data/member");
        assert.equal(hostFile(files, "/var/lib/etcd-other"), "/here/var/lib/etcd-other");
    });

    it("does not see a file beside its volumes, however alike the path", () => {
        const [mounts, volumes] = mount("/etc/kubernetes/pki");
        const command = ["p", "--client-ca-file=/etc/kubernetes/pki-other/ca.crt"];
        assert.throws(() => commandOf(pod(command, mounts, volumes), files, {}), /is in no volume/);
    });

    it("cannot write its log where a volume is mounted read-only", () => {
        const [mounts, volumes] = mount("/logs", "/logs", { readOnly: true });
        const command = ["p", "--audit-log-path=/logs/audit.log"];
        assert.throws(() => commandOf(pod(command, mounts, volumes), files, {}), /mounted read-only/);
    });

    it("has what this machine dictates in place of its own, and all else as it is", () => {
        const command = ["p", "--secure-port=6443", "--secure-port=7443", "--profiling=false", "--v"];
        const { args } = commandOf(pod(command), files, { "secure-port": "40001", added: "1" });
        assert.deepEqual(args, ["--profiling=false", "--v", "--secure-port=40001", "--added=1"]);
    });

    it("is refused a directory that has to be there and is not, as a kubelet refuses", () => {
        const volumes = [{ name: "v", hostPath: { path: "/nowhere", type: "Directory" } }];
        assert.throws(() => mountVolumes(pod(["p"], [], volumes), files), /hostPath type check failed: \/nowhere/);
    });

    it("is asked at the port that its probe names", () => {
        assert.deepEqual(probesOf(pod(["p"])), [
            { kind: "livenessProbe", scheme: "https", port: 6443, path: "/livez" },
        ]);
    });
});

describe("what an API server is started anew for", () => {
    const facts = (number: number) => ({
        MACHINE: `m-${number}`,
        NODE_ADDRESS: `10.0.0.${number}`,
        PEERS: "m-1=10.0.0.1 m-2=10.0.0.2 m-10=10.0.0.10",
    });
    const bundle = (audit = "a"): Bundle => new Map([["kubernetes/files/audit.yaml", Buffer.from(audit)]]);
    const cluster = (number: number, more = {}) => ({
        apiServer: { certSANs: ["10.0.0.1", "10.0.0.2", "10.0.0.10"] },
        etcd: { metrics: `http://10.0.0.${number}:2381`, name: `m-${number}` },
        ...more,
    });
    const secrets = new Map([["ca", "1"]]);
    const first = fingerprintOf(bundle(), facts(1), cluster(1), secrets);

    it("is not what tells machines apart", () => {
        for (const other of [2, 10])
            assert.equal(fingerprintOf(bundle(), facts(other), cluster(other), secrets), first);
    });

    it("is the cluster's configuration, a file, a secret", () => {
        for (const other of [
            fingerprintOf(bundle(), facts(1), cluster(1, { kubernetesVersion: "v1.36.0" }), secrets),
            fingerprintOf(bundle("b"), facts(1), cluster(1), secrets),
            fingerprintOf(bundle(), facts(1), cluster(1), new Map([["ca", "2"]])),
            fingerprintOf(
                bundle(),
                facts(1),
                { ...cluster(1), apiServer: { certSANs: ["10.0.0.1", "10.0.0.3"] } },
                secrets,
            ),
        ])
            assert.notEqual(other, first);
    });
});
