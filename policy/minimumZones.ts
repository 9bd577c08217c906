/** Setting of the rules that count zones. */
export const minimumZones = {
    minimumZones: {
        type: "integer" as const,
        minimum: 2,
        maximum: 3,
        default: 3,
        description: "Zones to cover. Lower it only where the region, or the subscription in it, offers fewer.",
    },
};
