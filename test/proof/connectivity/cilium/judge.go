package main

import (
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

const (
	module = "github.com/cilium/cilium"
	// The name that Cilium's chart gives a cluster that is told none; AKS's is another, which no policy of ours says.
	clusterName = "default"
)

func judge(logger *slog.Logger, question Question) (*Answer, error) {
	configure(logger, question)
	read, err := readObjects(logger, question.Objects)
	if err != nil {
		return nil, err
	}
	answer := &Answer{Engine: engine(), Refused: read.refused, Pairs: []Pair{}}
	if len(read.refused) > 0 {
		return answer, nil
	}
	looked, err := newWorld(logger, read, question, true)
	if err != nil {
		return nil, err
	}
	// As it is for a pod whose lookups Cilium does not see.
	unseen, err := newWorld(logger, read, question, false)
	if err != nil {
		return nil, err
	}
	for _, from := range question.Parties {
		for _, to := range question.Parties {
			if from.Pod == "" && to.Pod == "" {
				continue
			}
			in := looked
			if from.Pod != "" && len(to.Names) > 0 && !looked.learns(from, question.Resolver, to.Names) {
				in = unseen
			}
			pair, err := in.ask(question.Ports, from, to)
			if err != nil {
				return nil, err
			}
			answer.Pairs = append(answer.Pairs, pair)
		}
	}
	return answer, nil
}

// configure sets what the agent reads from its configuration; what is not here is as Cilium has it by default.
func configure(logger *slog.Logger, question Question) {
	option.Config.EnableIPv4 = true
	option.Config.EnableIPv6 = false
	option.Config.ClusterName = clusterName
	option.Config.PolicyCIDRMatchMode = question.PolicyCIDRMatchMode
	// The agent makes `always` of `auto` where it runs for Kubernetes: kubelet's probes have to reach pods.
	option.Config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways
	policy.SetPolicyEnabled(option.DefaultEnforcement)
	api.InitEntities(clusterName)
	if err := labelsfilter.ParseLabelPrefixCfg(logger, nil, nil, ""); err != nil {
		panic(err)
	}
}

// world is what an agent knows: who everybody is, and the policies of those that are pods.
type world struct {
	who      map[string]*identity.Identity
	selected map[string]policy.SelectorPolicy
	policies map[string]*policy.EndpointPolicy
}

func newWorld(logger *slog.Logger, read *cluster, question Question, names bool) (*world, error) {
	parties := slices.Clone(question.Parties)
	if !names {
		for index := range parties {
			parties[index].Names = nil
		}
	}
	identities, err := newIdentities(logger, read.rules, parties)
	if err != nil {
		return nil, err
	}
	made := &world{
		who:      map[string]*identity.Identity{},
		selected: map[string]policy.SelectorPolicy{},
		policies: map[string]*policy.EndpointPolicy{},
	}
	all := identity.ListReservedIdentities()
	for _, party := range parties {
		found, err := identities.of(logger, read, party)
		if err != nil {
			return nil, err
		}
		made.who[party.Name] = found
		all[found.ID] = found.LabelArray
	}
	if question.Resolver != "" && made.who[question.Resolver] == nil {
		return nil, fmt.Errorf("resolver %q is none of the parties", question.Resolver)
	}

	repository := policy.NewPolicyRepository(
		logger, all, nil, nil, identitymanager.NewIDManager(logger), testpolicy.NewPolicyMetricsNoop())
	repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	repository.GetSubjectSelectorCache().UpdateIdentities(all, nil, &sync.WaitGroup{})
	repository.MustAddPolicyEntries(read.rules)
	for _, party := range parties {
		if party.Pod == "" {
			continue
		}
		selected, _, err := repository.ComputeSelectorPolicy(made.who[party.Name])
		if err != nil {
			return nil, fmt.Errorf("policy of %s: %w", party.Name, err)
		}
		redirects := map[string]uint16{policy.FallbackRedirectID: math.MaxUint16}
		made.selected[party.Name] = selected
		made.policies[party.Name] = selected.DistillPolicy(logger, endpoint{}, redirects)
	}
	return made, nil
}

func (w *world) learns(from Party, resolver string, names []string) bool {
	return resolver != "" && learns(w.selected[from.Name], w.policies[from.Name], w.who[resolver], names)
}

func (w *world) ask(ports []Port, from, to Party) (Pair, error) {
	pair := Pair{From: from.Name, To: to.Name, Policies: []string{}}
	egress, ingress := make([]byte, len(ports)), make([]byte, len(ports))
	verdict := func(of string, key policy.Key) byte {
		own, has := w.policies[of]
		if !has {
			return '1' // Nothing enforces what a node or an outsider sends or takes.
		}
		entry, rules, _ := own.Lookup(key)
		for _, name := range rules.Log() {
			if !slices.Contains(pair.Policies, name) {
				pair.Policies = append(pair.Policies, name)
			}
		}
		if entry.IsAllow() {
			return '1'
		}
		return '0'
	}
	for index, port := range ports {
		protocol, err := u8proto.ParseProtocol(port.Protocol)
		if err != nil {
			return pair, err
		}
		toIt := policy.EgressKey().WithIdentity(w.who[to.Name].ID)
		fromIt := policy.IngressKey().WithIdentity(w.who[from.Name].ID)
		egress[index] = verdict(from.Name, toIt.WithPortProto(protocol, port.Port))
		ingress[index] = verdict(to.Name, fromIt.WithPortProto(protocol, port.Port))
	}
	pair.Egress, pair.Ingress = string(egress), string(ingress)
	slices.Sort(pair.Policies)
	return pair, nil
}

func engine() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range build.Deps {
			if dependency.Path == module {
				return module + " " + dependency.Version
			}
		}
	}
	return module
}

// endpoint is a pod's end of its policy, of which the engine asks who it is and nothing else that matters here.
type endpoint struct{}

func (endpoint) GetID() uint64                                      { return 1 }
func (endpoint) GetIngressNamedPort(string, u8proto.U8proto) uint16 { return 0 }
func (endpoint) PolicyDebug(string, ...any)                         {}
func (endpoint) IsHost() bool                                       { return false }
func (endpoint) PreviousMapStateSizes() policy.MapStateSizes        { return policy.MapStateSizes{} }
func (endpoint) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}
