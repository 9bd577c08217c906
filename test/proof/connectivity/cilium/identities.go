package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/ipcache"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	policytypes "github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/source"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
)

// identities gives every party the identity that Cilium's agent would give it.
type identities struct {
	allocator *testidentity.MockIdentityAllocator
	cache     *ipcache.IPCache
	// prefixes that the agent's cache of addresses knows; the longest that holds an address says who it is.
	prefixes map[netip.Prefix]bool
}

var nodeLabels = map[string]labels.Labels{"own": labels.LabelHost, "other": labels.LabelRemoteNode}

// newIdentities tells the cache of addresses what an agent is told: by its policies (CIDRs), by the nodes' objects, by the Endpoints of
// the API server, and by the answers that its DNS proxy saw.
func newIdentities(logger *slog.Logger, rules policytypes.PolicyEntries, parties []Party) (*identities, error) {
	// The agent's own allocator numbers pods' identities together with all other agents; this one numbers them by itself.
	allocator := testidentity.NewMockIdentityAllocator(nil)
	made := &identities{allocator: allocator, prefixes: map[netip.Prefix]bool{}}
	made.cache = ipcache.NewIPCache(&ipcache.Configuration{
		Context:           context.Background(),
		Logger:            logger,
		IdentityAllocator: allocator,
		IdentityUpdater:   &testidentity.IdentityAllocatorOwnerMock{},
	})
	var updates []ipcache.MU
	tell := func(prefix netip.Prefix, from source.Source, by string, told ...labels.Labels) {
		made.prefixes[prefix] = true
		update := ipcache.MU{
			Prefix:   cmtypes.NewLocalPrefixCluster(prefix),
			Source:   from,
			Resource: ipcachetypes.ResourceID(by),
		}
		for _, each := range told {
			update.Metadata = append(update.Metadata, each)
		}
		updates = append(updates, update)
	}
	for _, prefix := range policy.GetCIDRPrefixes(rules) {
		tell(prefix, source.Generated, "policy", labels.GetCIDRLabels(prefix))
	}
	for _, party := range parties {
		// Whoever is a pod is known by its labels, whatever its address.
		if party.Pod != "" || party.Address == "" {
			continue
		}
		address, err := netip.ParseAddr(party.Address)
		if err != nil || !address.Is4() {
			return nil, fmt.Errorf("%s: IPv4 address expected, got %q", party.Name, party.Address)
		}
		own := netip.PrefixFrom(address, address.BitLen())
		if party.Node != "" {
			label, is := nodeLabels[party.Node]
			if !is {
				return nil, fmt.Errorf("%s: node own or other expected, got %q", party.Name, party.Node)
			}
			tell(own, source.CustomResource, "node", label)
			if option.Config.PolicyCIDRMatchesNodes() {
				tell(own, source.CustomResource, "node-cidr", labels.GetCIDRLabels(own))
			}
		}
		if party.APIServer {
			tell(own, source.KubeAPIServer, "api-server", labels.LabelKubeAPIServer)
		}
		if found := labelsOfNames(rules, party.Names); len(found) > 0 {
			tell(own, source.Generated, "names", found)
		}
	}
	if len(updates) > 0 {
		waiting, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := made.cache.WaitForRevision(waiting, made.cache.UpsertMetadataBatch(updates...)); err != nil {
			return nil, fmt.Errorf("addresses did not become identities: %w", err)
		}
	}
	return made, nil
}

func (i *identities) ofAddress(address netip.Addr) (*identity.Identity, error) {
	longest := netip.Prefix{}
	for prefix := range i.prefixes {
		if prefix.Contains(address) && (!longest.IsValid() || prefix.Bits() > longest.Bits()) {
			longest = prefix
		}
	}
	if !longest.IsValid() {
		return identity.LookupReservedIdentity(identity.ReservedIdentityWorld), nil
	}
	found, ok := i.cache.LookupByPrefix(longest.String())
	if !ok {
		return nil, fmt.Errorf("%s has no identity", longest)
	}
	if reserved := identity.LookupReservedIdentity(found.ID); reserved != nil {
		return reserved, nil
	}
	return i.allocator.LookupIdentityByID(context.Background(), found.ID), nil
}

func (i *identities) ofPod(logger *slog.Logger, c *cluster, name string) (*identity.Identity, error) {
	pod := c.pods[name]
	if pod == nil {
		return nil, fmt.Errorf("no Pod %s among the objects", name)
	}
	namespace := c.namespaces[pod.Namespace]
	if namespace == nil {
		return nil, fmt.Errorf("no Namespace %s among the objects", pod.Namespace)
	}
	_, of := k8s.GetPodMetadata(logger, namespace, pod)
	relevant, _ := labelsfilter.Filter(labels.Map2Labels(of, labels.LabelSourceK8s))
	made, _, err := i.allocator.AllocateIdentity(context.Background(), relevant, false, identity.InvalidIdentity)
	return made, err
}

func (i *identities) of(logger *slog.Logger, c *cluster, party Party) (*identity.Identity, error) {
	switch {
	case party.Pod != "":
		return i.ofPod(logger, c, party.Pod)
	case party.Address != "":
		return i.ofAddress(netip.MustParseAddr(party.Address))
	default:
		return nil, fmt.Errorf("%s is neither pod nor address", party.Name)
	}
}
