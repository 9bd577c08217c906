/** Key Vaults that machines read from: closed to the internet, opened by roles, written through Resource Manager. */
export { createVault, type MachineVault, putSecrets } from "./vault";
