import assert from "node:assert/strict";
import fc from "fast-check";
import { formatRange, parseRange } from "../../components/network/addressPlan";
import { readQuantity } from "../../settings/quantity";
import { type Case, check, problemsOf, refuse, today } from "./badSettings";

const group = (number: number) => `5f2a1c8e-9b7d-4e36-8a10-${String(number).padStart(12, "0")}`;
const team = (number: number, more: object = {}) => ({ groups: { administrators: [group(number)] }, ...more });

/** Settings with four tenants that are fine; every case below spoils one thing. */
function good(): any {
    return {
        owner: "platform@example.com",
        location: "westeurope",
        network: { addressSpace: "10.64.0.0/16" },
        access: { groups: { administrators: [group(1)], operators: [group(2)], onCall: [group(3)] } },
        cluster: {
            kind: "aks",
            systemPool: { size: "Standard_D4ds_v5" },
            userPools: [{ name: "general", size: "Standard_D8ds_v5", maxNodesPerZone: 5 }],
        },
        tenants: {
            shop: team(11, {
                namespaces: ["shop", "shop-jobs"],
                quota: { cpu: "1.5" },
                calls: [{ tenant: "payments", ports: [8080] }],
                egress: {
                    ranges: [{ cidr: "203.0.113.0/24" }],
                    names: [{ name: "api.example.com" }, { name: "*.example.org", ports: [8443] }],
                },
                podSecurity: [
                    {
                        namespace: "shop-jobs",
                        level: "baseline",
                        reason: "the build agent needs user namespaces",
                        expires: "2026-12-31",
                    },
                ],
            }),
            payments: team(12, {
                calledBy: [
                    { tenant: "shop", ports: [8080, 8081] },
                    { tenant: "web", oneSided: true },
                ],
            }),
            web: team(13),
            legacy: team(14, { forbids: ["shop"] }),
        },
    };
}

const quota = (raw: any) => raw.tenants.shop.quota;
const egress = (raw: any) => raw.tenants.shop.egress;
const range = (cidr: string, ...except: string[]) => ({ cidr, except });

const groupCases: Case[] = [
    {
        what: "no access",
        spoil: (s) => delete s.access,
        path: "mainstay:access",
        mend: /groups\.administrators/,
        given: "nothing",
    },
    {
        what: "no administrators",
        spoil: (s) => (s.access.groups.administrators = []),
        path: "mainstay:access.groups.administrators",
        mend: /az ad group show/,
    },
    {
        what: "administrators left out",
        spoil: (s) => delete s.access.groups.administrators,
        path: "mainstay:access.groups.administrators",
        mend: /az ad group show/,
    },
    {
        what: "a group by its name",
        spoil: (s) => (s.access.groups.operators = ["operators"]),
        path: "mainstay:access.groups.operators[0]",
        mend: /object ID: az ad group show --group NAME/,
    },
    {
        what: "a person by an address",
        spoil: (s) => (s.access.groups.onCall = ["ada@example.com"]),
        path: "mainstay:access.groups.onCall[0]",
        mend: /membership in a group/,
        given: '"ada@example.com"',
    },
    {
        what: "a list of users beside the groups",
        spoil: (s) => (s.access.users = ["ada@example.com"]),
        path: "mainstay:access.users",
        mend: /make the person a member of a group/,
    },
    {
        what: "a list of users among the groups",
        spoil: (s) => (s.access.groups.users = [group(9)]),
        path: "mainstay:access.groups.users",
        mend: /make the person a member of a group/,
    },
    {
        what: "a misspelt role",
        spoil: (s) => (s.access.groups.auditor = []),
        path: "mainstay:access.groups.auditor",
        mend: /rename it to auditors/,
    },
    {
        what: "a group twice in a role",
        spoil: (s) => s.access.groups.operators.push(group(2).toUpperCase()),
        path: "mainstay:access.groups.operators[1]",
        mend: /operators has it already/,
    },
    {
        what: "administrators who are operators too",
        spoil: (s) => s.access.groups.operators.push(group(1)),
        path: "mainstay:access.groups.operators[1]",
        mend: /remove it here, or from administrators/,
    },
    {
        what: "on-call people who are operators for good",
        spoil: (s) => s.access.groups.operators.push(group(3)),
        path: "mainstay:access.groups.operators[1]",
        mend: /from onCall/,
    },
    {
        what: "a tenant without groups",
        spoil: (s) => delete s.tenants.web.groups,
        path: "mainstay:tenants.web.groups",
        mend: /groups\.administrators/,
    },
    {
        what: "a tenant whose administrator is a person",
        spoil: (s) => (s.tenants.web.groups.administrators = ["ada@example.com"]),
        path: "mainstay:tenants.web.groups.administrators[0]",
        mend: /membership in a group/,
    },
    {
        what: "a tenant with users",
        spoil: (s) => (s.tenants.web.users = ["ada@example.com"]),
        path: "mainstay:tenants.web.users",
        mend: /make the person a member of a group/,
    },
    {
        what: "one user of a tenant",
        spoil: (s) => (s.tenants.web.groups.user = "ada@example.com"),
        path: "mainstay:tenants.web.groups.user",
        mend: /make the person a member of a group/,
    },
    {
        what: "administrators of a tenant who are its developers, which they are anyway",
        spoil: (s) => (s.tenants.web.groups.developers = [group(13)]),
        path: "mainstay:tenants.web.groups.developers[0]",
        mend: /from administrators/,
    },
    {
        what: "developers who are viewers",
        spoil: (s) => Object.assign(s.tenants.web.groups, { developers: [group(20)], viewers: [group(20)] }),
        path: "mainstay:tenants.web.groups.viewers[0]",
        mend: /from developers/,
    },
];

const imageCases: Case[] = [
    {
        what: "a registry with its scheme",
        spoil: (s) => (s.images = { registries: ["https://mcr.microsoft.com"] }),
        path: "mainstay:images.registries[0]",
        mend: /such as mcr\.microsoft\.com/,
    },
    {
        what: "a registry with a slash at the end",
        spoil: (s) => (s.images = { registries: ["mcr.microsoft.com/"] }),
        path: "mainstay:images.registries[0]",
        mend: /as image names begin with it/,
    },
    {
        what: "an image with its tag",
        spoil: (s) => (s.images = { registries: ["registry.example.com/team/app:1.0"] }),
        path: "mainstay:images.registries[0]",
        mend: /as image names begin with it/,
    },
    {
        what: "every registry",
        spoil: (s) => (s.images = { registries: ["*"] }),
        path: "mainstay:images.registries[0]",
        mend: /such as mcr\.microsoft\.com/,
    },
    {
        what: "a host on which anybody publishes",
        spoil: (s) => (s.images = { registries: ["docker.io"] }),
        path: "mainstay:images.registries[0]",
        mend: /such as docker\.io\/example/,
    },
    {
        what: "a registry twice",
        spoil: (s) => (s.images = { registries: ["mcr.microsoft.com", "mcr.microsoft.com"] }),
        path: "mainstay:images.registries[1]",
        mend: /remove it/,
    },
    {
        what: "a path of a registry that is there as a whole",
        spoil: (s) => (s.images = { registries: ["mcr.microsoft.com/oss", "mcr.microsoft.com"] }),
        path: "mainstay:images.registries[0]",
        mend: /remove it/,
    },
    {
        what: "no registry at all",
        spoil: (s) => (s.images = { registries: [] }),
        path: "mainstay:images.registries",
        mend: /name a registry/,
    },
];

const shapeCases: Case[] = [
    {
        what: "tenants as a list",
        spoil: (s) => (s.tenants = [{ name: "shop" }]),
        path: "mainstay:tenants",
        mend: /one key a tenant/,
    },
    {
        what: "a tenant's name in capitals",
        spoil: (s) => (s.tenants.Search = team(15)),
        path: "mainstay:tenants.Search",
        mend: /rename the tenant/,
        given: '"Search"',
    },
    {
        what: "a tenant's name with a dot",
        spoil: (s) => (s.tenants["search.eu"] = team(15)),
        path: 'mainstay:tenants["search.eu"]',
        mend: /rename the tenant/,
    },
    {
        what: "a tenant's name that is too long",
        spoil: (s) => (s.tenants["s".repeat(32)] = team(15)),
        path: `mainstay:tenants.${"s".repeat(32)}`,
        mend: /rename the tenant/,
    },
    {
        what: "a tenant's name that ends with a hyphen",
        spoil: (s) => (s.tenants["search-"] = team(15)),
        path: "mainstay:tenants.search-",
        mend: /rename the tenant/,
    },
    {
        what: "an unknown key of a tenant",
        spoil: (s) => (s.tenants.web.namespace = ["web"]),
        path: "mainstay:tenants.web.namespace",
        mend: /rename it to namespaces/,
    },
    {
        what: "no namespaces",
        spoil: (s) => (s.tenants.web.namespaces = []),
        path: "mainstay:tenants.web.namespaces",
        mend: /such as \["shop"\]/,
    },
    {
        what: "cores that YAML made a number",
        spoil: (s) => (quota(s).cpu = 20),
        path: "mainstay:tenants.shop.quota.cpu",
        mend: /in quotes, such as "20"/,
        given: "20",
    },
    {
        what: "no cores",
        spoil: (s) => (quota(s).cpu = "0"),
        path: "mainstay:tenants.shop.quota.cpu",
        mend: /such as "20"/,
    },
    {
        what: "cores in gibibytes",
        spoil: (s) => (quota(s).cpu = "20Gi"),
        path: "mainstay:tenants.shop.quota.cpu",
        mend: /such as "20"/,
    },
    {
        what: "memory in thousandths of a byte",
        spoil: (s) => (quota(s).memory = "64m"),
        path: "mainstay:tenants.shop.quota.memory",
        mend: /such as "64Gi"/,
    },
    {
        what: "memory without a unit",
        spoil: (s) => (quota(s).memory = "64"),
        path: "mainstay:tenants.shop.quota.memory",
        mend: /such as "64Gi"/,
    },
    {
        what: "more memory than there is",
        spoil: (s) => (quota(s).memory = "200Ti"),
        path: "mainstay:tenants.shop.quota.memory",
        mend: /such as "64Gi"/,
    },
    {
        what: "storage in a unit of its own",
        spoil: (s) => (quota(s).storage = "200GB"),
        path: "mainstay:tenants.shop.quota.storage",
        mend: /such as "200Gi"/,
    },
    {
        what: "half a pod",
        spoil: (s) => (quota(s).pods = 0.5),
        path: "mainstay:tenants.shop.quota.pods",
        mend: /such as 100/,
    },
    {
        what: "a port that there is not",
        spoil: (s) => (s.tenants.shop.calls[0].ports = [80800]),
        path: "mainstay:tenants.shop.calls[0].ports[0]",
        mend: /such as 8080/,
    },
    {
        what: "a call as text",
        spoil: (s) => (s.tenants.shop.calls = ["payments"]),
        path: "mainstay:tenants.shop.calls[0]",
        mend: /"tenant":"payments"/,
    },
    {
        what: "an address in place of a name",
        spoil: (s) => (egress(s).names[0].name = "203.0.113.4"),
        path: "mainstay:tenants.shop.egress.names[0].name",
        mend: /such as api\.example\.com/,
    },
    {
        what: "all names of a top-level domain",
        spoil: (s) => (egress(s).names[0].name = "*.com"),
        path: "mainstay:tenants.shop.egress.names[0].name",
        mend: /\*\.example\.com/,
    },
    {
        what: "a name with its scheme",
        spoil: (s) => (egress(s).names[0].name = "https://api.example.com"),
        path: "mainstay:tenants.shop.egress.names[0].name",
        mend: /without https/,
    },
    {
        what: "a range without its prefix",
        spoil: (s) => (egress(s).ranges = [range("203.0.113.4")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /203\.0\.113\.0\/24/,
    },
    {
        what: "an exception without a reason",
        spoil: (s) => delete s.tenants.shop.podSecurity[0].reason,
        path: "mainstay:tenants.shop.podSecurity[0].reason",
        mend: /add it/,
    },
    {
        what: "an exception that is none",
        spoil: (s) => (s.tenants.shop.podSecurity[0].level = "restricted"),
        path: "mainstay:tenants.shop.podSecurity[0].level",
        mend: /"baseline"/,
    },
    {
        what: "a day without quotes, as YAML hands it over",
        spoil: (s) => (s.tenants.shop.podSecurity[0].expires = "2027-03-01 00:00:00 +0000 UTC"),
        path: "mainstay:tenants.shop.podSecurity[0].expires",
        mend: /in quotes: "2027-03-01"/,
    },
];

const ruleCases: Case[] = [
    {
        what: "a tenant of Kubernetes' name",
        spoil: (s) => (s.tenants.kubernetes = team(15)),
        path: "mainstay:tenants.kubernetes",
        mend: /rename the tenant/,
    },
    {
        what: "a tenant of the platform's name",
        spoil: (s) => (s.tenants.monitoring = team(15)),
        path: "mainstay:tenants.monitoring",
        mend: /rename the tenant/,
    },
    {
        what: "a namespace of the platform's",
        spoil: (s) => (s.tenants.web.namespaces = ["web", "ingress"]),
        path: "mainstay:tenants.web.namespaces[1]",
        mend: /choose another name/,
    },
    {
        what: "the namespace default",
        spoil: (s) => (s.tenants.web.namespaces = ["default"]),
        path: "mainstay:tenants.web.namespaces[0]",
        mend: /choose another name/,
    },
    {
        what: "a namespace of an add-on's",
        spoil: (s) => (s.tenants.web.namespaces = ["gatekeeper-system"]),
        path: "mainstay:tenants.web.namespaces[0]",
        mend: /choose another name/,
    },
    {
        what: "a namespace of another tenant's",
        spoil: (s) => (s.tenants.web.namespaces = ["web", "shop-jobs"]),
        path: "mainstay:tenants.web.namespaces[1]",
        mend: /here or in mainstay:tenants\.shop\.namespaces\[1\]/,
    },
    {
        what: "a tenant of a namespace's name that another has",
        spoil: (s) => (s.tenants["shop-jobs"] = team(15)),
        path: "mainstay:tenants.shop-jobs",
        mend: /rename the tenant, or give it namespaces/,
    },
    {
        what: "a namespace twice",
        spoil: (s) => (s.tenants.web.namespaces = ["web", "web"]),
        path: "mainstay:tenants.web.namespaces[1]",
        mend: /remove it here/,
    },
    {
        what: "a call of nobody",
        spoil: (s) => s.tenants.shop.calls.push({ tenant: "paymets" }),
        path: "mainstay:tenants.shop.calls[1].tenant",
        mend: /write payments/,
    },
    {
        what: "a call by nobody",
        spoil: (s) => s.tenants.payments.calledBy.push({ tenant: "warehouse" }),
        path: "mainstay:tenants.payments.calledBy[2].tenant",
        mend: /add the tenant/,
    },
    {
        what: "nobody forbidden",
        spoil: (s) => s.tenants.legacy.forbids.push("webb"),
        path: "mainstay:tenants.legacy.forbids[1]",
        mend: /write web/,
    },
    {
        what: "a tenant that calls itself",
        spoil: (s) => s.tenants.shop.calls.push({ tenant: "shop" }),
        path: "mainstay:tenants.shop.calls[1].tenant",
        mend: /^remove it$/,
    },
    {
        what: "a tenant that forbids itself",
        spoil: (s) => s.tenants.legacy.forbids.push("legacy"),
        path: "mainstay:tenants.legacy.forbids[1]",
        mend: /^remove it$/,
    },
    {
        what: "a tenant called twice",
        spoil: (s) => s.tenants.shop.calls.push({ tenant: "payments", ports: [8081] }),
        path: "mainstay:tenants.shop.calls[1].tenant",
        mend: /put its ports into mainstay:tenants\.shop\.calls\[0\]/,
    },
    {
        what: "a call that the other side says nothing of",
        spoil: (s) => s.tenants.shop.calls.push({ tenant: "web", ports: [80, 443] }),
        path: "mainstay:tenants.shop.calls[1]",
        mend: /add \{ tenant: shop, ports: \[80, 443\] \} to mainstay:tenants\.web\.calledBy/,
    },
    {
        what: "a caller that says nothing of it",
        spoil: (s) => (s.tenants.web.calledBy = [{ tenant: "shop" }]),
        path: "mainstay:tenants.web.calledBy[0]",
        mend: /add \{ tenant: web \} to mainstay:tenants\.shop\.calls, or set oneSided: true/,
    },
    {
        what: "a port that the other side keeps closed",
        spoil: (s) => (s.tenants.shop.calls[0].ports = [8080, 9090]),
        path: "mainstay:tenants.shop.calls[0].ports",
        mend: /remove 9090 here, or add it to mainstay:tenants\.payments\.calledBy\[0\]\.ports/,
    },
    {
        what: "all ports, of which the other side opens two",
        spoil: (s) => delete s.tenants.shop.calls[0].ports,
        path: "mainstay:tenants.shop.calls[0].ports",
        mend: /such as \[8080, 8081\], or empty mainstay:tenants\.payments\.calledBy\[0\]\.ports/,
    },
    {
        what: "an agreed call that one side forbids",
        spoil: (s) => (s.tenants.payments.forbids = ["shop"]),
        path: "mainstay:tenants.payments.forbids[0]",
        mend: /remove it, or remove mainstay:tenants\.payments\.calledBy\[0\] and mainstay:tenants\.shop\.calls\[0\]/,
    },
    {
        what: "a one-sided permission that the other side forbids",
        spoil: (s) => (s.tenants.web.forbids = ["payments"]),
        path: "mainstay:tenants.web.forbids[0]",
        mend: /remove it, or remove mainstay:tenants\.payments\.calledBy\[1\]/,
    },
    {
        what: "a call of a tenant that forbids it",
        spoil: (s) => s.tenants.shop.calls.push({ tenant: "legacy" }),
        path: "mainstay:tenants.legacy.forbids[0]",
        mend: /remove mainstay:tenants\.shop\.calls\[1\]/,
    },
    {
        what: "a range with host bits",
        spoil: (s) => (egress(s).ranges = [range("203.0.113.4/24")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /set it to 203\.0\.113\.0\/24/,
    },
    {
        what: "the pods' range",
        spoil: (s) => (egress(s).ranges = [range("10.244.7.0/24")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /name the tenant in calls/,
    },
    {
        what: "the Services' range",
        spoil: (s) => (egress(s).ranges = [range("10.96.0.1/32")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /set api for the Kubernetes API/,
    },
    {
        what: "the virtual network",
        spoil: (s) => (egress(s).ranges = [range("10.64.0.0/16")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /egress\.names/,
    },
    {
        what: "the instance metadata service",
        spoil: (s) => (egress(s).ranges = [range("169.254.169.254/32")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /workload identity/,
    },
    {
        what: "the WireServer",
        spoil: (s) => (egress(s).ranges = [range("168.63.129.16/32")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /DNS is open/,
    },
    {
        what: "loopback",
        spoil: (s) => (egress(s).ranges = [range("127.0.0.0/16")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /remove it/,
    },
    {
        what: "a range that holds the cluster's",
        spoil: (s) => (egress(s).ranges = [range("10.0.0.0/8", "10.244.0.0/16")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /set mainstay:tenants\.shop\.egress\.ranges\[0\]\.except to \[10\.244\.0\.0\/16, 10\.64\.0\.0\/16, 10\.96\.0\.0\/16\]/,
    },
    {
        what: "half of the internet, with the WireServer in it",
        spoil: (s) => (egress(s).ranges = [range("168.0.0.0/8")]),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /except to \[168\.63\.129\.16\/32\]/,
    },
    {
        what: "a range twice",
        spoil: (s) => egress(s).ranges.push(range("203.0.113.0/24")),
        path: "mainstay:tenants.shop.egress.ranges[1].cidr",
        mend: /put its ports into mainstay:tenants\.shop\.egress\.ranges\[0\]/,
    },
    {
        what: "a range inside another, whichever comes first",
        spoil: (s) => egress(s).ranges.unshift(range("203.0.113.8/29")),
        path: "mainstay:tenants.shop.egress.ranges[0].cidr",
        mend: /add 203\.0\.113\.8\/29 to mainstay:tenants\.shop\.egress\.ranges\[1\]\.except/,
    },
    {
        what: "an exception outside of its range",
        spoil: (s) => (egress(s).ranges = [range("203.0.113.0/24", "198.51.100.0/24")]),
        path: "mainstay:tenants.shop.egress.ranges[0].except[0]",
        mend: /^remove it$/,
    },
    {
        what: "an exception that leaves nothing",
        spoil: (s) => (egress(s).ranges = [range("203.0.113.0/24", "203.0.113.0/24")]),
        path: "mainstay:tenants.shop.egress.ranges[0].except[0]",
        mend: /narrow the exception/,
    },
    {
        what: "an exception with host bits",
        spoil: (s) => (egress(s).ranges = [range("203.0.113.0/24", "203.0.113.9/29")]),
        path: "mainstay:tenants.shop.egress.ranges[0].except[0]",
        mend: /set it to 203\.0\.113\.8\/29/,
    },
    {
        what: "a name of a Service",
        spoil: (s) => (egress(s).names[0].name = "payments.payments.svc.cluster.local"),
        path: "mainstay:tenants.shop.egress.names[0].name",
        mend: /in calls/,
    },
    {
        what: "a name twice",
        spoil: (s) => (egress(s).names[1].name = "api.example.com"),
        path: "mainstay:tenants.shop.egress.names[1].name",
        mend: /put its ports into mainstay:tenants\.shop\.egress\.names\[0\]/,
    },
    {
        what: "an exception in a namespace of somebody else's",
        spoil: (s) => (s.tenants.shop.podSecurity[0].namespace = "hop-jobs"),
        path: "mainstay:tenants.shop.podSecurity[0].namespace",
        mend: /set it to shop-jobs/,
    },
    {
        what: "two exceptions for a namespace",
        spoil: (s) => s.tenants.shop.podSecurity.push({ ...s.tenants.shop.podSecurity[0], level: "privileged" }),
        path: "mainstay:tenants.shop.podSecurity[1].namespace",
        mend: /remove one/,
    },
    {
        what: "an exception that has ended",
        spoil: (s) => (s.tenants.shop.podSecurity[0].expires = "2026-06-14"),
        path: "mainstay:tenants.shop.podSecurity[0].expires",
        mend: /remove the exception/,
    },
    {
        what: "an exception for ever",
        spoil: (s) => (s.tenants.shop.podSecurity[0].expires = "2099-12-31"),
        path: "mainstay:tenants.shop.podSecurity[0].expires",
        mend: /2027-06-16 at the latest/,
    },
    {
        what: "a day that no calendar has",
        spoil: (s) => (s.tenants.shop.podSecurity[0].expires = "2027-02-30"),
        path: "mainstay:tenants.shop.podSecurity[0].expires",
        mend: /set it to 2027-03-02/,
    },
    {
        what: "more tenants than a cluster takes",
        spoil: (s) => {
            for (let index = 0; index < 997; index++) s.tenants[`team-${index}`] = team(index);
        },
        path: "mainstay:tenants",
        mend: /cluster of their own/,
        given: '"1001 tenants"',
    },
];

describe("settings of access, images and tenants", () => {
    it("has good settings to spoil", () => {
        assert.deepEqual(problemsOf(good()), []);
    });

    describe("groups", () => refuse(good, groupCases));
    describe("images", () => refuse(good, imageCases));
    describe("shape of tenants", () => refuse(good, shapeCases));
    describe("rules of tenants", () => refuse(good, ruleCases));

    it("say of a person in place of a group that only groups are taken, by object ID", () => {
        for (const spoil of [
            (s: any) => (s.access.groups.administrators = ["ada@example.com"]),
            (s: any) => (s.access.groups.administrators = ["Platform administrators"]),
            (s: any) => (s.tenants.web.groups.users = ["ada@example.com"]),
        ]) {
            const raw = good();
            spoil(raw);
            const [problem] = problemsOf(raw);
            assert.match(problem.allowed, /groups only, by object ID/);
            assert.match(problem.mend, /az ad group show --group NAME --query id/);
        }
    });

    it("fill in what a tenant leaves out, and sort tenants by name", () => {
        const { tenants } = check(good());
        assert.deepEqual(
            tenants.map(({ name }) => name),
            ["legacy", "payments", "shop", "web"],
        );
        assert.deepEqual(tenants[3], {
            name: "web",
            namespaces: ["web"],
            groups: { administrators: [group(13)], developers: [], viewers: [], secretReaders: [] },
            exec: false,
            quota: { cpu: "20", memory: "64Gi", pods: 100, storage: "200Gi", loadBalancers: 0 },
            calls: [],
            calledBy: [],
            forbids: [],
            ingress: false,
            api: false,
            egress: { ranges: [], names: [] },
            podSecurity: [],
        });
        assert.deepEqual(tenants[2].egress.ranges, [{ cidr: "203.0.113.0/24", ports: [443], except: [] }]);
        assert.deepEqual(tenants[1].calledBy[1], { tenant: "web", ports: [], oneSided: true });
    });

    it("need no tenants, and nothing but administrators", () => {
        const { tenants: _, ...raw } = good();
        raw.access = { groups: { administrators: [group(1).toUpperCase()] } };
        const settings = check(raw);
        assert.deepEqual(settings.tenants, []);
        assert.deepEqual(settings.access.groups, {
            administrators: [group(1)],
            operators: [],
            onCall: [],
            auditors: [],
        });
    });

    it("write object IDs as tokens carry them", () => {
        const raw = good();
        raw.tenants.web.groups.viewers = ["ABCDEF01-2345-4678-9ABC-DEF012345678"];
        assert.deepEqual(check(raw).tenants[3].groups.viewers, ["abcdef01-2345-4678-9abc-def012345678"]);
    });

    it("let groups of every kind read Secrets: that is a role of its own", () => {
        const raw = good();
        Object.assign(raw.tenants.web.groups, { developers: [group(20)], viewers: [group(21)] });
        raw.tenants.web.groups.secretReaders = [group(13), group(20), group(21)];
        assert.deepEqual(problemsOf(raw), []);
    });

    it("let a group work for several tenants, and for the platform beside them", () => {
        const raw = good();
        raw.tenants.web.groups.viewers = [group(1), group(2), group(11)];
        raw.tenants.shop.groups.developers = [group(13)];
        raw.tenants.shop.groups.secretReaders = [group(13)];
        assert.deepEqual(problemsOf(raw), []);
    });

    it("take images from the cluster's own registry, too, and from it alone", () => {
        const registries = (given?: string[]) => {
            const raw = good();
            raw.cluster.registry = {
                id: "/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/Example",
            };
            if (given) raw.images = { registries: given };
            return check(raw).images.registries;
        };
        assert.deepEqual(check(good()).images.registries, ["mcr.microsoft.com"]);
        assert.deepEqual(registries(), ["mcr.microsoft.com", "example.azurecr.io"]);
        assert.deepEqual(registries([]), ["example.azurecr.io"]);
        assert.deepEqual(registries(["example.azurecr.io", "ghcr.io/example", "registry.example.com:5000/team"]), [
            "example.azurecr.io",
            "ghcr.io/example",
            "registry.example.com:5000/team",
        ]);
    });

    it("report what is wrong in several tenants at once, and judge the rest by name where one has a wrong form", () => {
        const raw = good();
        raw.tenants.payments.quota = { pods: -1 };
        raw.tenants.web.namespaces = ["kube-system"];
        raw.tenants.legacy.calls = [{ tenant: "nobody-knows" }];
        assert.deepEqual(
            problemsOf(raw)
                .map(({ path }) => path)
                .sort(),
            [
                "mainstay:tenants.legacy.calls[0].tenant",
                "mainstay:tenants.payments.quota.pods",
                "mainstay:tenants.web.namespaces[0]",
            ],
        );
    });

    it("take an exception on its last day", () => {
        const raw = good();
        raw.tenants.shop.podSecurity[0].expires = today;
        assert.deepEqual(problemsOf(raw), []);
    });

    it("take the internet, and apart from it what has ports of its own", () => {
        const raw = good();
        egress(raw).ranges = [
            { ...range("0.0.0.0/0", "203.0.113.0/24") },
            { ...range("203.0.113.0/24"), ports: [5432] },
            { ...range("192.168.7.0/24"), ports: [1521] },
        ];
        assert.deepEqual(problemsOf(raw), []);
    });
});

describe("quantities", () => {
    it("are read as Kubernetes reads them: known figures", () => {
        assert.deepEqual(["20", "1.5", "500m", "64Gi", "1M", "0.5Ki", "2Pi"].map(readQuantity), [
            20,
            1.5,
            0.5,
            64 * 2 ** 30,
            1e6,
            512,
            2 * 2 ** 50,
        ]);
        assert.deepEqual(["", "x", "-1", "1GB", "1e3", "Gi"].map(readQuantity), Array(6).fill(undefined));
    });
});

describe("calls between tenants", () => {
    const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 5 });

    /** Pairs of different tenants by number, each with what the callee opens and what of it the caller calls. */
    const pairs = fc.uniqueArray(
        fc
            .record({
                caller: fc.nat(7),
                callee: fc.nat(7),
                open: fc.oneof(fc.constant<number[]>([]), ports),
                called: ports,
                share: fc.nat(4),
                sides: fc.constantFrom("both", "both, one enough", "callee only"),
            })
            .filter(({ caller, callee }) => caller !== callee),
        { selector: ({ caller, callee }) => `${caller} ${callee}`, minLength: 1, maxLength: 20 },
    );
    type Pair = typeof pairs extends fc.Arbitrary<(infer P)[]> ? P : never;

    /** What the caller says: some of the open ports, or any where all are open. */
    const wanted = ({ open, called, share }: Pair) => (open.length > 0 ? open.slice(0, share + 1) : called);

    function withPairs(all: readonly Pair[]): any {
        const raw = good();
        raw.tenants = {};
        for (let index = 0; index < 8; index++) {
            raw.tenants[`t${index}`] = team(index, {
                calls: all
                    .filter(({ caller, sides }) => caller === index && sides !== "callee only")
                    .map((pair) => ({ tenant: `t${pair.callee}`, ports: wanted(pair) })),
                calledBy: all
                    .filter(({ callee }) => callee === index)
                    .map(({ caller, open, sides }) => ({
                        tenant: `t${caller}`,
                        ports: open,
                        oneSided: sides !== "both",
                    })),
            });
        }
        return raw;
    }

    it("are never refused where both sides agree, or one side's word is enough", () => {
        fc.assert(fc.property(pairs, (all) => assert.deepEqual(problemsOf(withPairs(all)), [])));
    });

    it("are always refused where one of two sides is taken away, and only that pair is", () => {
        fc.assert(
            fc.property(pairs, fc.nat(), fc.boolean(), (all, place, ofCaller) => {
                const twoSided = all.filter(({ sides }) => sides === "both");
                fc.pre(twoSided.length > 0);
                const { caller, callee } = twoSided[place % twoSided.length];
                const raw = withPairs(all);
                const [here, list, there] = ofCaller ? [caller, "calls", callee] : [callee, "calledBy", caller];
                raw.tenants[`t${here}`][list] = raw.tenants[`t${here}`][list].filter(
                    ({ tenant }: { tenant: string }) => tenant !== `t${there}`,
                );
                const problems = problemsOf(raw);
                assert.equal(problems.length, 1, JSON.stringify(problems));
                assert.ok(
                    problems[0].path.startsWith(`mainstay:tenants.t${there}.${ofCaller ? "calledBy" : "calls"}[`),
                );
                assert.ok(problems[0].mend.includes(`tenants.t${here}.${list}`), problems[0].mend);
            }),
        );
    });

    it("are always refused where one side forbids them, and the mend names every permission", () => {
        fc.assert(
            fc.property(pairs, fc.nat(), fc.boolean(), (all, place, byCaller) => {
                const pair = all[place % all.length];
                const [here, there] = byCaller ? [pair.caller, pair.callee] : [pair.callee, pair.caller];
                const raw = withPairs(all);
                raw.tenants[`t${here}`].forbids = [`t${there}`];
                const [problem, ...more] = problemsOf(raw);
                assert.deepEqual(more, []);
                assert.equal(problem.path, `mainstay:tenants.t${here}.forbids[0]`);
                // Taking away what is named mends it.
                for (const [, tenant, list, index] of problem.mend.matchAll(
                    /tenants\.(t\d)\.(calls|calledBy)\[(\d+)\]/g,
                ))
                    delete raw.tenants[tenant][list][index];
                for (const tenant of Object.values<any>(raw.tenants)) {
                    tenant.calls = tenant.calls.filter(Boolean);
                    tenant.calledBy = tenant.calledBy.filter(Boolean);
                }
                assert.deepEqual(problemsOf(raw), []);
            }),
        );
    });

    it("are refused for a port that the other side keeps closed, whatever else is open", () => {
        fc.assert(
            fc.property(pairs, fc.nat(), fc.integer({ min: 1, max: 65535 }), (all, place, port) => {
                const limited = all.filter(
                    ({ sides, open }) => sides !== "callee only" && open.length > 0 && !open.includes(port),
                );
                fc.pre(limited.length > 0);
                const { caller, callee } = limited[place % limited.length];
                const raw = withPairs(all);
                const calls = raw.tenants[`t${caller}`].calls;
                const index = calls.findIndex(({ tenant }: { tenant: string }) => tenant === `t${callee}`);
                calls[index].ports = [...calls[index].ports, port];
                const [problem, ...more] = problemsOf(raw);
                assert.deepEqual(more, []);
                assert.equal(problem.path, `mainstay:tenants.t${caller}.calls[${index}].ports`);
                assert.match(problem.mend, new RegExp(`remove ${port} here`));
            }),
        );
    });
});

describe("egress ranges", () => {
    const closed = [
        "10.64.0.0/16",
        "10.244.0.0/16",
        "10.96.0.0/16",
        "169.254.0.0/16",
        "168.63.129.16/32",
        "127.0.0.0/8",
    ];

    const ranges = (least: number) =>
        fc
            .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: least, max: 32 }))
            .map(([address, prefix]) => {
                const size = 2 ** (32 - prefix);
                return formatRange({ first: address - (address % size), size });
            });
    /** Often inside, around or beside one of those that are closed. */
    const nearClosed = fc
        .tuple(fc.constantFrom(...closed), fc.integer({ min: 1, max: 32 }), fc.nat())
        .map(([cidr, prefix, place]) => {
            const { first, size } = parseRange(cidr);
            const at = first + (place % size);
            const own = 2 ** (32 - prefix);
            return formatRange({ first: at - (at % own), size: own });
        });

    /** Counted in another way than the code's: of two ranges that share addresses, one's bits begin with the other's. */
    const bits = (cidr: string) => {
        const [address, prefix] = cidr.split("/");
        const all = address.split(".").map((octet) => Number(octet).toString(2).padStart(8, "0"));
        return all.join("").slice(0, Number(prefix));
    };
    const share = (a: string, b: string) => bits(a).startsWith(bits(b)) || bits(b).startsWith(bits(a));

    const problemsWith = (given: object[]) => {
        const raw = good();
        egress(raw).ranges = given;
        return problemsOf(raw);
    };

    it("are accepted if and only if they share no address with what is closed", () => {
        let refused = 0;
        fc.assert(
            fc.property(fc.oneof(ranges(1), nearClosed), (cidr) => {
                const clash = closed.some((one) => share(one, cidr));
                refused += Number(clash);
                assert.equal(problemsWith([{ cidr }]).length, clash ? 1 : 0, cidr);
            }),
            { numRuns: 300 },
        );
        assert.ok(refused > 50 && refused < 250, `${refused} of 300 refused`);
    });

    it("are accepted once the exceptions that the mend names are written", () => {
        fc.assert(
            fc.property(nearClosed, (cidr) => {
                const [problem] = problemsWith([{ cidr }]);
                const [, list] = /except to \[(.*)\]/.exec(problem?.mend ?? "") ?? [];
                fc.pre(list !== undefined);
                const except = list.split(", ");
                assert.deepEqual(problemsWith([{ cidr, except }]), []);
                assert.ok(problemsWith([{ cidr, except: except.slice(1) }]).length > 0);
            }),
        );
    });

    it("of a tenant are accepted if and only if no two of them share an address", () => {
        // Few bits to choose from, so that some share and some do not, and none is closed.
        const close = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 })).map(([last, prefix]) => {
            const size = 2 ** (32 - prefix);
            return `203.0.113.${last - (last % size)}/${prefix}`;
        });
        let refused = 0;
        fc.assert(
            fc.property(fc.array(close, { minLength: 2, maxLength: 5 }), (cidrs) => {
                const clashes = cidrs.flatMap((a, index) => cidrs.slice(index + 1).filter((b) => share(a, b)));
                refused += Number(clashes.length > 0);
                assert.equal(problemsWith(cidrs.map((cidr) => ({ cidr }))).length, clashes.length, cidrs.join(" "));
            }),
            { numRuns: 200 },
        );
        assert.ok(refused > 20 && refused < 190, `${refused} of 200 refused`);
    });

    it("may be those of another tenant", () => {
        const raw = good();
        raw.tenants.web.egress = { ranges: [{ cidr: "203.0.113.0/25" }] };
        assert.deepEqual(problemsOf(raw), []);
    });
});
