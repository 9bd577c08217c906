/** User-assigned identities, and what they may do: Azure's built-in roles on single resources. */
export {
    createGrants,
    createIdentity,
    type Grant,
    type GrantsArgs,
    type Identity,
    type IdentityArgs,
    roleAssignmentName,
} from "./identity";
export { ROLES } from "./roles";
