import { resolve } from "node:path";

/** The project's own folder: what is bundled and which packages are installed is read from there. */
export const root = resolve(__dirname, "..", "..");
