import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { secretsIn } from "../secretScan";

const root = resolve(__dirname, "../..");

describe("secrets in the tree", () => {
    it("there are none in any file that git knows", () => {
        const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
            cwd: root,
        })
            .toString()
            .split("\0")
            .filter((file) => file && file !== "package-lock.json");
        assert.ok(files.length > 100, "git lists the tree");
        const found = files.flatMap((file) => {
            try {
                return secretsIn(readFileSync(resolve(root, file), "utf8")).map((secret) => `${file}: ${secret}`);
            } catch (error) {
                if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // removed, not yet committed
                throw error;
            }
        });
        assert.deepEqual(found, []);
    });

    it("would be found: a private key, a token, a storage account's key, a connection string", () => {
        const body = "b".repeat(64);
        const key = `-----BEGIN RSA PRIVATE ${"KEY"}-----\n${body}`;
        const token = ["eyJ" + body, "eyJ" + body, body].join(".");
        const accountKey = `${"k".repeat(86)}${"="}${"="}`;
        for (const secret of [key, token, accountKey, `postgres://app:${"s3cr3t"}word@db/app`]) {
            assert.equal(secretsIn(`value: ${secret}\n`).length, 1, secret.slice(0, 40));
        }
    });
});
