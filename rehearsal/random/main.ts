import { version } from "@pulumi/random/package.json";
import { logicalProvider, serveProvider } from "../provider";
import { resources } from "./resources";

void serveProvider(logicalProvider(resources), { name: "random", version });
