import { z } from "zod";
import { address, cidr, guided, text } from "./guidance";

const port = text(
    /^(\*|\d{1,5}(-\d{1,5})?)$/,
    'a port, a range of ports or "*", in quotes',
    "443",
    'write it in quotes: "443", "8000-8100" or "*"',
);

const opening = z
    .strictObject({
        name: text(
            /^[a-z][a-z0-9-]{1,40}[a-z0-9]$/,
            "3 to 42 lower-case letters, digits and hyphens, beginning with a letter",
            "mail-relay",
        ).describe("Names the security rule."),
        direction: guided(z.enum(["inbound", "outbound"]), '"inbound" or "outbound"', "outbound").describe(
            "Seen from the user pools' nodes.",
        ),
        peer: text(
            new RegExp(`^(${address}(/(3[0-2]|[12]?\\d))?|[A-Z][A-Za-z]+(\\.[A-Za-z0-9]+)?)$`),
            "an address, a range, or one of Azure's service tags",
            "Internet",
        ).describe("The other side: an address, a range, or a service tag such as `Internet` or `Sql.WestEurope`."),
        protocol: guided(z.enum(["Tcp", "Udp", "Icmp"]), '"Tcp", "Udp" or "Icmp"', "Tcp")
            .default("Tcp")
            .describe("Protocol."),
        ports: guided(z.array(port).min(1), "a list of ports in quotes", ["443"]).describe("Destination ports."),
        why: guided(
            z.string().trim().min(1).max(140),
            "a reason of up to 140 characters",
            "mail goes through the relay",
        ).describe("The reason; becomes the rule's description."),
    })
    .describe("One more thing that user pools' nodes may do, or that may be done to them.");

const name = (what: string, example: string) =>
    text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,78}[A-Za-z0-9_]$/, `the name of ${what}`, example);

const runners = guided(
    z.strictObject({
        resourceGroupName: name("a resource group", "mainstay-foundation")
            .default("mainstay-foundation")
            .describe("Its resource group."),
        virtualNetworkName: name("a virtual network", "mainstay-runners")
            .default("mainstay-runners")
            .describe("Its name."),
        addressSpace: cidr("10.60.0.0/24").default("10.60.0.0/24").describe("Its address range."),
    }),
    "the network that deployments run in",
    {},
)
    .prefault({})
    .describe(
        "The network that deployments run in, as foundation/ makes it. While the API is private, this network is peered with it: nothing else reaches the API.",
    );

export const network = guided(
    z.strictObject({
        addressSpace: cidr("10.64.0.0/16").describe(
            "Address range of the virtual network, /12 to /22. Cut into eight equal parts: system pool, one a zone, private endpoints, the rest kept free.",
        ),
        podCidr: cidr("10.244.0.0/16")
            .default("10.244.0.0/16")
            .describe("Overlay range of the pods; every node takes a /24 of it."),
        serviceCidr: cidr("10.96.0.0/16")
            .default("10.96.0.0/16")
            .describe("Range of the Services' cluster addresses, /12 or smaller."),
        dnsServiceIP: guided(
            z.string().regex(new RegExp(`^${address}$`)),
            "an IPv4 address inside serviceCidr",
            "10.96.0.10",
        )
            .optional()
            .describe("Address of the cluster's DNS. Default: the tenth of serviceCidr."),
        elsewhere: guided(z.array(cidr("10.0.0.0/12")), "a list of IPv4 ranges", ["10.0.0.0/12"])
            .default([])
            .describe(
                "Ranges in use in networks that this one is, or will be, connected to. Nothing here may overlap them.",
            ),
        runners,
        openings: guided(z.array(opening), "a list of openings", [])
            .default([])
            .describe("Exceptions to the deny-by-default rules of the user pools' subnets."),
    }),
    "the network's settings",
    { addressSpace: "10.64.0.0/16" },
).describe("The virtual network and the ranges inside the cluster.");
