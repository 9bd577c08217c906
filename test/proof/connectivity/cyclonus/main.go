// Command cyclonus says who may talk to whom by cyclonus' reading of Kubernetes' own NetworkPolicy.
//
//	cyclonus judge < question the answer, as JSON
//
// Question and answer are those of the program cilium beside this one. What is Cilium's own is refused, and so is an address of
// a node: the standard leaves open what a policy says of it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

const module = "github.com/mattfenwick/cyclonus"

type question struct {
	Objects             []json.RawMessage
	Parties             []party
	Ports               []port
	Resolver            string
	PolicyCIDRMatchMode []string
}

type party struct {
	Name, Pod, Address, Node string
	APIServer                bool
	Names                    []string
}

type port struct {
	Protocol string
	Port     int
}

type answer struct {
	Engine  string    `json:"engine"`
	Refused []refusal `json:"refused"`
	Pairs   []pair    `json:"pairs"`
}

type refusal struct {
	Object string `json:"object"`
	Reason string `json:"reason"`
}

type pair struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Egress   string   `json:"egress"`
	Ingress  string   `json:"ingress"`
	Policies []string `json:"policies"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cyclonus:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 || args[0] != "judge" {
		return fmt.Errorf("judge expected, got %q", args)
	}
	var asked question
	if err := strictly(json.NewDecoder(in), &asked); err != nil {
		return fmt.Errorf("question: %w", err)
	}
	answer, err := judge(asked)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(answer)
}

func strictly(decoder *json.Decoder, into any) error {
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func judge(asked question) (*answer, error) {
	made := &answer{Engine: engine(), Refused: []refusal{}, Pairs: []pair{}}
	namespaces, pods := map[string]*core.Namespace{}, map[string]*core.Pod{}
	var policies []*networking.NetworkPolicy
	for _, raw := range asked.Objects {
		var head struct {
			APIVersion, Kind string
			Metadata         struct{ Name, Namespace string }
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			return nil, err
		}
		var err error
		decoder := json.NewDecoder(bytes.NewReader(raw))
		switch head.APIVersion + " " + head.Kind {
		case "v1 Namespace":
			namespaces[head.Metadata.Name] = &core.Namespace{}
			err = decoder.Decode(namespaces[head.Metadata.Name])
		case "v1 Pod":
			pod := &core.Pod{}
			pods[head.Metadata.Namespace+"/"+head.Metadata.Name] = pod
			err = decoder.Decode(pod)
		case "networking.k8s.io/v1 NetworkPolicy":
			policy := &networking.NetworkPolicy{}
			policies = append(policies, policy)
			err = strictly(decoder, policy)
		default:
			err = errors.New("not among the kinds that are judged here")
		}
		if err != nil {
			made.Refused = append(made.Refused, refusal{head.Kind + " " + head.Metadata.Namespace + "/" + head.Metadata.Name, err.Error()})
		}
	}
	if len(made.Refused) > 0 {
		return made, nil
	}

	peers := map[string]*matcher.TrafficPeer{}
	for _, each := range asked.Parties {
		peer, err := peerOf(each, namespaces, pods)
		if err != nil {
			return nil, err
		}
		peers[each.Name] = peer
	}
	policy := matcher.BuildNetworkPolicies(false, policies)
	for _, from := range asked.Parties {
		for _, to := range asked.Parties {
			if from.Pod != "" || to.Pod != "" {
				made.Pairs = append(made.Pairs, ask(policy, asked.Ports, from.Name, to.Name, peers))
			}
		}
	}
	return made, nil
}

func peerOf(of party, namespaces map[string]*core.Namespace, pods map[string]*core.Pod) (*matcher.TrafficPeer, error) {
	if of.Node != "" {
		return nil, fmt.Errorf("%s is a node, of which NetworkPolicy says nothing that holds everywhere", of.Name)
	}
	if of.Pod == "" {
		return &matcher.TrafficPeer{IP: of.Address}, nil
	}
	pod := pods[of.Pod]
	if pod == nil || namespaces[pod.Namespace] == nil {
		return nil, fmt.Errorf("no Pod %s with its Namespace among the objects", of.Pod)
	}
	return &matcher.TrafficPeer{IP: of.Address, Internal: &matcher.InternalPeer{
		PodLabels:       pod.Labels,
		NamespaceLabels: namespaces[pod.Namespace].Labels,
		Namespace:       pod.Namespace,
	}}, nil
}

func ask(policy *matcher.Policy, ports []port, from, to string, peers map[string]*matcher.TrafficPeer) pair {
	made := pair{From: from, To: to, Policies: []string{}}
	egress, ingress := make([]byte, len(ports)), make([]byte, len(ports))
	for index, each := range ports {
		allowed := policy.IsTrafficAllowed(&matcher.Traffic{
			Source:       peers[from],
			Destination:  peers[to],
			ResolvedPort: each.Port,
			Protocol:     core.Protocol(each.Protocol),
		})
		egress[index], ingress[index] = digit(allowed.Egress.IsAllowed()), digit(allowed.Ingress.IsAllowed())
	}
	made.Egress, made.Ingress = string(egress), string(ingress)
	return made
}

func digit(is bool) byte {
	if is {
		return '1'
	}
	return '0'
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
