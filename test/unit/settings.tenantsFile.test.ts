import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapeProblems } from "../../settings/shape";
import { schema } from "../../settings/schema";
import { withTenantsFile } from "../../settings/tenantsFile";

describe("tenants in a file of their own", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "mainstay-tenants-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it("are what is in the file, from the project's folder", () => {
        const groups = { administrators: ["0c7a8f41-e385-4f96-8d1b-64a8b9c32ea7"] };
        writeFileSync(join(folder, "tenants.yaml"), `shop:\n    groups: ${JSON.stringify(groups)}\n`);
        assert.deepEqual(withTenantsFile("tenants.yaml", folder), { shop: { groups } });
    });

    it("are none where the file says nothing", () => {
        writeFileSync(join(folder, "tenants.yaml"), "# later\n");
        assert.deepEqual(withTenantsFile("tenants.yaml", folder), {});
    });

    it("are left as they stand in the stack's file", () => {
        assert.deepEqual(withTenantsFile({ shop: {} }, folder), { shop: {} });
        assert.equal(withTenantsFile(undefined, folder), undefined);
    });

    for (const [what, text] of [
        ["is not there", undefined],
        ["is not YAML", "shop: [\n"],
    ])
        it(`are refused by the path where the file ${what}`, () => {
            if (text) writeFileSync(join(folder, "tenants.yaml"), text);
            const tenants = withTenantsFile("tenants.yaml", folder);
            const [problem] = shapeProblems(schema, { tenants }).filter(({ path }) => path === "mainstay:tenants");
            assert.equal(problem.given, '"tenants.yaml"');
            assert.match(problem.allowed, /or the path of a YAML file/);
        });
});
