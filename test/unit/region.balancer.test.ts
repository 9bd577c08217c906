import assert from "node:assert/strict";
import fc from "fast-check";
import { objectsAt } from "../../rehearsal/azure/rules/rule";
import { balancerOf, type ProbeSpec } from "../proof/region/fabric/balancer/azure";
import { type Answer, judge, unknown } from "../proof/region/fabric/balancer/health";
import { rulesFor } from "../proof/region/fabric/balancer/rules";
import { machines, sampleCloud } from "../proof/region/fabric/sampleCloud";

const names = machines.map(({ name }) => name);

describe("the region's load balancer is the program's", () => {
    it("has its frontend, rule, probe and the machines in its pool, and no other machine", () => {
        assert.deepEqual(balancerOf(sampleCloud()), {
            address: "10.65.0.4",
            port: 6443,
            backendPort: 6443,
            backends: machines,
            probe: { protocol: "https", path: "/readyz", port: 6443, intervalSeconds: 5, threshold: 1 },
        });
    });

    it("follows what the program says of them, with ARM's defaults where it says nothing", () => {
        const cloud = sampleCloud((inputs) => {
            Object.assign(objectsAt(inputs, "loadBalancingRules")[0], { frontendPort: 443 });
            const [probe] = objectsAt(inputs, "probes");
            Object.assign(probe, { protocol: "Tcp", port: 22, numberOfProbes: 7 });
            for (const property of ["requestPath", "intervalInSeconds", "probeThreshold"]) delete probe[property];
        });
        const { port, backendPort, probe } = balancerOf(cloud);
        assert.deepEqual([port, backendPort], [443, 6443]);
        assert.deepEqual(probe, { protocol: "tcp", path: undefined, port: 22, intervalSeconds: 15, threshold: 1 });
    });

    it("says what it does not do instead of doing something else, all at once", () => {
        const cloud = sampleCloud((inputs) => {
            const [rule] = objectsAt(inputs, "loadBalancingRules");
            Object.assign(rule, { protocol: "All", loadDistribution: "SourceIP", enableFloatingIP: true });
            Object.assign(objectsAt(inputs, "probes")[0], { noHealthyBackendsBehavior: "AllProbedUp" });
        });
        assert.throws(
            () => balancerOf(cloud),
            /`protocol` .*All.*`loadDistribution` is SourceIP.*`enableFloatingIP`.*`noHealthyBackendsBehavior`/,
        );
    });

    it("needs one internal balancer with one rule and a probe", () => {
        const without = (property: string) => sampleCloud((inputs) => void (inputs[property] = []));
        assert.throws(() => balancerOf(without("frontendIPConfigurations")), /the program has 0/);
        assert.throws(() => balancerOf(without("loadBalancingRules")), /0 rules, not one/);
        assert.throws(() => balancerOf(without("probes")), /no probe/);
    });
});

describe("the region's load balancer's rules", () => {
    const spec = { ...balancerOf(sampleCloud()), port: 443 };

    it("send new flows to the healthy alone, at the backends' port", () => {
        const rules = rulesFor(spec, [names[0], names[2]]);
        assert.match(rules, /tcp dport 443 .*mod 2 .*map \{ 0 : 10\.65\.1\.4, 1 : 10\.65\.3\.4 \}:6443/);
        assert.ok(!rules.includes("10.65.2.4"));
    });

    it("send them nowhere when nobody is healthy, and drop what else comes for the frontend", () => {
        const rules = rulesFor(spec, []);
        assert.ok(!rules.includes("dnat ip to"));
        assert.match(rules, /ip daddr 10\.65\.0\.4 drop/);
    });
});

describe("the region's load balancer's mind", () => {
    const https: ProbeSpec = { protocol: "https", path: "/readyz", port: 6443, intervalSeconds: 5, threshold: 3 };
    const tcp: ProbeSpec = { ...https, protocol: "tcp" };
    const after = (spec: ProbeSpec, ...answers: Answer[]) =>
        answers.reduce((health, answer) => judge(health, answer, spec), unknown).up;

    it("is that a backend is down until a probe of it succeeds", () => {
        assert.equal(unknown.up, false);
        assert.equal(after(https, "none", "none"), false);
    });

    it("changes at once when an HTTPS probe is answered, whatever the threshold", () => {
        assert.equal(after(https, "well"), true);
        assert.equal(after(https, "well", "ill"), false);
        assert.equal(after(https, "well", "ill", "well"), true);
    });

    it("changes after so many missing answers in a row", () => {
        assert.equal(after(https, "well", "none", "none"), true);
        assert.equal(after(https, "well", "none", "none", "none"), false);
        assert.equal(after(https, "well", "none", "none", "well", "none", "none"), true);
    });

    it("takes as many TCP connections in a row, made or refused", () => {
        assert.equal(after(tcp, "well", "well"), false);
        assert.equal(after(tcp, "well", "well", "well"), true);
        assert.equal(after(tcp, "well", "well", "well", "ill", "none", "well", "ill", "none"), true);
        assert.equal(after(tcp, "well", "well", "well", "ill", "none", "ill"), false);
    });

    it("is what the last answers say, if as many as the threshold agree", () => {
        const answer = fc.constantFrom<Answer>("well", "ill", "none");
        fc.assert(
            fc.property(
                fc.array(answer),
                fc.boolean(),
                fc.integer({ min: 1, max: 5 }),
                fc.constantFrom(https, tcp),
                (answers, well, threshold, spec) => {
                    const last = Array<Answer>(threshold).fill(well ? "well" : "none");
                    assert.equal(after({ ...spec, threshold }, ...answers, ...last), well);
                },
            ),
        );
    });
});
