/** An ARM resource ID taken apart. */
export interface ArmId {
    id: string;
    subscription?: string;
    resourceGroup?: string;
    /** `Microsoft.Network/virtualNetworks/subnets`; of a resource group `Microsoft.Resources/resourceGroups`. */
    type: string;
    /** The names of the types, outermost first. */
    names: string[];
    /** What it hangs on: the parent of a child, the resource of an extension, the resource group, the subscription. */
    parent?: string;
}

/** Takes an ID apart; `undefined` where the text is none. */
export function parseArmId(text: string): ArmId | undefined {
    const parts = text.split("/");
    if (parts[0] !== "" || parts.length < 3 || parts.some((part, index) => index > 0 && part === "")) return undefined;
    const provider = parts.map((part) => part.toLowerCase()).lastIndexOf("providers");
    const subscription = /^subscriptions$/i.test(parts[1]) ? parts[2] : undefined;
    const resourceGroup = subscription && /^resourcegroups$/i.test(parts[3] ?? "") ? parts[4] : undefined;

    if (provider < 0) {
        if (!subscription) return undefined;
        if (parts.length === 3) {
            return { id: text, subscription, type: "Microsoft.Resources/subscriptions", names: [subscription] };
        }
        if (parts.length !== 5 || !resourceGroup) return undefined;
        const parent = parts.slice(0, 3).join("/");
        return {
            id: text,
            subscription,
            resourceGroup,
            type: "Microsoft.Resources/resourceGroups",
            names: [resourceGroup],
            parent,
        };
    }
    const rest = parts.slice(provider + 2);
    // azure-native gives a static website an ID that ends with its type.
    const nameless = rest.length % 2 !== 0;
    if (rest.length < 2 || !/^[A-Za-z]+(\.[A-Za-z0-9]+)+$/.test(parts[provider + 1])) return undefined;
    return {
        id: text,
        subscription,
        resourceGroup,
        type: [parts[provider + 1], ...rest.filter((_, index) => index % 2 === 0)].join("/"),
        names: rest.filter((_, index) => index % 2 === 1),
        parent: parts.slice(0, rest.length > 2 ? (nameless ? -1 : -2) : provider).join("/") || undefined,
    };
}

/** IDs are compared without regard to case. */
export function sameId(a: string, b: string): boolean {
    return a.toLowerCase() === b.toLowerCase();
}
