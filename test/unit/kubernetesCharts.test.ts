import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { contractsFolder } from "../../rehearsal/contracts";
import { chartName, readChart, type Chart } from "../../rehearsal/kubernetes/helm/chart";
import { nearest } from "../../rehearsal/nearest";
import { schemaProblems } from "../../rehearsal/kubernetes/helm/schema";
import { unknownKeys } from "../../rehearsal/kubernetes/helm/values";
import { formatPath, UNKNOWN, type Properties } from "../../rehearsal/provider";

const text = `# -- Number of replicas
replicas: 1
image:
  repository: example/app
  # tag: "1.0"
  ## pullSecrets:
  ##   - name: x
podLabels:
  app: x
nodeSelector: {}
storage:
affinity: {}
  # nodeAffinity: x
persistence:
  enabled: false
  # storageClass: "-"
service:
  port: 80
# priorityClassName: high
grafana.ini:
  server: {}
sub:
  enabled: true
`;
const chart = (changed: Partial<Chart> = {}): Chart => ({
    name: "app",
    version: "1.2.3",
    appVersion: "9",
    text,
    document: parseDocument(text),
    subcharts: new Map(),
    ...changed,
});
const refused = (values: Properties, changed?: Partial<Chart>) =>
    unknownKeys(values, chart(changed)).map(({ path }) => formatPath(path));

describe("the values of a helm release", () => {
    it("may be all that values.yaml has", () => {
        assert.deepEqual(refused(chart().document.toJS()), []);
    });

    it("are refused where the chart has no such key, with the one that was meant", () => {
        const problems = unknownKeys({ replica: 2, image: { repo: "x" } }, chart());
        assert.deepEqual(
            problems.map(({ path }) => formatPath(path)),
            ["replica", "image.repo"],
        );
        assert.match(problems[0].reason, /app 1\.2\.3 has no key replica; did you mean replicas\?/);
    });

    it("may be options that values.yaml shows in comments", () => {
        const values = {
            image: { tag: "2", pullSecrets: [] },
            persistence: { storageClass: "x" },
            priorityClassName: "y",
        };
        assert.deepEqual(refused(values), []);
    });

    it("may not be options that a comment shows elsewhere", () => {
        assert.deepEqual(refused({ service: { storageClass: "x", tag: "y" } }), [
            "service.storageClass",
            "service.tag",
        ]);
    });

    it("are free under empty maps, nulls, and maps of the user's keys", () => {
        const values = {
            nodeSelector: { a: "b" },
            storage: { anything: { at: "all" } },
            podLabels: { mine: "x" },
            "grafana.ini": { auth: {} },
            global: { a: 1 },
        };
        assert.deepEqual(refused(values), []);
    });

    it("may take a default away, or be unknown", () => {
        assert.deepEqual(refused({ image: null, service: UNKNOWN }), []);
    });

    it("are refused where a map is wanted and something else given", () => {
        assert.deepEqual(refused({ persistence: true }), ["persistence"]);
    });

    it("of a chart inside are let through where that chart has no contract", () => {
        const subcharts = new Map([["inner", { name: "nobody-publishes-this", version: "1" }]]);
        assert.deepEqual(refused({ inner: { anything: 1 } }, { subcharts }), []);
        assert.deepEqual(refused({ inner: { anything: 1 } }), ["inner"]);
    });

    it("may be what only the chart's schema knows, and are judged by it", async () => {
        const schema = { type: "object", properties: { mode: { enum: ["a", "b"] }, replicas: { type: "integer" } } };
        assert.deepEqual(refused({ mode: "a" }, { schema }), []);
        const problems = await schemaProblems({ mode: "c", replicas: "3" }, chart({ schema }));
        assert.deepEqual(
            problems.map(({ path }) => formatPath(path)),
            ["mode", "replicas"],
        );
        assert.match(problems[0].reason, /: "a", "b"/);
        assert.deepEqual(await schemaProblems({ mode: UNKNOWN }, chart({ schema })), []);
    });
});

describe("a chart's name", () => {
    it("is the end of wherever it comes from", () => {
        for (const chart of ["loki", "grafana/loki", "oci://ghcr.io/grafana/charts/loki", "./charts/loki-1.2.3.tgz"])
            assert.equal(chartName(chart), "loki");
    });
});

describe("the nearest word", () => {
    it("is found for a slip, and none for another word", () => {
        assert.equal(nearest("replcias", ["image", "replicas"]), "replicas");
        assert.equal(nearest("zork", ["image", "replicas"]), undefined);
    });
});

describe("charts' contracts", function () {
    this.timeout(20_000);
    const folder = join(contractsFolder()?.path ?? "", "charts");
    const names = contractsFolder() && existsSync(folder) ? readdirSync(folder) : [];

    before(function () {
        if (names.length === 0) this.skip();
    });

    for (const name of names) {
        it(`${name}: takes its own values, and refuses a key that it does not have`, async () => {
            const contract = readChart(name)!;
            const own = contract.document.toJS();
            assert.deepEqual(unknownKeys(own, contract), []);
            assert.deepEqual(await schemaProblems(own, contract), []);
            assert.equal(unknownKeys({ noChartHasThis: 1 }, contract).length, 1);
        });
    }

    it("know the values of charts inside", function () {
        if (!names.includes("kube-prometheus-stack")) this.skip();
        const stack = readChart("kube-prometheus-stack")!;
        const good = {
            grafana: { persistence: { enabled: true }, sidecar: { dashboards: { searchNamespace: "ALL" } } },
        };
        assert.deepEqual(unknownKeys(good, stack), []);
        const bad = { grafana: { sidecar: { dashboards: { serchNamespace: "ALL" } } } };
        assert.deepEqual(
            unknownKeys(bad, stack).map(({ path }) => formatPath(path)),
            ["grafana.sidecar.dashboards.serchNamespace"],
        );
    });
});
