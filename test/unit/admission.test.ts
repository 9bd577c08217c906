import assert from "node:assert/strict";
import fc from "fast-check";
import { Admission } from "../../components/admission";
import { emptyNamespaces } from "../../components/admission/emptyNamespaces";
import { beginnings } from "../../components/admission/tenantPods/images";
import type { Cluster } from "../../components/cluster";
import { SYSTEM_NAMESPACES } from "../../components/cluster/aks/systemNamespaces";
import { platformNamespaces } from "../../components/platform";
import { record } from "./recordedProgram";

const cluster = { onCluster: {}, systemNamespaces: SYSTEM_NAMESPACES } as unknown as Cluster;
const admission = async (registries = ["mcr.microsoft.com"]) =>
    (await record(() => new Admission("admission", { cluster, registries }))).recording;

const policyType = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";

describe("admission", function () {
    this.timeout(20_000);

    it("refuses what it cannot judge, and every policy is bound", async () => {
        const recording = await admission();
        const policies = recording.ofType(policyType);
        assert.ok(policies.length > 0);
        for (const { name, inputs } of policies) {
            assert.equal(inputs.spec.failurePolicy, "Fail");
            const bound = recording.one(`${name}-binding`);
            assert.equal(bound.inputs.spec.policyName, inputs.metadata.name);
            assert.deepEqual(bound.inputs.spec.validationActions, ["Deny"]);
            assert.deepEqual(bound.dependsOn, [name]);
        }
    });

    it("tells with every refusal what to do", async () => {
        for (const { inputs } of (await admission()).ofType(policyType))
            for (const { expression, messageExpression } of inputs.spec.validations)
                assert.ok(messageExpression?.length > 50, expression);
    });

    it("leaves objects alone that a controller touches without changing what is judged", async () => {
        // An update that is refused keeps finalizers where they are, and what has one is never gone.
        for (const { inputs } of (await admission()).ofType(policyType)) {
            const [{ operations }] = inputs.spec.matchConstraints.resourceRules;
            if (!operations.includes("UPDATE") || inputs.metadata.name === "groups-only.mainstay.io") continue;
            assert.ok(
                inputs.spec.matchConditions.some(({ expression }: any) =>
                    expression.startsWith("oldObject == null ||"),
                ),
                inputs.metadata.name,
            );
        }
    });

    it("knows no namespace as both the cluster's and the platform's", () => {
        const own = platformNamespaces.map(({ name }) => name);
        for (const name of [...SYSTEM_NAMESPACES, ...emptyNamespaces]) assert.ok(!own.includes(name), name);
    });

    it("goes on with a quotation mark in a registry, and with no registry", async () => {
        for (const registries of [[`mcr'"`], []]) {
            const policies = (await admission(registries)).ofType(policyType);
            const { variables } = policies.find(({ inputs }) => inputs.metadata.name === "tenant-pods.mainstay.io")!
                .inputs.spec;
            const { expression } = variables.find(({ name }: any) => name === "beginnings");
            assert.deepEqual(JSON.parse(expression), beginnings(registries));
        }
    });

    describe("lets images begin", () => {
        const host = fc.stringMatching(/^[a-z0-9]{1,8}(\.[a-z]{2,5}){1,2}$/);
        const path = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}$/);
        const begins = (image: string, registry: string) =>
            beginnings([registry]).some((beginning) => image.startsWith(beginning));

        it("with the registry and a whole part of a path", () => {
            fc.assert(
                fc.property(host, path, path, (name, below, image) => {
                    assert.ok(begins(`${name}/${image}@sha256:0`, name));
                    assert.ok(begins(`${name}/${below}/${image}@sha256:0`, `${name}/${below}`));
                    assert.ok(begins(`${name}/${below}@sha256:0`, `${name}/${below}`));
                }),
            );
        });

        it("not with what only begins like it", () => {
            const tail = fc.stringMatching(/^[a-z0-9.:-][a-z0-9.]{0,5}$/).filter((text) => !text.startsWith("/"));
            fc.assert(
                fc.property(host, path, tail, path, (name, below, more, image) => {
                    assert.ok(!begins(`${name}${more}/${image}@sha256:0`, name));
                    assert.ok(!begins(`${name}@sha256:0`, name));
                    if (!more.startsWith(":"))
                        assert.ok(!begins(`${name}/${below}${more}/${image}`, `${name}/${below}`));
                }),
            );
        });
    });
});
