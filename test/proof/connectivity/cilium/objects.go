package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/cilium/cilium/pkg/k8s"
	cilium "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	core "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	networking "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/policy/api"
	policytypes "github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
)

// cluster is what the objects say, in Cilium's own types.
type cluster struct {
	namespaces map[string]*core.Namespace
	pods       map[string]*core.Pod
	rules      policytypes.PolicyEntries
	refused    []Refusal
}

type header struct {
	APIVersion, Kind string
	Metadata         struct{ Name, Namespace string }
}

func (h header) String() string {
	if h.Metadata.Namespace == "" {
		return h.Kind + " " + h.Metadata.Name
	}
	return h.Kind + " " + h.Metadata.Namespace + "/" + h.Metadata.Name
}

func readObjects(logger *slog.Logger, objects []json.RawMessage) (*cluster, error) {
	read := &cluster{namespaces: map[string]*core.Namespace{}, pods: map[string]*core.Pod{}, refused: []Refusal{}}
	for _, raw := range objects {
		var head header
		if err := json.Unmarshal(raw, &head); err != nil {
			return nil, err
		}
		entries, err := read.add(logger, head, raw)
		if err != nil {
			read.refused = append(read.refused, Refusal{head.String(), err.Error()})
		}
		for _, entry := range entries {
			// Names in verdicts are the policies' own; Cilium's labels of them hold UIDs.
			entry.Log.Value = head.String()
		}
		read.rules = append(read.rules, entries...)
	}
	return read, nil
}

func (c *cluster) add(logger *slog.Logger, head header, raw json.RawMessage) (policytypes.PolicyEntries, error) {
	switch head.APIVersion + " " + head.Kind {
	case "v1 Namespace":
		made := &core.Namespace{}
		c.namespaces[head.Metadata.Name] = made
		return nil, json.Unmarshal(raw, made)
	case "v1 Pod":
		made := &core.Pod{}
		c.pods[head.Metadata.Namespace+"/"+head.Metadata.Name] = made
		return nil, json.Unmarshal(raw, made)
	case "networking.k8s.io/v1 NetworkPolicy":
		var made networking.NetworkPolicy
		if err := json.Unmarshal(raw, &made); err != nil {
			return nil, err
		}
		return k8s.ParseNetworkPolicy(logger, clusterName, &made)
	case "cilium.io/v2 CiliumNetworkPolicy":
		var made cilium.CiliumNetworkPolicy
		if err := strictly(raw, &made); err != nil {
			return nil, err
		}
		rules, err := made.Parse(logger, clusterName)
		return entriesOf(rules, err)
	case "cilium.io/v2 CiliumClusterwideNetworkPolicy":
		var made cilium.CiliumClusterwideNetworkPolicy
		if err := strictly(raw, &made); err != nil {
			return nil, err
		}
		rules, err := made.Parse(logger, clusterName)
		return entriesOf(rules, err)
	default:
		return nil, fmt.Errorf("not among the kinds that are judged here")
	}
}

func strictly(raw json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// entriesOf refuses what is valid to Cilium and would be judged wrongly here, since this program has no Services, cloud groups,
// host firewall.
func entriesOf(rules api.Rules, err error) (policytypes.PolicyEntries, error) {
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		if rule.NodeSelector.LabelSelector != nil {
			return nil, fmt.Errorf("a nodeSelector does nothing while Cilium's host firewall is off")
		}
		for _, egress := range rule.Egress {
			if len(egress.ToServices) > 0 || len(egress.ToGroups) > 0 {
				return nil, fmt.Errorf("toServices and toGroups are not judged here")
			}
		}
	}
	return policyutils.RulesToPolicyEntries(rules), nil
}
