import { at, annotation, type KubernetesObject } from "../objects";
import { condition, notReady, ready, type Verdict } from "./verdict";

/** `pulumi.com/waitFor`: `condition=Type[=Status]`, `jsonpath={.a.b[0]}[=value]`, or a JSON list of such. */
export function waitFor(object: KubernetesObject): Verdict | undefined {
    const text = annotation(object, "pulumi.com/waitFor");
    if (!text) return undefined;
    for (const expression of expressions(text)) {
        const verdict = judge(expression, object);
        if (!verdict.ready) return verdict;
    }
    return ready;
}

function expressions(text: string): string[] {
    return text.trimStart().startsWith("[") ? (JSON.parse(text) as string[]) : [text];
}

function judge(expression: string, object: KubernetesObject): Verdict {
    const wanted = /^condition=([^=]+)(?:=(.+))?$/.exec(expression);
    if (wanted) {
        const [, type, status = "True"] = wanted;
        const live = condition(object, type);
        return live?.status.toLowerCase() === status.toLowerCase()
            ? ready
            : notReady(`condition ${type} is ${live?.status ?? "absent"}, not ${status}`);
    }
    const path = /^jsonpath='?\{?\.?([^}='?*@]+)\}?'?(?:=(.+))?$/.exec(expression);
    if (!path)
        throw new Error(
            `pulumi.com/waitFor: ${expression} is not understood; a rehearsal knows condition=Type=Status and jsonpath={.plain.path}=value`,
        );
    const keys = path[1].split(/[.[\]]+/).filter(Boolean);
    const value = at(object, ...keys);
    const good = path[2] === undefined ? value !== undefined && value !== null : String(value) === path[2];
    return good ? ready : notReady(`${path[1]} is ${JSON.stringify(value) ?? "absent"}`);
}
