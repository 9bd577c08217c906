import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { Rehearsal } from "../../rehearsal/engine";

const program = (earlyRenewalHours: number) => ({
    "index.js": `
        const tls = require("@pulumi/tls");
        const key = (name) => new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" });
        const authorityKey = key("authority-key");
        const authority = new tls.SelfSignedCert("authority", {
            privateKeyPem: authorityKey.privateKeyPem, subject: { commonName: "authority" },
            isCaCertificate: true, allowedUses: ["cert_signing"], validityPeriodHours: 24,
        });
        const serverKey = key("server-key");
        const request = new tls.CertRequest("request", { privateKeyPem: serverKey.privateKeyPem, dnsNames: ["api.example"] });
        const server = new tls.LocallySignedCert("server", {
            caPrivateKeyPem: authorityKey.privateKeyPem, caCertPem: authority.certPem, certRequestPem: request.certRequestPem,
            allowedUses: ["server_auth"], validityPeriodHours: 12, earlyRenewalHours: ${earlyRenewalHours},
        });
        exports.key = serverKey.privateKeyPem;
        exports.authority = authority.certPem;
        exports.server = server.certPem;
        exports.samePublicKey = tls.getPublicKeyOutput({ privateKeyPem: serverKey.privateKeyPem }).publicKeyPem
            .apply((pem) => serverKey.publicKeyPem.apply((own) => own === pem));`,
});

describe("@pulumi/tls on the real engine", function () {
    this.timeout(60_000);
    const rehearsal = new Rehearsal({ program: program(0) });
    after(() => rehearsal.remove());

    it("makes a chain that verifies, keeps it, and renews what is due", async () => {
        const preview = await rehearsal.preview();
        assert.equal(preview.exitCode, 0, preview.stdout);
        const first = await rehearsal.up();
        assert.equal(first.exitCode, 0, first.stdout);
        const { key, authority, server } = first.outputs as Record<string, string>;
        const certificate = new X509Certificate(server);
        assert.ok(certificate.verify(new X509Certificate(authority).publicKey));
        assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
        assert.equal(first.outputs.samePublicKey, true);

        const state = JSON.stringify(await rehearsal.state());
        assert.ok(!state.includes("PRIVATE KEY"), "no key is in the state in the clear");
        assert.ok(!(first.stdout + JSON.stringify(first.diagnostics)).includes("PRIVATE KEY"));

        assert.deepEqual((await rehearsal.up()).changes, { same: 6 });

        await rehearsal.change(program(12));
        const renewed = await rehearsal.up();
        assert.deepEqual(renewed.changes, { same: 5, replace: 1 });
        assert.notEqual(renewed.outputs.server, server);
        assert.equal(renewed.outputs.authority, authority);
    });
});
