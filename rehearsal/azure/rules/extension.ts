import { sameId } from "../arm/id";
import { isCustomScript } from "../operations/extensionRun";
import { at, refuse, type Rule, textAt } from "./rule";

/** An extension: one of a handler on a machine, and a command for the one that runs commands. */
export const extension: Rule = function* ({ inputs, id, name, armType, cloud }) {
    const publisher = textAt(inputs, "publisher");
    const type = textAt(inputs, "type");
    const machine = id?.split("/extensions/")[0];
    for (const key of ["publisher", "type", "typeHandlerVersion"]) {
        if (inputs[key] === undefined)
            yield refuse(key, `Required parameter \`${key}\` is missing (null).`, "InvalidParameter");
    }
    const version = textAt(inputs, "typeHandlerVersion");
    if (version !== undefined && !/^\d+\.\d+$/.test(version)) {
        yield refuse(
            "typeHandlerVersion",
            `\`typeHandlerVersion\` must be major and minor version, such as 2.1, but ${JSON.stringify(version)} was given.`,
            "InvalidParameter",
        );
    }
    const twin =
        publisher && type && machine
            ? cloud
                  .siblings(armType, `${machine}/extensions/`)
                  .find(
                      (other) =>
                          !sameId(other.id, id!) && other.inputs.publisher === publisher && other.inputs.type === type,
                  )
            : undefined;
    if (twin) {
        yield refuse(
            "type",
            `Multiple VMExtensions per handler not supported for OS type 'Linux'. VMExtension '${name}' with handler '${publisher}.${type}' (\`type\`) already added or specified in input: ${twin.id}.`,
            "BadRequest",
        );
    }
    if (!isCustomScript(inputs)) return;
    const commands = ["commandToExecute", "script"].flatMap((key) =>
        ["settings", "protectedSettings"].filter((where) => at(inputs, where, key) !== undefined),
    );
    const unknown = [inputs.settings, inputs.protectedSettings].some((value) => typeof value === "symbol");
    // What the handler itself says (custom-script-extension-linux), before it runs anything.
    if (commands.length !== 1 && !unknown && inputs.protectedSettingsFromKeyVault === undefined) {
        yield refuse(
            "settings.commandToExecute",
            `\`settings.commandToExecute\`: Either 'commandToExecute' or 'script' has to be specified, once, in the settings or the protected settings, but they are there ${commands.length} times.`,
            "VMExtensionHandlerNonTransientError",
        );
    }
};
