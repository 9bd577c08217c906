/** Resource Manager's own addresses, where a token names the cloud by an older one. */
const ENDPOINTS: Record<string, string> = {
    "https://management.core.windows.net": "https://management.azure.com",
    "https://management.core.usgovcloudapi.net": "https://management.usgovcloudapi.net",
    "https://management.core.chinacloudapi.cn": "https://management.chinacloudapi.cn",
};

const ATTEMPTS = 4;
const TIMEOUT_MILLISECONDS = 60_000;
const PAUSE_MILLISECONDS = 1_000;

/** Reads of Azure Resource Manager, which azure-native has no functions for. */
export interface ResourceManager {
    /** One resource; `undefined` where there is none. @throws Error where Resource Manager does not answer */
    get(path: string): Promise<unknown>;
    /** All pages of a list. @throws Error where Resource Manager does not answer */
    list(path: string): Promise<unknown[]>;
}

/**
 * Where a token may be sent: to the one that it was issued for, which it names. So this goes to the cloud that azure-native
 * is signed in to, sovereign ones included, and to nobody else.
 *
 * @throws Error where the token does not say
 */
export function endpointOf(token: string): string {
    let audience: unknown;
    try {
        audience = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString("utf8")).aud;
    } catch {
        // The same message below.
    }
    if (typeof audience !== "string" || !/^https?:\/\//.test(audience)) {
        throw new Error("the token that azure-native gave does not say which cloud it is for");
    }
    const address = audience.replace(/\/+$/, "");
    return ENDPOINTS[address] ?? address;
}

export function resourceManager(token: string): ResourceManager {
    const endpoint = endpointOf(token);
    const get = async (url: string): Promise<any> => {
        for (let attempt = 1; ; attempt++) {
            const response = await fetch(url, {
                headers: { authorization: `Bearer ${token}` },
                signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
                redirect: "error",
            });
            if (response.status === 404) return undefined;
            if (response.ok) return response.json();
            await response.body?.cancel();
            if (attempt === ATTEMPTS || !(response.status === 429 || response.status >= 500)) {
                throw new Error(`Resource Manager answered ${response.status} ${response.statusText}`.trim());
            }
            const seconds = Number(response.headers.get("retry-after"));
            await new Promise((resolve) =>
                setTimeout(resolve, seconds > 0 ? Math.min(seconds, 30) * 1000 : PAUSE_MILLISECONDS * attempt),
            );
        }
    };
    return {
        get: (path) => get(endpoint + path),
        async list(path) {
            const all: unknown[] = [];
            for (let url: string | undefined = endpoint + path; url !== undefined;) {
                const page: { value?: unknown[]; nextLink?: string } | undefined = await get(url);
                if (!page) throw new Error("Resource Manager answered 404");
                all.push(...(page.value ?? []));
                // The token goes to nobody but the endpoint, whatever a page says.
                url = page.nextLink?.startsWith(`${endpoint}/`) ? page.nextLink : undefined;
            }
            return all;
        },
    };
}
