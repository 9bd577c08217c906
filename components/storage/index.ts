/** Storage accounts that know no keys. */
export { type Account, createAccount, createContainer } from "./account";
