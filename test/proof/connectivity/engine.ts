import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { builtPrograms, type GoModule, reasonNotBuilt } from "../goModule";

/** An end of connections, as the engines know it. */
export interface End {
    name: string;
    /** `namespace/name` of a Pod among the objects. */
    pod?: string;
    /** IPv4; a pod's too. */
    address: string;
    /** The address is a node's: the one that the pod at the other end runs on, or another one. */
    node?: "own" | "other";
    /** An API server answers there. */
    apiServer?: boolean;
    /** DNS names that resolve to the address. */
    names?: string[];
}

export interface Port {
    protocol: "TCP" | "UDP";
    port: number;
}

export interface Question {
    /** As the API server gives them. */
    objects: object[];
    parties: End[];
    ports: Port[];
    /** The party that pods ask for names. */
    resolver: string;
    /** Cilium's setting of that name. */
    policyCIDRMatchMode: string[];
}

/** A `0` or `1` for each of the question's ports. A connection needs both directions. */
export interface Pair {
    from: string;
    to: string;
    egress: string;
    ingress: string;
    /** Those whose rules decided. */
    policies: string[];
}

export interface Answer {
    /** Module and version. */
    engine: string;
    /** Objects that the engine does not take. */
    refused: { object: string; reason: string }[];
    pairs: Pair[];
}

export type EngineName = "cilium" | "cyclonus";

/** One module each: what they are built from has versions that do not go together. */
const engines: Record<EngineName, GoModule<"engine">> = {
    cilium: module("cilium", "usually 4 min"),
    cyclonus: module("cyclonus", "usually 2 min"),
};

function module(name: EngineName, usual: string): GoModule<"engine"> {
    return { name: `connectivity-${name}`, folder: join(__dirname, name), packages: { engine: "." }, usual };
}

/** Why an engine cannot be had on this machine; `undefined` where it can. */
export function reasonNoEngine(name: EngineName): Promise<string | undefined> {
    return reasonNotBuilt(engines[name]);
}

/** A policy engine that others wrote, with nothing of ours but how it is asked. */
export class Engine {
    private constructor(private readonly program: string) {}

    static async built(name: EngineName): Promise<Engine> {
        return new Engine((await builtPrograms(engines[name])).engine);
    }

    /** Definitions of the kinds of policies that are Cilium's own. */
    definitions(): Promise<any[]> {
        return this.run("crds", "");
    }

    async judge(question: Question): Promise<Answer> {
        return this.run("judge", JSON.stringify(question));
    }

    private async run(command: string, input: string): Promise<any> {
        const child = spawn(this.program, [command], { stdio: "pipe" });
        // A program that ends before it has read everything says why itself.
        child.stdin.on("error", () => undefined);
        child.stdin.end(input);
        const [output, problems, code] = await Promise.all([
            text(child.stdout),
            text(child.stderr),
            new Promise((resolve, reject) => child.on("error", reject).on("close", resolve)),
        ]);
        if (code !== 0) throw new Error(`${this.program} ${command}: ${problems.trim()}`);
        return JSON.parse(output);
    }
}
