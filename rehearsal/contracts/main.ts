/* `npm run contracts` fills the cache with what rehearsals are judged by. */
import { createProgress } from "../progress";
import { ensureContracts } from "./ensure";

async function main(): Promise<void> {
    const contracts = await ensureContracts(createProgress());
    switch (contracts.state) {
        case "unreachable":
            throw new Error(
                `contracts cannot be fetched: ${contracts.reason}. With the network back run it again, ` +
                    "or name a folder that has them by MAINSTAY_CONTRACTS",
            );
        case "given":
        case "reused":
        case "fetched":
            console.log(`contracts: ${contracts.state}, in ${contracts.path}`);
    }
}

main().catch((error: Error) => {
    console.error(`\nmainstay: ${error.message}`);
    process.exit(1);
});
