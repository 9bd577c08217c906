import { checklist } from "./checklist";
import { exceptions, isExcepted } from "./exceptions";
import { shown, type Finding } from "./finding";
import { isPatch, withPatches, type LimitRange } from "./kubernetesKinds";
import { byNamespace, namespaceOf } from "./namespaces";
import { podKinds, podOf } from "./pods";
import { allOf, each, some } from "./reading";
import { resourceRule, stackRule, type Judge } from "./rule";

const item = checklist.everyDeployment;

const LEVEL = "pod-security.kubernetes.io/enforce";
const REASON = "mainstay.io/pod-security-reason";
const EXPIRES = "mainstay.io/pod-security-expires";
/** On the namespaces of the platform's own parts, whose needs do not end: an agent that reads its node does so for good. */
const PLATFORM = "mainstay.io/platform";

const namespacesRestricted = resourceRule({
    name: "namespaces-restricted",
    item,
    title: "Pod Security holds a namespace's pods to restricted, or an exception says why and until when",
    severity: "high",
    why: "Where nothing is enforced a pod may take its node's file system, network and processes, and with the node all pods on it.",
    mend: `Set the label ${LEVEL}: restricted. Where that cannot be, set baseline or privileged with the annotations ${REASON} and ${EXPIRES} (a day, such as 2027-03-01).`,
    config: exceptions("namespaces", ["kube-system"]),
    kinds: withPatches(["kubernetes:core/v1:Namespace"]),
    check(resource, judge) {
        const { labels, annotations } = resource.props.metadata ?? {};
        const level = labels?.[LEVEL];
        if (level === "restricted") return;
        if (level === undefined && isPatch(resource)) judge.notConcerned("It says nothing of Pod Security");
        const isLevel = level === "baseline" || level === "privileged";
        const reason = isLevel ? annotations?.[REASON] : undefined;
        const hasEnd = isLevel && (labels?.[PLATFORM] !== undefined || isAhead(annotations?.[EXPIRES]));
        if (reason?.trim() && hasEnd) return;
        if (isExcepted(resource.props, judge)) judge.notConcerned("The stack's settings except it");
        if (!isLevel) {
            judge.refuse({
                at: `metadata.labels["${LEVEL}"]`,
                given: shown(level),
                allowed: "restricted, or an exception from it",
            });
            return;
        }
        if (!reason?.trim()) refuseAnnotation(REASON, `${level} without a reason`, "a reason", judge);
        if (!hasEnd) refuseAnnotation(EXPIRES, shown(annotations?.[EXPIRES]), "a day that is not over", judge);
    },
});

function refuseAnnotation(annotation: string, given: string, allowed: string, judge: Judge): void {
    judge.refuse({ at: `metadata.annotations["${annotation}"]`, given, allowed });
}

/** The day itself belongs to it, wherever the sun rises. */
function isAhead(day: string | undefined): boolean {
    if (!/^\d{4}-\d{2}-\d{2}(?:T.*)?$/.test(day ?? "") || Number.isNaN(Date.parse(day!))) return false;
    return day!.slice(0, 10) >= new Date().toISOString().slice(0, 10);
}

const quotaKinds = withPatches(["kubernetes:core/v1:ResourceQuota"]);
const limitRangeKinds = withPatches(["kubernetes:core/v1:LimitRange"]);

const quotasWithLimitRanges = stackRule({
    name: "quotas-with-limit-ranges",
    item,
    title: "Where a quota counts CPU or memory, a LimitRange fills in what pods leave out",
    severity: "medium",
    why: "Under such a quota the API server refuses every pod that does not say what it needs: the first to find out is a chart's upgrade, or a job in the night.",
    mend: "Make a LimitRange of type Container with default and defaultRequest in the same namespace.",
    kind: quotaKinds,
    reads: [...limitRangeKinds, "kubernetes:core/v1:Namespace"],
    check(stack) {
        const ranges = byNamespace(
            stack,
            limitRangeKinds.flatMap((kind) => stack.all(kind)),
        );
        let judged = 0;
        each(
            quotaKinds.flatMap((kind) => stack.all(kind)),
            (quota) => {
                const counted = Object.keys(quota.props.spec?.hard ?? {}).flatMap((name) => compute(name) ?? []);
                if (counted.length === 0) return;
                judged++;
                const besides = ranges.besides(quota);
                each(counted, (entry) => {
                    const { name } = entry;
                    if (some(besides, (range) => fillsIn(range.props, entry))) return;
                    const isThere = (range: (typeof besides)[number]) =>
                        fillsIn(range.props, entry) && namespaceOf(range) === namespaceOf(quota);
                    if (some(ranges.unplaced, isThere)) return;
                    stack.refuse(quota, {
                        at: `spec.hard["${name}"]`,
                        given: "no LimitRange that fills it in",
                        allowed: "one in the same namespace",
                    });
                });
            },
        );
        if (judged === 0) stack.notConcerned("No quota counts CPU or memory");
    },
});

interface Counted {
    name: string;
    resource: "cpu" | "memory";
    isLimit: boolean;
}

function compute(name: string): Counted | undefined {
    const [, of, resource] = /^(requests\.|limits\.)?(cpu|memory)$/.exec(name) ?? [];
    return resource ? { name, resource: resource as Counted["resource"], isLimit: of === "limits." } : undefined;
}

/** With what the API server itself derives: a limit from `max`, a request from the limit or from `min`. */
function fillsIn({ spec }: LimitRange, { resource, isLimit }: Counted): boolean {
    const sources = isLimit ? (["default", "max"] as const) : (["defaultRequest", "default", "max", "min"] as const);
    return some(
        spec?.limits,
        (range) => range.type === "Container" && sources.some((source) => resource in (range[source] ?? {})),
    );
}

const imagesByDigest = resourceRule({
    name: "images-by-digest",
    item,
    title: "Pods run images by digest, from the registries that the stack names",
    severity: "high",
    why: "A tag is whatever its registry says today: two nodes may run two programs under one name, and whoever writes to the registry writes to the cluster.",
    mend: "Write the image as registry/name@sha256:…; a tag before the @ is for people.",
    config: {
        registries: {
            type: "array",
            items: { type: "string" },
            default: [],
            description:
                "Where images may come from: hosts, or hosts and the beginning of a path, such as `mcr.microsoft.com/oss`. None is anywhere.",
        },
        exceptNamespaces: {
            type: "array",
            items: { type: "string" },
            default: ["kube-system"],
            description: "Namespaces of the cluster's own parts, whose images come with the cluster's version.",
        },
    },
    kinds: podKinds,
    check(holder, judge) {
        const { pod, path } = podOf(holder, judge);
        const { registries, exceptNamespaces } =
            judge.config<Record<"registries" | "exceptNamespaces", readonly string[]>>();
        const refuse = (finding: Finding) => {
            const namespace = holder.props.metadata?.namespace ?? "default";
            if (exceptNamespaces.includes(namespace)) judge.notConcerned("The stack's settings except its namespace");
            judge.refuse(finding);
        };
        const judgeImage = (image: string | undefined, at: string) => {
            if (image === undefined && isPatch(holder)) return;
            if (!/@sha256:[0-9a-f]{64}$/.test(image ?? "")) {
                refuse({ at, given: image ? "an image without a digest" : "no image", allowed: "…@sha256:…" });
            }
            if (image && registries.length > 0 && !registries.some((from) => whole(image).startsWith(`${from}/`))) {
                refuse({ at, given: "an image from elsewhere", allowed: registries.join(", ") });
            }
        };
        allOf(
            ...(["initContainers", "containers", "ephemeralContainers"] as const).map(
                (of) => () => each(pod[of], ({ image }, index) => judgeImage(image, `${path}${of}[${index}].image`)),
            ),
            () =>
                each(pod.volumes, ({ image }, index) => {
                    if (image) judgeImage(image.reference, `${path}volumes[${index}].image.reference`);
                }),
        );
    },
});

/** With the registry that is meant where none is said. */
function whole(image: string): string {
    const [host] = image.split("/");
    if (image.includes("/") && /[.:]|^localhost$/.test(host)) return image;
    return `docker.io/${image.includes("/") ? "" : "library/"}${image}`;
}

export const admission = [namespacesRestricted, quotasWithLimitRanges, imagesByDigest];
