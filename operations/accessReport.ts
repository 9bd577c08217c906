import { ACCOUNT, type Audit, type Finding, type FoundSubject, GROUP, type Subject, type Wrong } from "./accessAudit";

const why: Record<Wrong, string> = {
    user: "a person by name, who keeps the right when leaving the team",
    groupByName:
        "a group by a name, which Entra does not give out: nobody is in it, or whoever comes to choose that name",
    everyone: "everybody who can sign in, service accounts too",
    unnamed: "whoever reaches the API server, without a name",
    everyAccount: "every service account, of every pod that has not been given another",
    defaultAccount: "the account of every pod in the namespace that names none",
};

/** Lines for people. @param kubectl - words of the command that reached the cluster */
export function reportText(audit: Audit, kubectl: string[]): string {
    const { findings, looked, azures } = audit;
    const left = azures.map(
        ({ binding, subject }) =>
            `left alone, since Azure puts it back: ${binding.kind} ${binding.metadata.name}, ${subject.kind} ${subject.name}`,
    );
    if (findings.length === 0)
        return [`${looked} bindings, and every one that people have rights by names groups of Entra's.`, ...left].join(
            "\n",
        );
    const count = findings.length === 1 ? "1 binding gives" : `${findings.length} bindings give`;
    return [
        `${count} rights to others than groups of Entra's, of ${looked} in the cluster.`,
        ...findings.map((finding, index) => findingText(finding, index + 1, kubectl)),
        ...(left.length > 0 ? [left.join("\n")] : []),
    ].join("\n\n");
}

function findingText(finding: Finding, number: number, kubectl: string[]): string {
    const { binding, found, tenant, managedBy } = finding;
    const { name, namespace } = binding.metadata;
    const reach = namespace === undefined ? "in the whole cluster" : `in namespace ${namespace}`;
    const lines = [
        ...found.map(({ subject, wrong }) => `${nameOf(subject)}: ${why[wrong]}`),
        ...hints(found),
        ...(managedBy ? [`${managedBy} manages the binding: mend it there, or it comes back.`] : []),
        `In its place${placeholders(finding)}:`,
        `    ${mendCommand(finding, kubectl)}`,
    ];
    if (found.some(({ wrong }) => isForPeople(wrong))) {
        const setting = tenant ? `mainstay:tenants, ${tenant}.groups` : "mainstay:access.groups";
        const remove = shell([...kubectl, "delete", ...objectOf(finding)]);
        lines.push(`Or, where a role of this program's fits, name the group in ${setting} and: ${remove}`);
    }
    const { kind, name: role } = binding.roleRef;
    return [
        `${number}. ${binding.kind} ${name} → ${kind} ${role}, ${reach}`,
        ...lines.map((line) => `   ${line}`),
    ].join("\n");
}

/** How one finds the group whose members should have the right. */
function hints(found: FoundSubject[]): string[] {
    return found.flatMap(({ wrong, subject }) => {
        const name = subject.name.replace(/^entra:/, "");
        const known = /@|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name);
        if (wrong === "groupByName")
            return `Its object ID: ${shell(["az", "ad", "group", "show", "--group", name, "--query", "id", "--output", "tsv"])}`;
        if (wrong !== "user") return [];
        if (!known)
            return `No address and no object ID: the name in a client certificate, perhaps. Find out who has it.`;
        return `Groups of theirs: ${shell(["az", "ad", "user", "get-member-groups", "--id", name, "--output", "table"])}`;
    });
}

function placeholders({ instead }: Finding): string {
    const says: string[] = [];
    if (instead.some(({ name }) => name === GROUP)) says.push(`the group's object ID for ${GROUP}`);
    if (instead.some(({ name }) => name === ACCOUNT))
        says.push(`for ${ACCOUNT} an account that the workload has for itself`);
    return says.length > 0 ? `, with ${says.join(" and ")}` : "";
}

function isForPeople(wrong: Wrong): boolean {
    return wrong === "user" || wrong === "groupByName" || wrong === "everyone";
}

/** A command that can be pasted once the placeholders are filled in. The role cannot change, the subjects can: nothing is without rights meanwhile. */
export function mendCommand(finding: Finding, kubectl: string[] = ["kubectl"]): string {
    const { instead } = finding;
    if (instead.length === 0) return shell([...kubectl, "delete", ...objectOf(finding)]);
    const patch = JSON.stringify({ subjects: instead });
    return shell([...kubectl, "patch", ...objectOf(finding), "--type", "merge", "--patch", patch]);
}

function objectOf({ binding: { kind, metadata } }: Finding): string[] {
    const namespace = metadata.namespace === undefined ? [] : ["--namespace", metadata.namespace];
    return [kind.toLowerCase(), metadata.name, ...namespace];
}

function nameOf({ kind, name, namespace }: Subject): string {
    return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}

function shell(words: string[]): string {
    return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** The same for programs. */
export function reportJson({ looked, findings, azures }: Audit, kubectl: string[]): object {
    const binding = ({ kind, metadata: { name, namespace }, roleRef }: Finding["binding"]) => ({
        kind,
        name,
        namespace,
        role: { kind: roleRef.kind, name: roleRef.name },
    });
    return {
        looked,
        findings: findings.map((finding) => ({
            ...binding(finding.binding),
            tenant: finding.tenant,
            managedBy: finding.managedBy,
            subjects: finding.found.map(({ subject, wrong }) => ({ ...subject, wrong, why: why[wrong] })),
            instead: finding.instead,
            command: mendCommand(finding, kubectl),
        })),
        leftAlone: azures.map((left) => ({ ...binding(left.binding), subject: left.subject })),
    };
}
