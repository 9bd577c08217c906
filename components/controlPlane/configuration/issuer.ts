/** Where the issuer's keys are published, and where the API server tells others to look for them. */
export function jwksUri(issuerUrl: string): string {
    return `${issuerUrl}/openid/v1/jwks`;
}

/** The document at `/.well-known/openid-configuration` of the issuer, as an API server writes it. */
export function discoveryDocument(issuerUrl: string): string {
    return (
        JSON.stringify({
            issuer: issuerUrl,
            jwks_uri: jwksUri(issuerUrl),
            response_types_supported: ["id_token"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
        }) + "\n"
    );
}
