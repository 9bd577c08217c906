/** What the API server refuses besides what is built in: ValidatingAdmissionPolicies. */
export { Admission, type AdmissionArgs } from "./admission";
