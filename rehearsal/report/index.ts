/** Engine events → what a rehearsal has shown: the report file and the table. docs/rehearsal.md describes both. */
export { readCatalogue, type Catalogue, type CatalogueItem, type CatalogueRule } from "./catalogue";
export { ITEMS, judgeChecklist, type ChecklistLine, type Status } from "./checklist";
export { expectedUndecided, type ExpectedUndecided } from "./expected";
export { buildReport, nameOf, problemsOf, type Observed, type Report, type Undecided, type Unjudged } from "./report";
export { renderTable } from "./table";
export { forgetUnjudged, readUnjudged } from "./unjudged";
