import { version } from "@pulumi/kubernetes/package.json";
import { serveProvider } from "../provider";
import { KubernetesProvider } from "./provider";

void serveProvider(new KubernetesProvider(), { name: "kubernetes", version });
