/** Prints, as JSON, which seldom used modules are loaded at the start, and whether each still does its work. */
import "../../../lean";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const parts = [
    "/@npmcli/arborist/lib/node.js",
    "/fdir/",
    "/normalize-package-data/",
    "/automation/stack.js",
    "/zod/v4/locales/de.cjs",
];
const files = Object.entries(require.cache).flatMap(([file, module]) => (module!.children.length > 0 ? file : []));
const loadedAtStart = parts.filter((part) => files.some((file) => file.includes(part)));

void pulumi.runtime.computeCodePaths().then((paths) => {
    const automation = pulumi.automation.Stack.name + Object.keys(pulumi.automation).length;
    const german = z.locales.de().localeError;
    const message = german({ code: "invalid_type", expected: "string", input: 1, path: [] } as never);
    console.log(JSON.stringify({ loadedAtStart, works: { paths: [...paths.keys()].sort(), automation, message } }));
});
