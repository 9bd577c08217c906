/** The platform's roles, one a file: platform groups' first, then tenants'. */
import type { Role } from "../role";
import { auditor } from "./auditor";
import { debuggerRole } from "./debugger";
import { developer } from "./developer";
import { onCall } from "./onCall";
import { operator } from "./operator";
import { platformOperator } from "./platformOperator";
import { secretKeeper } from "./secretKeeper";
import { secretReader } from "./secretReader";
import { tenantAdministrator } from "./tenantAdministrator";
import { viewer } from "./viewer";

export {
    auditor,
    debuggerRole,
    developer,
    onCall,
    operator,
    platformOperator,
    secretKeeper,
    secretReader,
    tenantAdministrator,
    viewer,
};

export const roles: Role[] = [
    auditor,
    operator,
    platformOperator,
    onCall,
    viewer,
    developer,
    debuggerRole,
    tenantAdministrator,
    secretReader,
    secretKeeper,
];
