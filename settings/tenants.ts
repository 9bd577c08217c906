import { z } from "zod";
import { groups, groupsAtLeastOne, peopleByName } from "./groups";
import { cidr, guided, text, wholeNumber, withSignposts } from "./guidance";
import { bytes, cores } from "./quantity";

export const tenantName = text(
    /^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$/,
    "a tenant's name: 1 to 31 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
    "shop",
    "rename the tenant, such as shop",
);

const namespaceName = text(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a namespace's name: 1 to 63 lower-case letters, digits and hyphens, a letter or digit first and last",
    "shop-jobs",
);

const ports = guided(z.array(wholeNumber(1, 65535, 8080)).max(50), "a list of up to 50 ports from 1 to 65535", [8080]);
const internetPorts = ports.default([443]).describe("Ports on the other side, TCP. An empty list is all of them.");
const flag = guided(z.boolean(), "true or false", false).default(false);

const otherTenant = text(
    /^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$/,
    "the name of a tenant",
    "payments",
    "write the name as mainstay:tenants has it, such as payments",
);

export const tenantGroups = withSignposts(
    guided(
        z.strictObject({
            administrators: groupsAtLeastOne(
                "May what developers may, open shells in pods and delete data. They change neither roles, quotas nor network policies, and read no Secrets.",
            ),
            developers: groups("Deploy and read logs; debug where `exec` says so. They deliver Secrets and read none."),
            viewers: groups("See what runs and how it is configured; neither Secrets nor logs."),
            secretReaders: groups(
                "Read Secrets, and nothing else. A group that is also among developers or administrators may change them in place, too.",
            ),
        }),
        "groups by their role: administrators, developers, viewers, secretReaders",
        { administrators: ["00000000-0000-0000-0000-000000000000"] },
        "add it: groups.administrators, with at least one group's object ID, is all that has no default",
    ),
    peopleByName,
).describe("Groups of Entra ID by what their members do in the tenant's namespaces (object IDs).");

const quota = guided(
    z.strictObject({
        cpu: cores("100m", "10000", "20").default("20").describe("Cores that containers request in all."),
        memory: bytes("128Mi", "100Ti", "64Gi")
            .default("64Gi")
            .describe("Memory that containers request in all, and that their limits add up to."),
        pods: wholeNumber(1, 10_000, 100).default(100).describe("Pods."),
        storage: bytes("1Gi", "1Pi", "200Gi").default("200Gi").describe("Storage that volume claims request in all."),
        loadBalancers: wholeNumber(0, 50, 1).default(0).describe("Services of type LoadBalancer."),
    }),
    "how much the tenant may use",
    { cpu: "20", memory: "64Gi" },
)
    .prefault({})
    .describe("What each of the tenant's namespaces may use.");

const call = guided(
    z.strictObject({
        tenant: otherTenant.describe("The tenant that is called."),
        ports: ports.default([]).describe("Ports that are called, TCP. An empty list is every port of every protocol."),
    }),
    "a tenant and ports",
    { tenant: "payments", ports: [8080] },
);

const caller = guided(
    z.strictObject({
        tenant: otherTenant.describe("The tenant that calls."),
        ports: ports
            .default([])
            .describe("Ports that it may call, TCP. An empty list is every port of every protocol."),
        oneSided: flag.describe(
            "Whether this side's word is enough: the caller need not say `calls`, and its way out is opened too.",
        ),
    }),
    "a tenant and ports",
    { tenant: "web", ports: [8080] },
);

const range = guided(
    z.strictObject({
        cidr: cidr("203.0.113.0/24").describe(
            "Addresses outside of the cluster. `0.0.0.0/0` is the internet: the cluster's own ranges and all private ones are always taken out of it.",
        ),
        ports: internetPorts,
        except: guided(z.array(cidr("203.0.113.128/25")).max(50), "a list of up to 50 ranges inside cidr", [
            "203.0.113.128/25",
        ])
            .default([])
            .describe("Ranges inside it that stay closed."),
    }),
    "a range, its ports and exceptions",
    { cidr: "203.0.113.0/24" },
);

const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const name = guided(
    z.strictObject({
        name: text(
            new RegExp(`^(\\*\\.)?(${label}\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`),
            "a DNS name of at least two labels in lower case, with *. in front for all names one label below it; addresses belong in egress.ranges",
            "api.example.com",
            "write the whole name without https:// or a path, such as api.example.com or *.example.com",
        ).describe(
            "DNS name; `*.example.com` for all names one label below it. A name may lead to a private endpoint.",
        ),
        ports: internetPorts,
    }),
    "a DNS name and ports",
    { name: "api.example.com" },
);

const egress = guided(
    z.strictObject({
        ranges: guided(z.array(range).max(100), "a list of up to 100 ranges", [{ cidr: "203.0.113.0/24" }])
            .default([])
            .describe("Ranges of addresses."),
        names: guided(z.array(name).max(100), "a list of up to 100 names", [{ name: "api.example.com" }])
            .default([])
            .describe("DNS names."),
    }),
    "ranges and names",
    { names: [{ name: "api.example.com" }] },
)
    .prefault({})
    .describe("What the tenant's pods reach outside of the cluster. Nothing, unless it stands here.");

const podSecurityException = guided(
    z.strictObject({
        namespace: namespaceName.describe("One of the tenant's namespaces."),
        level: guided(
            z.enum(["baseline", "privileged"]),
            '"baseline" or "privileged": restricted is what holds without an exception',
            "baseline",
        ).describe("Pod Security level that is enforced there."),
        reason: guided(
            z.string().trim().min(10).max(200),
            "a reason of 10 to 200 characters",
            "the build agent needs user namespaces",
        ).describe("Why."),
        expires: text(
            /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
            "a day as YYYY-MM-DD, in quotes",
            "2027-03-01",
            'write it in quotes: "2027-03-01"',
        ).describe("Last day of the exception, a year ahead at most. Afterwards the settings are refused."),
    }),
    "namespace, level, reason and expires",
    { namespace: "shop-jobs", level: "baseline", reason: "…", expires: "2027-03-01" },
);

export const tenant = withSignposts(
    guided(
        z.strictObject({
            namespaces: guided(z.array(namespaceName).min(1).max(20), "a list of one to 20 namespaces", ["shop"])
                .optional()
                .describe("Its namespaces. Default: one, of the tenant's name."),
            groups: tenantGroups,
            exec: flag.describe(
                "Whether developers may open a shell in a container, attach to it, forward its ports and debug it with another one.",
            ),
            quota,
            calls: guided(z.array(call).max(100), "a list of up to 100 tenants that it calls", [
                { tenant: "payments", ports: [8080] },
            ])
                .default([])
                .describe("Whom its pods call. The other side has to say `calledBy`."),
            calledBy: guided(z.array(caller).max(100), "a list of up to 100 tenants that call it", [
                { tenant: "web", ports: [8080] },
            ])
                .default([])
                .describe("Who calls its pods. The other side has to say `calls`."),
            forbids: guided(z.array(otherTenant).max(1000), "a list of tenants", ["legacy"])
                .default([])
                .describe("Tenants that it never talks to, in either direction, whatever those say."),
            ingress: flag.describe("Whether the ingress reaches its pods."),
            api: flag.describe("Whether its pods reach the Kubernetes API."),
            egress,
            podSecurity: guided(z.array(podSecurityException).max(20), "a list of exceptions", [])
                .default([])
                .describe("Exceptions from Pod Security's `restricted`."),
        }),
        "a tenant's settings",
        { groups: { administrators: ["00000000-0000-0000-0000-000000000000"] } },
    ),
    peopleByName,
).describe("A team.");

export const tenants = guided(
    z.record(tenantName, tenant),
    "tenants by name, or the path of a YAML file with nothing but them, from the project's folder",
    { shop: { groups: { administrators: ["00000000-0000-0000-0000-000000000000"] } } },
    "write one key a tenant, its name, with its settings below; of a file, look at its path and whether it is YAML",
)
    .default({})
    .describe(
        "Teams by name: their namespaces, people, limits, and whom they talk to (docs/tenants.md). Or the path of a YAML file that holds them, for hundreds.",
    );

export type TenantSettings = z.output<typeof tenant>;
