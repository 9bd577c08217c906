import type { CheckFailure } from "../../provider/provider";
import type { Properties } from "../../provider/values";
import { sameId } from "../arm/id";
import { distinctNames, within } from "./limits";
import { privateAddress, sameRegion } from "./privateAddress";
import { type Candidate, objectsAt, refuse, type Rule, textAt, textsAt } from "./rule";

export const loadBalancer: Rule = function* (candidate) {
    const { inputs, cloud } = candidate;
    const sku = textAt(inputs, "sku", "name");
    for (const list of [
        "frontendIPConfigurations",
        "backendAddressPools",
        "probes",
        "loadBalancingRules",
        "outboundRules",
        "inboundNatRules",
    ]) {
        yield* distinctNames(inputs, list);
    }
    for (const [index, frontend] of objectsAt(inputs, "frontendIPConfigurations").entries()) {
        const path = `frontendIPConfigurations[${index}]`;
        const kinds = ["subnet", "publicIPAddress", "publicIPPrefix"].filter((key) => frontend[key] !== undefined);
        if (kinds.length !== 1) {
            yield refuse(
                path,
                `\`${path}\` must have one of subnet, publicIPAddress and publicIPPrefix, but has ${kinds.join(" and ") || "none"}.`,
                "InvalidFrontendIPConfiguration",
            );
        }
        if (frontend.publicIPAddress !== undefined && textsAt(frontend, "zones").length > 0) {
            yield refuse(
                `${path}.zones`,
                `\`${path}.zones\` cannot be given with a public IP address: a public frontend has the zones of its address.`,
                "LoadBalancerFrontendIPConfigCannotHaveZoneWhenReferencingPublicIPAddress",
            );
        }
        const addressId = textAt(frontend, "publicIPAddress", "id");
        const address = addressId ? cloud.inputs(addressId) : undefined;
        const addressSku = address && (textAt(address, "sku", "name") ?? "Basic");
        if (sku && addressSku && sku !== addressSku && sku !== "Gateway") {
            yield refuse(
                `${path}.publicIPAddress.id`,
                `\`${path}.publicIPAddress.id\` is a ${addressSku} address, the load balancer is ${sku}: they must be the same.`,
                "PublicIPAndLBSkuDoNotMatch",
            );
        }
        yield* privateAddress(candidate, frontend, path);
        const subnetId = textAt(frontend, "subnet", "id");
        if (subnetId) yield* sameRegion(candidate, subnetId, `${path}.subnet.id`);
        yield* sameZones(candidate, frontend, path);
    }
    const internal = objectsAt(inputs, "frontendIPConfigurations").map((frontend) => frontend.subnet !== undefined);
    if (internal.includes(true) && internal.includes(false)) {
        // Plausible code.
        yield refuse(
            "frontendIPConfigurations",
            "`frontendIPConfigurations` must be all public or all private: make a second load balancer for the others.",
            "LoadBalancerFrontendIPConfigsMustBeAllPublicOrAllPrivate",
        );
    }
    const taken = new Map<string, number>();
    for (const [index, rule] of objectsAt(inputs, "loadBalancingRules").entries()) {
        const path = `loadBalancingRules[${index}]`;
        const key = [textAt(rule, "frontendIPConfiguration", "id")?.toLowerCase(), rule.frontendPort, rule.protocol]
            .map(String)
            .join("|");
        const before = taken.get(key);
        if (before !== undefined && !key.includes("undefined") && !key.includes("Symbol")) {
            yield refuse(
                `${path}.frontendPort`,
                `\`${path}.frontendPort\`: frontend, port and protocol are those of loadBalancingRules[${before}].`,
                "RulesUseSameFrontendPortProtocolAndIPConfig",
            );
        }
        taken.set(key, index);
        const ports = [rule.frontendPort, rule.backendPort];
        if (rule.protocol === "All" && ports.some((port) => typeof port === "number" && port !== 0)) {
            yield refuse(
                `${path}.protocol`,
                `\`${path}.protocol\` "All" balances every port: frontendPort and backendPort must be 0.`,
                "InvalidLoadBalancingRule",
            );
        }
        for (const port of ["frontendPort", "backendPort"]) {
            if (rule.protocol !== "All") yield* within(rule, port, 1, 65_535, `${path}.`);
        }
        yield* within(rule, "idleTimeoutInMinutes", 4, 100, `${path}.`);
    }
    yield* sharedBackends(inputs);
    yield* outbound(inputs);
    yield* ownParts(candidate);
    for (const [index, probe] of objectsAt(inputs, "probes").entries()) {
        const path = `probes[${index}]`;
        yield* within(probe, "port", 1, 65_535, `${path}.`);
        yield* within(probe, "intervalInSeconds", 5, Infinity, `${path}.`);
        yield* within(probe, "probeThreshold", 1, 100, `${path}.`);
        const where = textAt(probe, "requestPath");
        if (where !== undefined && !where.startsWith("/"))
            yield refuse(
                `${path}.requestPath`,
                `\`${path}.requestPath\` must begin with a slash, but ${JSON.stringify(where)} was given.`,
                "InvalidProbeRequestPath",
            );
        const http = probe.protocol === "Http" || probe.protocol === "Https";
        if (http && probe.requestPath === undefined)
            yield refuse(
                `${path}.requestPath`,
                `\`${path}.requestPath\` is required for an ${String(probe.protocol)} probe.`,
                "ProbeRequestPathMissing",
            );
        if (probe.protocol === "Tcp" && probe.requestPath !== undefined)
            yield refuse(
                `${path}.requestPath`,
                `\`${path}.requestPath\` cannot be given for a Tcp probe.`,
                "ProbeRequestPathNotAllowed",
            );
        if (probe.protocol === "Https" && sku === "Basic")
            yield refuse(
                `${path}.protocol`,
                `\`${path}.protocol\` "Https" needs a Standard load balancer.`,
                "ProbeProtocolNotSupported",
            );
    }
};

/** A frontend stays in the zones that it was made in. Plausible code. */
function* sameZones({ current }: Candidate, frontend: Properties, path: string): Generator<CheckFailure> {
    const before = objectsAt(current?.inputs, "frontendIPConfigurations").find((one) => one.name === frontend.name);
    if (!before || typeof frontend.zones === "symbol") return;
    const [was, is] = [before, frontend].map((one) => textsAt(one, "zones").sort().join(", "));
    if (was !== is) {
        yield refuse(
            `${path}.zones`,
            `\`${path}.zones\` cannot change from ${was || "none"} to ${is || "none"}: a frontend of another name has to be made.`,
            "LoadBalancerFrontendIPConfigurationZonesCannotBeChanged",
        );
    }
}

/** Two rules that bring different frontends to one port of the same machines cannot be told apart without a floating IP. */
function* sharedBackends(inputs: Properties): Generator<CheckFailure> {
    const taken = new Map<string, number>();
    for (const [index, rule] of objectsAt(inputs, "loadBalancingRules").entries()) {
        if (rule.enableFloatingIP === true || typeof rule.backendPort !== "number") continue;
        const pools = [textAt(rule, "backendAddressPool", "id")].concat(
            objectsAt(rule, "backendAddressPools").map((pool) => textAt(pool, "id")),
        );
        for (const pool of pools.filter((id) => id !== undefined)) {
            const key = `${pool.toLowerCase()}|${rule.backendPort}|${String(rule.protocol)}`;
            const before = taken.get(key);
            if (before !== undefined) {
                yield refuse(
                    `loadBalancingRules[${index}].backendPort`,
                    `\`loadBalancingRules[${index}].backendPort\`: pool, port and protocol are those of loadBalancingRules[${before}]. Use another port, or enableFloatingIP.`,
                    "RulesUseSameBackendPortProtocolAndPool",
                );
            }
            taken.set(key, index);
        }
    }
}

/** Who leaves by an outbound rule's address does not leave by the balancing rule as well. */
function* outbound(inputs: Properties): Generator<CheckFailure> {
    const leaving = new Set(
        objectsAt(inputs, "outboundRules").flatMap((rule) =>
            objectsAt(rule, "frontendIPConfigurations").flatMap((one) => textAt(one, "id")?.toLowerCase() ?? []),
        ),
    );
    for (const [index, rule] of objectsAt(inputs, "loadBalancingRules").entries()) {
        const frontend = textAt(rule, "frontendIPConfiguration", "id")?.toLowerCase();
        if (frontend && leaving.has(frontend) && rule.disableOutboundSnat !== true) {
            const path = `loadBalancingRules[${index}].disableOutboundSnat`;
            yield refuse(
                path,
                `\`${path}\` must be true: the same frontend IP configuration is referenced by an outbound rule.`,
                "LoadBalancingRuleMustDisableSNATSinceSameFrontendIPConfigurationIsReferencedByOutboundRule",
            );
        }
    }
    for (const [index, rule] of objectsAt(inputs, "outboundRules").entries()) {
        const path = `outboundRules[${index}].`;
        yield* within(rule, "idleTimeoutInMinutes", 4, 100, path);
        const ports = rule.allocatedOutboundPorts;
        if (typeof ports === "number" && (ports % 8 !== 0 || ports > 64_000)) {
            yield refuse(
                `${path}allocatedOutboundPorts`,
                `\`${path}allocatedOutboundPorts\` must be a multiple of 8, at most 64000, but ${ports} was given.`,
                "InvalidLoadBalancerOutboundRuleAllocatedOutboundPorts",
            );
        }
    }
}

/** A rule is made of its own balancer's frontends, pools and probes. */
function* ownParts({ inputs, id }: Candidate): Generator<CheckFailure> {
    if (!id) return;
    for (const list of ["loadBalancingRules", "outboundRules"]) {
        for (const [index, rule] of objectsAt(inputs, list).entries()) {
            for (const part of ["frontendIPConfiguration", "backendAddressPool", "probe"]) {
                const reference = textAt(rule, part, "id");
                const owner = reference?.split("/").slice(0, -2).join("/");
                if (!owner || sameId(owner, id)) continue;
                const path = `${list}[${index}].${part}.id`;
                yield refuse(
                    path,
                    `\`${path}\` is a part of ${owner}: a rule refers to parts of its own load balancer.`,
                    "InvalidResourceReference",
                );
            }
        }
    }
}
