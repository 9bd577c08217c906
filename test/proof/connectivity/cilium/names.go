package main

import (
	"regexp"
	"slices"

	"github.com/cilium/cilium/pkg/fqdn/dns"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	policytypes "github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

const dnsPort = 53

// labelsOfNames is a label for each selector of names in any policy that one of the names matches.
func labelsOfNames(rules policytypes.PolicyEntries, names []string) labels.Labels {
	found := labels.Labels{}
	for _, rule := range rules {
		for _, peer := range rule.L3 {
			selector, ok := peer.GetFQDNSelector()
			if !ok {
				continue
			}
			if expression, err := selector.ToRegex(); err == nil && matchesAny(expression, names) {
				label := selector.IdentityLabel()
				found[label.Key] = label
			}
		}
	}
	return found
}

// learns says whether a lookup of one of the names by a pod passes Cilium's DNS proxy: otherwise Cilium never hears which
// address the name has, and a rule by name opens nothing.
func learns(selected policy.SelectorPolicy, own *policy.EndpointPolicy, resolver *identity.Identity, names []string) bool {
	key := policy.EgressKey().WithIdentity(resolver.ID).WithPortProto(u8proto.UDP, dnsPort)
	if entry, _, _ := own.Lookup(key); !entry.IsAllow() || !entry.IsRedirectEntry() {
		return false
	}
	for filter, of := range selected.RedirectFilters() {
		if filter.Ingress || filter.Port != dnsPort || filter.U8Proto == u8proto.TCP || !of.Selector.Selects(resolver.ID) {
			continue
		}
		for _, rule := range of.Policy.DNS {
			selector := api.FQDNSelector(rule)
			if expression, err := selector.ToRegex(); err == nil && matchesAny(expression, names) {
				return true
			}
		}
	}
	return false
}

func matchesAny(expression *regexp.Regexp, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return expression.MatchString(dns.FQDN(name)) })
}
