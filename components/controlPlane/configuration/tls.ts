/**
 * The API server alone is asked by what is not ours: Azure's probe, people's tools. TLS 1.2 with forward secrecy and
 * authenticated ciphers stays open for them. The suites of TLS 1.3 are all good, and cannot be chosen.
 */
export const apiServerTls = {
    "tls-min-version": "VersionTLS12",
    "tls-cipher-suites": [
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ],
};

/** Everything else is asked by Kubernetes' and Prometheus' own programs, which all speak TLS 1.3. */
export const newestTls = "VersionTLS13";
