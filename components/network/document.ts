import { type ClusterKind, type Flow, portMatrix } from "./portMatrix";

const BEGIN = "<!-- port matrix: begin. Made from components/network/portMatrix.ts by `npm run settings` -->";
const END = "<!-- port matrix: end -->";

/** Puts the port matrix between its marks in docs/network.md. */
export function withPortMatrix(document: string): string {
    const begin = document.indexOf(BEGIN);
    const end = document.indexOf(END);
    if (begin < 0 || end < begin)
        throw new Error("docs/network.md has lost the marks that the port matrix goes between");
    return `${document.slice(0, begin + BEGIN.length)}\n\n${table(portMatrix)}\n\n${document.slice(end)}`;
}

const KINDS: Record<ClusterKind, string> = { aks: "AKS", selfManaged: "self-managed" };

function table(flows: readonly Flow[]): string {
    return [
        "| rule | kind | from | to | protocol | ports | why |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        ...flows.map(
            ({ name, kind, api, access, from, to, protocol, ports, why }) =>
                `| ${name} | ${kind ? KINDS[kind] : "both"}${api ? `, ${api} API` : ""} | ${from} | ${to} | ` +
                `${access === "Deny" ? "**denied:** " : ""}${anyOf(protocol)} | ${ports.map(anyOf).join(", ")} | ${why} |`,
        ),
    ].join("\n");
}

function anyOf(value: string): string {
    return value === "*" ? "all" : value;
}
