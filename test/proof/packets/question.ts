import type { ClusterKind } from "../../../components/network";
import type { Enforcer } from "./enforcer";

/** What the namespaces are asked, as JSON on the command line. */
export interface PacketQuestion {
    kind: ClusterKind;
    enforcer: Enforcer;
    /** TCP ports that are tried from everybody to everybody. */
    ports: number[];
}

/** What came of it, as JSON on standard output. */
export interface PacketAnswer {
    /** `opened` has a `0` or `1` for each port. */
    pairs: { from: string; to: string; opened: string }[];
    /** Lookups that were answered. */
    lookups: { from: string; name: string }[];
    /** Rounds of asking until two in a row said the same. */
    rounds: number;
}
