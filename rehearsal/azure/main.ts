import { serveProvider } from "../provider";
import { SimulatedAzure } from "./provider";
import { sdkOfRehearsal } from "./sdk/sdk";

const sdk = sdkOfRehearsal();
void serveProvider(new SimulatedAzure(sdk), { name: "azure-native", version: sdk.version });
