import type { images } from "../images";
import type { Problem } from "../problem";
import { type Part, problem } from "./part";

/** Hosts on which anybody may publish: one without a path would allow every image there is. */
const openToAll = ["docker.io", "ghcr.io", "quay.io", "public.ecr.aws", "registry.gitlab.com"];

/** @param ofCluster - whether the cluster has a registry of its own */
export function imageRules(given: Part<typeof images>, ofCluster: boolean): Problem[] {
    if (!given) return [];
    const path = ["images", "registries"];
    const { registries } = given;
    if (registries.length === 0 && !ofCluster) {
        return [
            problem(
                path,
                registries,
                "at least one registry, while mainstay:cluster.registry names none: tenants could run nothing",
                "name a registry, such as mcr.microsoft.com",
            ),
        ];
    }
    return registries.flatMap((registry, index) => {
        const at = [...path, index];
        if (openToAll.includes(registry)) {
            return [
                problem(
                    at,
                    registry,
                    "a host with a path, where anybody may publish on the host",
                    `add whose images are meant, such as ${registry}/example`,
                ),
            ];
        }
        const wider = registries.find(
            (other, place) => registry.startsWith(`${other}/`) || (other === registry && place < index),
        );
        return wider ? [problem(at, registry, `registries that no other one holds: ${wider} does`, "remove it")] : [];
    });
}
