import { controlPlaneGroup, machineName } from "../../controlPlane";
import type { Lack, Question } from "../../preflight";

/** What is replaced has lost its data for a while: with two at once, etcd of three machines has lost its majority. */
const AT_ONCE = 1;

/** Whether the settings ask for more machines to be replaced than etcd can miss: compared with the machines that there are. */
export function replacedMachines(
    prefix: string,
    { machines, generations }: { machines: number; generations: Record<string, number> },
): Question {
    const environment = { prefix };
    return {
        about: "the control plane's machines",
        path: `/resourceGroups/${controlPlaneGroup(environment)}/providers/Microsoft.Compute/virtualMachines?api-version=2024-11-01`,
        judge(answer) {
            const running = new Map<string, string | undefined>(
                (answer?.value ?? []).map(({ name, tags }: any) => [name, tags?.generation]),
            );
            const replaced = Array.from({ length: machines }, (_, index) => index + 1).flatMap((number) => {
                const now = running.get(machineName(environment, number));
                const wanted = String(generations[number] ?? 1);
                return now === undefined || now === wanted ? [] : [{ number, now, wanted }];
            });
            return judgeReplaced(replaced);
        },
    };
}

function judgeReplaced(replaced: { number: number; now: string; wanted: string }[]): Lack[] {
    if (replaced.length <= AT_ONCE) return [];
    const list = replaced
        .map(({ number, now, wanted }) => `machine ${number} (generation ${now} → ${wanted})`)
        .join(", ");
    return [
        {
            what: `${replaced.length} machines of the control plane would be replaced in one update, and etcd would lose its majority: ${list}`,
            mend: `leave one of them in mainstay:controlPlane.generations and set the others back, or have it done one after another: npm run roll -- STACK`,
        },
    ];
}
