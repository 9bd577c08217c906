/** Prints, as JSON, how much of npm's installer the SDK loads at the start, and the packages that it finds with it. */
import "../../../lean";
import * as pulumi from "@pulumi/pulumi";

const loadedAtStart = Object.keys(require.cache).filter((file) => file.includes("/@npmcli/arborist/lib/")).length;

void pulumi.runtime.computeCodePaths().then((paths) => {
    console.log(JSON.stringify({ loadedAtStart, paths: [...paths.keys()].sort() }));
});
