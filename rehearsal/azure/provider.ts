import { logToEngine } from "../provider/engineLog";
import { diffProperties } from "../provider/propertyPath";
import {
    type CheckFailure,
    type CheckRequest,
    type Created,
    type CreateRequest,
    type DeleteRequest,
    type Diff,
    type DiffRequest,
    PartialFailure,
    type Provider,
    type Read,
    type ReadRequest,
    type UpdateRequest,
} from "../provider/provider";
import { type Properties, UNKNOWN, type Value } from "../provider/values";
import { ArmType } from "./arm/armType";
import { armFolder } from "./arm/contracts";
import { parseArmId } from "./arm/id";
import { autoname } from "./autoname";
import { bootMachine } from "./boot";
import { oneAtATime } from "./change/concurrency";
import { goingAlong, refuseDeletion } from "./change/deletion";
import { forcesReplacement } from "./change/forceNew";
import { refuseImmutable } from "./change/immutable";
import { refreshedInputs } from "./change/refresh";
import { AzureError } from "./error";
import { FaultFile } from "./faults/faults";
import { Requests } from "./faults/requests";
import { refuseAllocation } from "./faults/allocation";
import { invokeFunction } from "./functions";
import { judge } from "./judge/judge";
import { inState, runCommand, type RunOnMachine, runsCommand } from "./operations/extensionRun";
import { outputsOf } from "./outputs/outputs";
import { checkRules } from "./rules";
import { isPart } from "./rules/references";
import { regionName } from "./rules/regions";
import type { Candidate, CloudView } from "./rules/rule";
import { previewOutputs } from "./sdk/preview";
import { type Sdk, sdkOfRehearsal } from "./sdk/sdk";
import { AlreadyExists, Cloud, cloudFolder, type CloudResource } from "./state/cloud";
import { exclusively } from "./state/lock";
import { SoftDeleted } from "./state/softDeleted";
import { type Account, accountOf } from "./subscription";
import { noteUnjudged } from "./unjudged";

/** azure-native's own input: the name was drawn, so a replacement may be made before the old one goes. */
const DRAWN = "__createBeforeDelete";

/** Answers as azure-native and Azure answer, from the state of one rehearsal. */
export class SimulatedAzure implements Provider {
    private readonly folder = cloudFolder();
    private readonly cloud = new Cloud(this.folder);
    private readonly softDeleted = new SoftDeleted(this.folder);
    private readonly requests = new Requests(new FaultFile(this.folder));
    private readonly types = new Map<string, ArmType>();
    /** Inputs of the resources that this preview came by, by ID: so they will be when others that refer to them are made. */
    private readonly previewed = new Map<string, Properties>();
    private account: Account = accountOf({});
    private saidNoContracts = false;

    constructor(
        private readonly sdk: Sdk = sdkOfRehearsal(),
        private readonly runOnMachine: RunOnMachine = bootMachine,
    ) {}

    async configure(settings: Properties): Promise<void> {
        this.account = accountOf(settings);
    }

    async diffConfig(before: Properties, after: Properties): Promise<Diff> {
        // azure-native never replaces what it made because its own settings changed.
        return { entries: diffProperties(before, after) };
    }

    async check(request: CheckRequest): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
        const type = this.type(request.type);
        const inputs = this.withDefaults(type, request);
        const failures = this.missing(type, inputs);
        const judgement = judge(type, textOf(inputs[type.nameParameter ?? ""]), inputs);
        if (judgement) failures.push(...judgement.failures);
        else await this.sayUnjudged(type, request.urn);
        failures.push(...checkRules(this.candidate(type, request.urn, inputs, request.oldInputs !== undefined)));
        return { inputs, failures: distinct(failures) };
    }

    async diff(request: DiffRequest): Promise<Diff> {
        const type = this.type(request.type);
        const entries = diffProperties(request.oldInputs, request.inputs, {
            forcesReplacement: (path) => {
                const keys = path.filter((part) => typeof part === "string");
                return keys.some((_, index) => forcesReplacement(type, keys.slice(0, index + 1).join(".")));
            },
            same: (path, before, after) =>
                path.length === 1 &&
                path[0] === "location" &&
                regionName(before) !== undefined &&
                regionName(before) === regionName(after),
        });
        delete entries[DRAWN];
        return { entries, deleteBeforeReplace: request.oldInputs[DRAWN] !== true };
    }

    async create(request: CreateRequest): Promise<Created> {
        const type = this.type(request.type);
        const { inputs, urn } = request;
        if (request.preview) {
            const id = type.id(inputs, this.account.subscriptionId);
            if (id) this.previewed.set(id.toLowerCase(), inputs);
            return { id: "", outputs: previewOutputs(this.sdk, inputs, type.sdk.outputs) };
        }
        const id = type.id(inputs, this.account.subscriptionId);
        if (!id)
            throw new Error(
                `${type.sdk.token}: no ID can be made of ${type.sdk.pathParameters.join(", ")}: one of them is missing.`,
            );
        await oneAtATime(id, () => this.requests.admit({ method: "PUT", id, signal: request.signal }));

        const resource = this.resource(type, id, urn, inputs);
        const runs = runsCommand(resource, undefined);
        exclusively(this.folder, () => {
            const exists = `cannot create already existing resource '${id}'`;
            if (this.cloud.has(id) || isPart(this.candidate(type, urn, inputs, false), id)) throw new Error(exists);
            this.refuse(type, urn, inputs, false);
            refuseAllocation(resource, undefined, this.cloud, this.requests.faults);
            const deleted = this.softDeleted.get(id);
            if (deleted) this.softDeleted.recover(deleted, this.cloud);
            try {
                this.requests.write(() => this.cloud.create(runs ? inState(resource, "Creating") : resource));
            } catch (error) {
                throw error instanceof AlreadyExists ? new Error(exists) : error;
            }
        });
        if (runs) await this.run(resource);
        return { id, outputs: resource.outputs };
    }

    async read({ id, oldInputs, oldOutputs }: ReadRequest): Promise<Read> {
        await this.requests.admit({ method: "GET", id });
        const resource = this.cloud.get(id);
        if (!resource) return undefined;
        const inputs =
            oldInputs && oldOutputs ? refreshedInputs(oldInputs, oldOutputs, resource.outputs) : resource.inputs;
        return { id: resource.id, inputs, outputs: resource.outputs };
    }

    async update(request: UpdateRequest): Promise<Properties> {
        const type = this.type(request.type);
        const { id, inputs, urn } = request;
        const before = this.cloud.get(id);
        if (request.preview) {
            if (before) refuseImmutable(before, inputs);
            this.previewed.set(id.toLowerCase(), inputs);
            const outputs = previewOutputs(this.sdk, inputs, type.sdk.outputs);
            // azure-native takes these two for settled, whatever changes.
            for (const stable of ["name", "location"]) {
                if (stable in request.oldOutputs) outputs[stable] = request.oldOutputs[stable];
            }
            return outputs;
        }
        await oneAtATime(id, () => this.requests.admit({ method: "PUT", id, signal: request.signal }));
        const { resource, runs } = exclusively(this.folder, () => {
            // ARM knows no update: a PUT makes what is gone.
            const current = this.cloud.get(id);
            if (current) refuseImmutable(current, inputs);
            this.refuse(type, urn, inputs, true);
            const resource = this.resource(type, id, urn, inputs, current);
            refuseAllocation(resource, current, this.cloud, this.requests.faults);
            const runs = runsCommand(resource, current);
            this.requests.write(() => this.cloud.replace(runs ? inState(resource, "Updating") : resource));
            return { resource, runs };
        });
        if (runs) await this.run(resource);
        return resource.outputs;
    }

    /** The long-running part of a write. Where it fails the resource stays, and azure-native hands over what is there. */
    private async run(resource: CloudResource): Promise<void> {
        let failure: Error | undefined;
        await runCommand(resource, this.folder, this.runOnMachine).catch((error: Error) => (failure = error));
        const ended = failure ? inState(resource, "Failed") : resource;
        exclusively(this.folder, () => this.cloud.has(resource.id) && this.cloud.replace(ended));
        if (failure) throw new PartialFailure(failure.message, ended.id, ended.inputs, ended.outputs);
    }

    async delete({ id, signal }: DeleteRequest): Promise<void> {
        await oneAtATime(id, () => this.requests.admit({ method: "DELETE", id, signal }));
        exclusively(this.folder, () => {
            const resource = this.cloud.get(id);
            if (!resource) return;
            refuseDeletion(resource, this.cloud);
            this.requests.write(() => {
                // What is inside goes first: a process that dies half-way leaves no child without its parent.
                const inside = `${resource.id}/`.toLowerCase();
                if (holdsOthers(resource)) {
                    for (const other of this.cloud.all())
                        if (other.id.toLowerCase().startsWith(inside)) this.take(other);
                }
                this.take(resource);
                for (const id of goingAlong(resource)) {
                    const other = this.cloud.get(id);
                    if (other) this.take(other);
                }
            });
        });
    }

    private take(resource: CloudResource): void {
        this.softDeleted.keep(resource);
        this.cloud.remove(resource);
    }

    async invoke(token: string, args: Properties): Promise<{ result: Properties; failures: CheckFailure[] }> {
        const context = { sdk: this.sdk, cloud: this.cloud, account: this.account, requests: this.requests };
        return { result: await invokeFunction(token, args, context), failures: [] };
    }

    private type(token: string): ArmType {
        let type = this.types.get(token);
        if (!type) this.types.set(token, (type = ArmType.of(this.sdk.resource(token))));
        return type;
    }

    /** What azure-native fills in: a name, a location, the API version. */
    private withDefaults(type: ArmType, { name, inputs: given, oldInputs, randomSeed }: CheckRequest): Properties {
        const inputs: Properties = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
        const parameter = type.nameParameter;
        if (parameter && inputs[parameter] === undefined) {
            const old = oldInputs?.[parameter];
            if (old !== undefined) {
                inputs[parameter] = old;
                if (oldInputs?.[DRAWN] === true) inputs[DRAWN] = true;
            } else {
                const drawn = autoname(type, name, randomSeed);
                inputs[parameter] = drawn.name;
                if (drawn.random) inputs[DRAWN] = true;
            }
        }
        if (
            inputs.location === undefined &&
            type.sdk.inputs.has("location") &&
            type.sdk.className !== "LoadBalancerBackendAddressPool"
        ) {
            const location =
                oldInputs?.location ?? this.account.location ?? this.groupLocation(inputs.resourceGroupName);
            if (location !== undefined) inputs.location = location;
        }
        if (inputs.azureApiVersion === undefined && type.sdk.apiVersion) inputs.azureApiVersion = type.sdk.apiVersion;
        return inputs;
    }

    private groupLocation(group: Value | undefined): Value | undefined {
        if (typeof group !== "string") return group === UNKNOWN ? UNKNOWN : undefined;
        const id = `/subscriptions/${this.account.subscriptionId}/resourceGroups/${group}`;
        return (this.cloud.get(id)?.inputs ?? this.previewed.get(id.toLowerCase()))?.location;
    }

    /** Missing parts of the URL; the body's are the schema's to name. */
    private missing(type: ArmType, inputs: Properties): CheckFailure[] {
        return [...type.sdk.required]
            .filter((key) => inputs[key] === undefined && (type.sdk.pathParameters.includes(key) || !type.schema))
            .map((key) => ({ property: key, reason: `missing required property '${key}'` }));
    }

    private candidate(type: ArmType, urn: string, inputs: Properties, isUpdate: boolean): Candidate {
        const id = type.id(inputs, this.account.subscriptionId);
        const { cloud, previewed } = this;
        const view: CloudView = {
            get: (wanted) => cloud.get(wanted),
            list: (wanted) => cloud.list(wanted),
            has: (wanted) => cloud.has(wanted) || previewed.has(wanted.toLowerCase()),
            inputs: (wanted) => previewed.get(wanted.toLowerCase()) ?? cloud.get(wanted)?.inputs,
            siblings: (wanted, start) => {
                const made = cloud
                    .list(wanted)
                    .map(({ id, inputs }): [string, Properties] => [id.toLowerCase(), inputs]);
                return [...new Map([...made, ...previewed])]
                    .filter(([id]) => id.startsWith(start.toLowerCase()))
                    .map(([id, inputs]) => ({ id, inputs }));
            },
        };
        const parent = id ? parseArmId(id)?.parent : undefined;
        const region = regionName(inputs.location) ?? regionName(parent ? view.inputs(parent)?.location : undefined);
        return {
            type,
            armType: type.type(inputs).toLowerCase(),
            id,
            name: textOf(inputs[type.nameParameter ?? ""]),
            inputs,
            current: id && isUpdate ? cloud.get(id) : undefined,
            region,
            cloud: view,
            all: () => cloud.all(),
            subscription: this.account.subscriptionId,
            deletedVault: (name) => this.softDeleted.vault(name),
            deleted: (wanted) => this.softDeleted.get(wanted),
            unjudged: (why) => noteUnjudged(this.folder, { urn, what: type.sdk.token, why }),
        };
    }

    /** What held when the inputs were checked may hold no longer: two resources may have been made at once. */
    private refuse(type: ArmType, urn: string, inputs: Properties, isUpdate: boolean): void {
        const failures = checkRules(this.candidate(type, urn, inputs, isUpdate));
        if (failures.length > 0) {
            throw new AzureError(400, "BadRequest", failures.map((failure) => failure.reason).join("\n"));
        }
    }

    private resource(
        type: ArmType,
        id: string,
        urn: string,
        inputs: Properties,
        current?: CloudResource,
    ): CloudResource {
        const armType = type.type(inputs);
        const name = parseArmId(id)?.names.at(-1) ?? id;
        const createdAt = current?.createdAt ?? new Date().toISOString();
        const outputs = outputsOf({
            sdk: this.sdk,
            type,
            id,
            armType,
            name,
            inputs,
            subscription: this.account.subscriptionId,
            tenant: this.account.tenantId,
            createdAt,
            revision: Date.now(),
        });
        const body = judge(type, name, inputs)?.body ?? inputs;
        return {
            id,
            type: armType,
            name,
            apiVersion: type.sdk.apiVersion,
            token: type.sdk.token,
            urn,
            inputs,
            body,
            outputs,
            createdAt,
        };
    }

    private async sayUnjudged(type: ArmType, urn: string): Promise<void> {
        if (!armFolder()) {
            if (!this.saidNoContracts) {
                this.saidNoContracts = true;
                await logToEngine(
                    urn,
                    "warning",
                    "ARM's schemas are not to be had: no input of any Azure resource is judged by them. Set MAINSTAY_CONTRACTS to a folder of contracts, or fill the cache by `npm run contracts`.",
                );
            }
            noteUnjudged(this.folder, { urn, what: type.sdk.token, why: "ARM's schemas are not to be had" });
            return;
        }
        const version = type.sdk.apiVersion
            ? `at ${type.sdk.apiVersion}`
            : "that azure-native sends to something else than ARM";
        noteUnjudged(this.folder, {
            urn,
            what: type.sdk.token,
            why: `no schema for a resource ${version} in the contracts`,
        });
    }
}

function textOf(value: Value | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Types whose deletion takes along what is inside. */
function holdsOthers({ type }: CloudResource): boolean {
    return /\/(resourceGroups|virtualNetworks|managedClusters|storageAccounts|vaults|backupVaults|privateDnsZones|networkSecurityGroups|routeTables|userAssignedIdentities|containers|blobServices|workspaces|privateEndpoints|virtualMachines|virtualMachineScaleSets)$/i.test(
        type,
    );
}

function distinct(failures: CheckFailure[]): CheckFailure[] {
    const seen = new Set<string>();
    return failures.filter(({ property, reason }) => {
        const key = `${property}\0${reason}`;
        return !seen.has(key) && seen.add(key);
    });
}
