import { PolicyPack } from "@pulumi/policy";
import { rules } from "./rules";

new PolicyPack("mainstay", {
    displayName: "Mainstay",
    description: "The production checklist for Kubernetes on Azure",
    enforcementLevel: "mandatory",
    policies: rules.map((rule) => rule.policy),
});
