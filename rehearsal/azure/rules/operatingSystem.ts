import type { CheckFailure } from "../../provider/provider";
import type { Value } from "../../provider/values";
import { at, objectsAt, refuse, textAt } from "./rule";

const DATA_BYTES = 65_535;

/** Names that Azure gives to no user (Microsoft Learn, "FAQ about Linux virtual machines"). */
const TAKEN_USERS =
    /^(1|123|a|actuser|adm|admin|admin1|admin2|administrator|aspnet|backup|console|david|guest|john|owner|root|server|sql|support_388945a0|support|sys|test|test1|test2|test3|user|user1|user2|user3|user4|user5|video)$/i;

/** The user, password, keys and custom data of a machine, or of a scale set's machines. */
export function* operatingSystem(profile: Value | undefined, base: string): Generator<CheckFailure> {
    if (profile === undefined || typeof profile === "symbol") return;
    yield* encodedData(at(profile, "customData"), `${base}.customData`);
    const linux = at(profile, "linuxConfiguration");
    const noPassword = at(linux, "disablePasswordAuthentication") === true;
    const password = at(profile, "adminPassword");
    const ssh = at(linux, "ssh");
    const windows = at(profile, "windowsConfiguration") !== undefined;
    if (noPassword && at(ssh, "publicKeys") === undefined && ssh === undefined) {
        yield refuse(
            `${base}.linuxConfiguration.ssh.publicKeys`,
            `\`${base}.linuxConfiguration.ssh.publicKeys\` is missing: without a password, a key is needed. Authentication using either SSH or by user name and password must be enabled in Linux profile.`,
            "InvalidParameter",
        );
    }
    if (noPassword && password !== undefined) {
        yield refuse(
            `${base}.adminPassword`,
            `\`${base}.adminPassword\` cannot be given where disablePasswordAuthentication is true.`,
            "InvalidParameter",
        );
    }
    if (!noPassword && !windows && password === undefined && ssh === undefined && typeof linux !== "symbol") {
        yield refuse(
            `${base}.adminPassword`,
            `\`${base}.adminPassword\` is missing. Authentication using either SSH or by user name and password must be enabled in Linux profile.`,
            "InvalidParameter",
        );
    }
    if (typeof password === "string") yield* complexity(password, `${base}.adminPassword`);
    yield* keys(profile, base);
    const user = textAt(profile, "adminUsername");
    if (user !== undefined && (TAKEN_USERS.test(user) || !/^[A-Za-z_][\w.-]{0,63}$/.test(user) || /\.$/.test(user))) {
        yield refuse(
            `${base}.adminUsername`,
            `\`${base}.adminUsername\` ${JSON.stringify(user)} is not allowed by Azure.`,
            "InvalidParameter",
        );
    }
    const computer = textAt(profile, "computerName");
    if (computer !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/.test(computer)) {
        yield refuse(
            `${base}.computerName`,
            `\`${base}.computerName\` must be 1 to 64 letters, digits and dashes, neither first nor last a dash, but ${JSON.stringify(computer)} was given.`,
            "InvalidParameter",
        );
    }
}

/** Azure takes RSA and Ed25519 keys, and puts them into one file. */
function* keys(profile: Value, base: string): Generator<CheckFailure> {
    const user = textAt(profile, "adminUsername");
    for (const [index, key] of objectsAt(profile, "linuxConfiguration", "ssh", "publicKeys").entries()) {
        const path = `${base}.linuxConfiguration.ssh.publicKeys[${index}]`;
        const data = textAt(key, "keyData");
        if (data !== undefined && !/^(ssh-rsa|ssh-ed25519) +\S+/.test(data.trim())) {
            yield refuse(
                `${path}.keyData`,
                `The value of parameter \`${path}.keyData\` is invalid: Azure takes keys that begin with ssh-rsa or ssh-ed25519.`,
                "InvalidParameter",
            );
        }
        const file = textAt(key, "path");
        if (user && file !== undefined && file !== `/home/${user}/.ssh/authorized_keys`) {
            yield refuse(
                `${path}.path`,
                `Destination path for SSH public keys is currently limited to its default value /home/${user}/.ssh/authorized_keys, but \`${path}.path\` is ${file}.`,
                "InvalidParameter",
            );
        }
    }
}

function* complexity(password: string, path: string): Generator<CheckFailure> {
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
    if (password.length < 6 || password.length > 72 || kinds < 3) {
        yield refuse(
            path,
            `The supplied password (\`${path}\`) must be between 6-72 characters long and must satisfy at least 3 of password complexity requirements: an upper-case character, a lower-case character, a digit, a special character.`,
            "InvalidParameter",
        );
    }
}

/** Custom data and user data: Base64 of at most 65,535 bytes. */
export function* encodedData(value: Value | undefined, path: string): Generator<CheckFailure> {
    if (typeof value !== "string") return;
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
        yield refuse(path, `\`${path}\` must be Base64.`, "InvalidParameter");
    } else if (Buffer.byteLength(value, "base64") > DATA_BYTES) {
        yield refuse(
            path,
            `\`${path}\` may have ${DATA_BYTES} bytes (87380 characters of Base64), but has ${Buffer.byteLength(value, "base64")}.`,
            "InvalidParameter",
        );
    }
}
