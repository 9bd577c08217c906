import { version } from "@pulumi/tls/package.json";
import { logicalProvider, serveProvider } from "../provider";
import { functions } from "./functions";
import { resources } from "./resources";

void serveProvider(logicalProvider(resources, functions), { name: "tls", version });
